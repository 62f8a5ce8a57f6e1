"""When people of the demo work, and when its sessions are held: ten weeks back and six ahead."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from provider.commands.demo.schemes import COURSES
from provider.commands.demo.stage import WEEKS_BACK, Stage
from provider.domain.courses.sessions import PlannedSession
from provider.domain.diary.hours import Lunch
from provider.domain.diary.weeks import DayHours, Week
from provider.kernel.actors import Actor
from provider.kernel.calendar import at_london, is_working_day
from provider.pathway import rostering
from provider.pathway.scheduling import put_session_on

WEEKS_AHEAD = 6

# Weekday, from, until: most work office hours; one has two late days, because people answer in the evening.
_OFFICE = tuple((day, time(9), time(17)) for day in range(5))
_LATE = tuple(
    (day, time(12) if day in (1, 3) else time(9), time(20) if day in (1, 3) else time(17)) for day in range(5)
)
_IN_A_ROOM = {("awareness", 3): "Room 2, 14 Mill Lane, Coventry"}

_HOURS = {
    "worker_1": _OFFICE,
    "worker_2": _OFFICE,
    "worker_3": _LATE,
    "worker_4": _OFFICE,
    "team_lead": _OFFICE,
}

# Minutes kept free after each call, and the most calls a day. Everybody has half an hour of lunch.
_LAYOUTS = {"worker_1": (15, None), "worker_2": (0, 7), "worker_3": (15, 6), "worker_4": (0, None)}
_LANGUAGES = {"worker_1": ("cy",), "worker_3": ("pa", "ur"), "worker_4": ("pl",)}
_LUNCH = Lunch(11 * 60 + 30, 14 * 60 + 30, 30)

# Course, weekday, start, places, facilitator. The small one, every other week, is the one that people wait for; one is
# in a room each week, for whom online does not suit.
_TIMETABLE = (
    ("awareness", 1, time(18), 12, "facilitator_1"),
    ("awareness", 3, time(10), 12, "facilitator_2"),
    ("cannabis", 2, time(18), 14, "facilitator_1"),
    ("cannabis", 5, time(10), 14, "facilitator_2"),
    ("stimulants", 4, time(14), 2, "facilitator_1"),
    ("young-people", 0, time(16, 30), 4, "facilitator_2"),
)


def put_up_hours(stage: Stage, *, today: date) -> None:
    """Set by the team lead before anything else happened; languages with them."""
    since = today - timedelta(weeks=WEEKS_BACK + 4)
    lead, then = Actor("account", stage.accounts["team_lead"]), at_london(since, time(9))
    for key, hours in _HOURS.items():
        buffer_minutes, most_calls = _LAYOUTS.get(key, (0, None))
        week = Week(
            tuple(DayHours(weekday, _minute(start), _minute(end)) for weekday, start, end in hours),
            buffer_minutes=buffer_minutes,
            most_calls=most_calls,
            lunch=_LUNCH,
        )
        worker_id = stage.accounts[key]
        rostering.set_week(worker_id, week, valid_from=since, valid_until=None, by=lead, now=then)
        rostering.set_languages(worker_id, _LANGUAGES.get(key, ()), by=lead, now=then)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def put_up_sessions(stage: Stage, random: Random, *, now: datetime, from_day: date) -> list[int]:
    """Sessions of ten weeks gone and six to come, put on before the first of them began; their ids, in order."""
    monday = from_day - timedelta(days=from_day.weekday())
    made = []
    for week in range(WEEKS_BACK + WEEKS_AHEAD):
        for course, weekday, start, places, facilitator in _TIMETABLE:
            day = monday + timedelta(weeks=week, days=weekday)
            scarce = course == "stimulants" and week % 2 == 0
            holiday = weekday < 5 and not is_working_day(day)
            if day > from_day and not scarce and not holiday:
                made.append(
                    _session(
                        stage,
                        random,
                        course,
                        at_london(day, start),
                        places,
                        facilitator,
                        held_at=_IN_A_ROOM.get((course, weekday)),
                        now=now,
                    )
                )
    return made


def _session(
    stage: Stage,
    random: Random,
    course: str,
    starts_at: datetime,
    places: int,
    facilitator: str,
    *,
    held_at: str | None,
    now: datetime,
) -> int:
    minutes = next(kind.minutes for kind in COURSES if kind.code == course)
    meeting = str(random.randint(80_000_000_000, 89_999_999_999))
    planned = PlannedSession(
        course_id=stage.courses[course],
        starts_at=starts_at,
        minutes=minutes,
        capacity=places,
        facilitator_id=stage.accounts[facilitator],
        join_url="" if held_at else f"https://meet.example/j/{meeting}",
        meeting_number=None if held_at else meeting,
        dial_in=None if held_at else f"0330 088 5830, then {meeting}#",
        held_at=held_at,
    )
    return put_session_on(planned, by=stage.actor("team_lead"), now=now).id
