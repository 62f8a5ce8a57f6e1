"""Where the demo plays: forces, schemes, keys, staff, courses. Made again, nothing is there twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from provider.commands.demo.schemes import COURSES, FORCES, PLANNED, SCHEMES
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Role
from provider.domain.courses.kinds import add_course
from provider.domain.courses.models import Course
from provider.domain.forces.keys import live_keys
from provider.domain.forces.models import Force
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.pathway.agreeing import change_terms, set_terms
from provider.pathway.commissioning import add_force

WEEKS_BACK = 10


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
        there = set(schemes_of(found[code], at=now))
        for scheme, (scheme_name, terms) in SCHEMES[code].items():
            # What somebody has changed at the desk since is theirs.
            if scheme not in there:
                set_terms(found[code], scheme, scheme_name, terms, by=SYSTEM, now=now)
    return found


def plan_ahead(stage: Stage, *, now: datetime) -> None:
    """What has been agreed for the month after next: a version that waits for its day."""
    for (force, scheme), agreed in PLANNED.items():
        present = schemes_of(stage.forces[force], at=now)[scheme]
        change_terms(
            present.id,
            present.terms.model_copy(update=dict(agreed)),
            from_day=_first_of_the_month_after_next(london_date(now)),
            seen=present.version,
            by=stage.actor("team_lead"),
            now=now,
        )


def _first_of_the_month_after_next(day: date) -> date:
    month = day.month + 1
    return date(day.year + month // 12, month % 12 + 1, 1)


def put_up_courses() -> dict[str, int]:
    found = {row[0]: row[1] for row in db.session.execute(sa.select(Course.code, Course.id))}
    for kind in COURSES:
        if kind.code not in found:
            found[kind.code] = add_course(kind).id
    return found


def stage_of(forces: Mapping[str, int], courses: Mapping[str, int], *, now: datetime) -> Stage:
    ids = {row[0]: row[1] for row in db.session.execute(sa.select(Account.email, Account.id))}
    accounts = {part.key: ids[part.email] for part in CAST}
    workers = tuple(accounts[part.key] for part in CAST if part.role is Role.DRUG_WORKER)
    keys = {code: live_keys(force_id, now=now)[0].id for code, force_id in forces.items()}
    return Stage(forces, keys, courses, accounts, workers)


def first_day(now: datetime) -> date:
    """The London day on which the demo begins."""
    return london_date(now) - timedelta(weeks=WEEKS_BACK)
