"""Where the demo plays: forces, schemes, keys, staff, hours, courses, sessions. Made again, nothing is there twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

import sqlalchemy as sa

from provider.commands.demo.schemes import COURSES, FORCES, SCHEMES
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Role
from provider.domain.courses.models import Course
from provider.domain.courses.sessions import PlannedSession
from provider.domain.diary.models import WorkingPattern
from provider.domain.forces.keys import live_keys
from provider.domain.forces.models import Force
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db
from provider.pathway.commissioning import add_force, set_terms
from provider.pathway.scheduling import put_session_on

WEEKS_BACK, WEEKS_AHEAD = 10, 6


@dataclass(frozen=True)
class Part:
    """Somebody who signs in: the key the demo knows them by, and what their account says."""

    key: str
    email: str
    name: str
    role: Role
    force: str | None = None
    collar_number: str | None = None
    second_factor: bool = False


_AT = "waymark.example"
CAST = (
    Part("worker_1", f"maya.brook@{_AT}", "Maya Brook", Role.DRUG_WORKER),
    Part("worker_2", f"tom.ellery@{_AT}", "Tom Ellery", Role.DRUG_WORKER),
    Part("worker_3", f"sunita.rai@{_AT}", "Sunita Rai", Role.DRUG_WORKER),
    Part("worker_4", f"daniel.osei@{_AT}", "Daniel Osei", Role.DRUG_WORKER),
    Part("facilitator_1", f"ruth.kemp@{_AT}", "Ruth Kemp", Role.FACILITATOR),
    Part("facilitator_2", f"gareth.lloyd@{_AT}", "Gareth Lloyd", Role.FACILITATOR),
    Part("team_lead", f"helen.moss@{_AT}", "Helen Moss", Role.TEAM_LEAD),
    Part("clinical_lead", f"anil.desai@{_AT}", "Anil Desai", Role.CLINICAL_LEAD),
    Part("administrator", f"nora.quinn@{_AT}", "Nora Quinn", Role.ADMINISTRATOR, second_factor=True),
    Part("commissioner", "commissioner@council.example", "Peter Vane", Role.COMMISSIONER),
    Part("officer_1", "4312@midshire.example", "PC Dawn Archer", Role.OFFICER, "midshire", "4312"),
    Part("officer_2", "5120@midshire.example", "PC Imran Shah", Role.OFFICER, "midshire", "5120"),
    Part("desk_1", "diversion@midshire.example", "Carol Finch", Role.FORCE_ADMINISTRATOR, "midshire"),
    Part("officer_3", "2207@thamesford.example", "PC Owen Price", Role.OFFICER, "thamesford", "2207"),
    Part("desk_2", "diversion@thamesford.example", "Ian Frost", Role.FORCE_ADMINISTRATOR, "thamesford"),
)

# Weekday, from, until: most work office hours; one has two late days, because people answer in the evening.
_OFFICE = tuple((day, time(9), time(17)) for day in range(5))
_LATE = tuple(
    (day, time(12) if day in (1, 3) else time(9), time(20) if day in (1, 3) else time(17)) for day in range(5)
)
_HOURS = {
    "worker_1": _OFFICE,
    "worker_2": _OFFICE,
    "worker_3": _LATE,
    "worker_4": _OFFICE,
    "team_lead": _OFFICE,
}

# Course, weekday, start, places, facilitator. The small one, every other week, is the one that people wait for.
_TIMETABLE = (
    ("awareness", 1, time(18), 12, "facilitator_1"),
    ("awareness", 3, time(10), 12, "facilitator_2"),
    ("cannabis", 2, time(18), 14, "facilitator_1"),
    ("cannabis", 5, time(10), 14, "facilitator_2"),
    ("stimulants", 4, time(14), 3, "facilitator_1"),
    ("young-people", 0, time(16, 30), 8, "facilitator_2"),
)


@dataclass(frozen=True)
class Stage:
    """Ids by the code or key of what was put up; ``keys`` are the API keys, by force."""

    forces: Mapping[str, int]
    keys: Mapping[str, int]
    courses: Mapping[str, int]
    accounts: Mapping[str, int]
    workers: tuple[int, ...]

    def actor(self, key: str) -> Actor:
        return Actor("account", self.accounts[key])


def put_up_forces(*, now: datetime) -> dict[str, int]:
    """Both forces and their schemes, as they stood before the first referral came."""
    found = {row[0]: row[1] for row in db.session.execute(sa.select(Force.code, Force.id))}
    for code, name in FORCES.items():
        if code not in found:
            found[code] = add_force(code, name, by=SYSTEM, now=now).id
        for scheme, (scheme_name, terms) in SCHEMES[code].items():
            set_terms(found[code], scheme, scheme_name, terms, by=SYSTEM, now=now)
    return found


def put_up_courses() -> dict[str, int]:
    found = {row[0]: row[1] for row in db.session.execute(sa.select(Course.code, Course.id))}
    for code, name, minutes, minimum, young in COURSES:
        if code not in found:
            course = Course(
                code=code, name=name, minutes=minutes, minimum_minutes=minimum, young_people=young
            )
            db.session.add(course)
            db.session.flush()
            found[code] = course.id
    return found


def stage_of(forces: Mapping[str, int], courses: Mapping[str, int], *, now: datetime) -> Stage:
    ids = {row[0]: row[1] for row in db.session.execute(sa.select(Account.email, Account.id))}
    accounts = {part.key: ids[part.email] for part in CAST}
    workers = tuple(accounts[key] for key in _HOURS if key.startswith("worker"))
    keys = {code: live_keys(force_id, now=now)[0].id for code, force_id in forces.items()}
    return Stage(forces, keys, courses, accounts, workers)


def put_up_hours(stage: Stage, *, today: date) -> None:
    since = today - timedelta(weeks=WEEKS_BACK + 4)
    db.session.add_all(
        WorkingPattern(
            worker_id=stage.accounts[key],
            weekday=weekday,
            from_minute=start.hour * 60 + start.minute,
            until_minute=end.hour * 60 + end.minute,
            valid_from=since,
        )
        for key, hours in _HOURS.items()
        for weekday, start, end in hours
    )


def put_up_sessions(stage: Stage, random: Random, *, now: datetime, from_day: date) -> list[int]:
    """Sessions of ten weeks gone and six to come, put on before the first of them began; their ids, in order."""
    monday = from_day - timedelta(days=from_day.weekday())
    made = []
    for week in range(WEEKS_BACK + WEEKS_AHEAD):
        for course, weekday, start, places, facilitator in _TIMETABLE:
            day = monday + timedelta(weeks=week, days=weekday)
            scarce = course == "stimulants" and week % 2 == 0
            if day > from_day and not scarce:
                made.append(
                    _session(stage, random, course, at_london(day, start), places, facilitator, now=now)
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
    now: datetime,
) -> int:
    minutes = next(length for code, _, length, _, _ in COURSES if code == course)
    meeting = str(random.randint(80_000_000_000, 89_999_999_999))
    planned = PlannedSession(
        course_id=stage.courses[course],
        starts_at=starts_at,
        minutes=minutes,
        capacity=places,
        facilitator_id=stage.accounts[facilitator],
        join_url=f"https://meet.example/j/{meeting}",
        meeting_number=meeting,
    )
    return put_session_on(planned, by=stage.actor("team_lead"), now=now).id


def first_day(now: datetime) -> date:
    """The London day on which the demo begins."""
    return london_date(now) - timedelta(weeks=WEEKS_BACK)
