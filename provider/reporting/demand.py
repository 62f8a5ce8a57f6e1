"""How many places each course will need in the next eight weeks, beside those there are; and when people could come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from provider.domain.contact.times import PartOfDay, suiting
from provider.domain.courses.forecast import (
    WEEKS,
    Chance,
    Needed,
    forecast,
    left_waiting,
    sessions_short,
    share,
    spread,
)
from provider.domain.courses.models import Course, CourseSession
from provider.domain.courses.waiting import free_places
from provider.domain.referrals.status import Status
from provider.kernel.calendar import london_date
from provider.reporting import pipeline
from provider.reporting.pipeline import Learnt, OnTheWay, Shown

A_WEEK = timedelta(weeks=1)
SATURDAY = 5
PLACES = 12
"""How many places a session has that nobody has put on yet."""

FEWEST = 6
"""For so many without a place a session is put on within the week."""

COMES_TO_A_COURSE = 0.45
"""Of those accepted, the share assumed to come to a course while little is known: two in three come to the assessment
(domain.md, section 2), and most of these go on to one.
"""
BOOKED_COMES = 0.7
SHOWS, AGAIN = 0.65, 0.2
UNTIL_ASSESSED = (0.3, 0.3, 0.2, 0.1, 0.05, 0.05, 0.0, 0.0)
AT_ONCE = (1.0, *(0.0,) * (WEEKS - 1))


@dataclass(frozen=True)
class Week:
    """``left`` are those still without a place at its end; ``short`` the sessions it takes beside those there are."""

    monday: date
    needed: Needed
    free: int
    left: int
    short: int


@dataclass(frozen=True)
class CourseDemand:
    """One course in one ``language``: the course's own where that is None, else one that an interpreter is needed for.

    ``asked`` counts the parts of the day in which those on the way said they can be reached. ``show_rate`` is the share
    of places that somebody came to, ``seen`` how many places that rests on.
    """

    course_id: int
    course: str
    minutes: int
    young_people: bool
    language: str | None
    weeks: tuple[Week, ...]
    waiting_now: int
    asked: Mapping[PartOfDay, int]
    show_rate: float
    seen: int

    @property
    def short(self) -> int:
        return sum(week.short for week in self.weeks)

    @property
    def asked_most_first(self) -> tuple[tuple[PartOfDay, int], ...]:
        return tuple(sorted(self.asked.items(), key=lambda one: (-one[1], one[0])))

    @property
    def most(self) -> int:
        """The longest that a bar of the picture is."""
        return max(1, *(max(week.needed.high, week.free) for week in self.weeks))


@dataclass(frozen=True)
class DemandPage:
    """Courses by name; those that are short of sessions come first. ``learnt_from`` referrals before these."""

    courses: tuple[CourseDemand, ...]
    learnt_from: int


@dataclass(frozen=True)
class _Known:
    """All that was read; ``free`` places by session."""

    people: Sequence[OnTheWay]
    before: Learnt
    a_week: Mapping[tuple[bool, str | None], float]
    shown: Mapping[int, Shown]
    courses: Sequence[Course]
    sessions: Sequence[CourseSession]
    free: Mapping[int, int]
    mondays: tuple[date, ...]
    today: date


def demand_page(*, now: datetime) -> DemandPage:
    """In seven queries, however many people are on the way."""
    mondays = mondays_ahead(now)
    sessions = pipeline.coming(until=mondays[-1] + A_WEEK, now=now)
    known = _Known(
        people=pipeline.on_the_way(now=now),
        before=pipeline.learnt(now=now),
        a_week=pipeline.referred_a_week(now=now),
        shown=pipeline.show_rates(now=now),
        courses=pipeline.courses_run(),
        sessions=sessions,
        free=free_places([session.id for session in sessions]),
        mondays=mondays,
        today=london_date(now),
    )
    lines = [line for course in known.courses for line in _of_course(course, known)]
    lines.sort(key=lambda line: not line.short)
    return DemandPage(tuple(lines), sum(known.before.accepted.values()))


def mondays_ahead(now: datetime) -> tuple[date, ...]:
    """The Mondays of the weeks that are looked at: from the one that has begun, or at a weekend from the next."""
    today = london_date(now)
    first = today - timedelta(days=today.weekday())
    if today.weekday() >= SATURDAY:
        first += A_WEEK
    return tuple(first + week * A_WEEK for week in range(WEEKS))


def still_to_come(monday: date, *, today: date) -> float:
    """The share of the week from ``monday`` in which people will yet be referred; all of one that has not begun."""
    return min((monday + A_WEEK - today) / A_WEEK, 1.0)


def _of_course(course: Course, known: _Known) -> list[CourseDemand]:
    """The course in its own language; and in every other that somebody needs an interpreter for."""
    concerned = [one for one in known.people if one.young == course.young_people]
    languages = {one.language for one in concerned if one.course_id == course.id} | {None}
    return [
        _line(course, language, [one for one in concerned if one.language == language], known)
        for language in sorted(languages, key=lambda code: (code is not None, code or ""))
    ]


def _line(course: Course, language: str | None, people: Sequence[OnTheWay], known: _Known) -> CourseDemand:
    shown = known.shown.get(course.id, Shown())
    again = share(shown.again, shown.places, assumed=AGAIN)
    needed = forecast(_chances(course, language, people, again, known), misses=again)
    return CourseDemand(
        course_id=course.id,
        course=course.name,
        minutes=course.minutes,
        young_people=course.young_people,
        language=language,
        weeks=_weeks(needed, _places(course, language, known), known),
        waiting_now=sum(one.course_id == course.id for one in people if _is_without_place(one)),
        asked=_asked(course, people),
        show_rate=share(shown.came, shown.places, assumed=SHOWS),
        seen=shown.places,
    )


def _places(course: Course, language: str | None, known: _Known) -> list[int]:
    """Free places by week; there are none for who needs an interpreter before somebody has asked for one."""
    here = [one for one in known.sessions if one.course_id == course.id and language is None]
    return [
        sum(known.free.get(one.id, 0) for one in here if _week_of(one.starts_at, known.mondays[0]) == week)
        for week in range(WEEKS)
    ]


def _week_of(moment: datetime, monday: date) -> int:
    return (london_date(moment) - monday) // A_WEEK


def _weeks(needed: Sequence[Needed], places: Sequence[int], known: _Known) -> tuple[Week, ...]:
    likely = [week.likely for week in needed]
    left = left_waiting(likely, places)
    more = sessions_short(likely, places, capacity=PLACES, fewest=FEWEST, from_week=_next_week(known))
    rows = zip(known.mondays, needed, places, left, more, strict=True)
    return tuple(
        Week(monday, need, there, round(waiting), short) for monday, need, there, waiting, short in rows
    )


def _next_week(known: _Known) -> int:
    """A session is put on for next week at the soonest: people have to hear of it."""
    return int(known.mondays[0] <= known.today)


def _chances(
    course: Course, language: str | None, people: Sequence[OnTheWay], again: float, known: _Known
) -> list[Chance]:
    """Who needs a place now, who may come to need one, who may need another, and who is yet to be referred."""
    young, before, monday = course.young_people, known.before, known.mondays[0]
    assumed = 1 / sum(one.young_people == young for one in known.courses)
    came = before.to_course[young, course.id]
    accepted = share(came, before.accepted[young], assumed=COMES_TO_A_COURSE * assumed)
    booked = share(came, before.booked[young], assumed=BOOKED_COMES * assumed)
    weeks = spread(before.weeks[young], assumed=UNTIL_ASSESSED)
    here = [one for one in people if one.course_id == course.id]
    now = sum(one.in_a_group and _is_without_place(one) for one in here)
    ringing = sum(one.status == Status.ACCEPTED for one in people)
    calls = [one.call_at for one in people if one.status == Status.ASSESSMENT_BOOKED and one.call_at]
    sessions = [one.place_at for one in here if one.status == Status.PLACED and one.place_at]
    a_week = known.a_week.get((young, language), 0.0)
    return [
        Chance(now, 1.0, AT_ONCE),
        Chance(ringing, accepted, weeks),
        *(Chance(1, booked, _in_week(_week_of(at, monday))) for at in calls),
        *(Chance(1, again, _in_week(_week_of(at, monday) + 1)) for at in sessions),
        *(
            Chance(a_week * part, accepted, _later(weeks, week), to_come=True)
            for week, part in enumerate(still_to_come(monday, today=known.today) for monday in known.mondays)
        ),
    ]


def _is_without_place(one: OnTheWay) -> bool:
    return one.status in (Status.ASSESSED, Status.WAITING)


def _in_week(week: int) -> tuple[float, ...]:
    """All of it in one week; what was due in one that is over is due now, what comes past the last in none."""
    return tuple(float(max(week, 0) == each) for each in range(WEEKS))


def _later(weeks: Sequence[float], by: int) -> tuple[float, ...]:
    return (0.0,) * by + tuple(weeks[: WEEKS - by])


def _asked(course: Course, people: Sequence[OnTheWay]) -> Mapping[PartOfDay, int]:
    """In which parts of the day those who may come to the course said that they can be reached."""
    parts: Counter[PartOfDay] = Counter()
    for one in people:
        if one.status != Status.PLACED and one.course_id in (None, course.id):
            parts.update({window.part for window in suiting(one.best_times)})
    return parts
