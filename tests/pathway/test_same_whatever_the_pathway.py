"""A group course, young people's work, a one-to-one and treatment, each to each ending at the same hours: whatever the
force can read is the same, byte for byte but for identifiers – how many events, in which order, at which moment too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.compliance import feed
from provider.domain.compliance.delivery import event_body
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.diary.queries import booked_appointment
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Referral
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.kernel.database import db, transaction
from provider.pathway import booking, ending, keeping
from tests.builders import World, add_session, build_world
from tests.conftest import empty
from tests.desk import sign_in
from tests.doors.police import Police
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import Walk, checked

ADULT = ("divert-adult", "1990-05-14")
YOUNG = ("divert-young-people", "2010-05-14")
PATHWAYS: dict[str, tuple[tuple[str, str], str]] = {
    "group_course": (ADULT, "awareness"),
    "young_people_course": (YOUNG, "young-people"),
    "one_to_one": (ADULT, "awareness"),
    "structured_treatment": (ADULT, "awareness"),
}
"""By pathway: the scheme and date of birth of somebody who takes it, and a course."""

CALLS = {"one_to_one": "one_to_one", "structured_treatment": "treatment"}
ASSESSED_AT, OFFERED_AT = A_TUESDAY + timedelta(days=2), A_TUESDAY + timedelta(days=2, hours=2)
HELD_AT = A_TUESDAY + timedelta(days=7)


@dataclass
class Way:
    """One person on one pathway: what was offered them takes place, or not, at the hours that are said."""

    walk: Walk
    referral: Referral
    pathway: str

    @property
    def case_id(self) -> int:
        return self.walk.case(self.referral).id

    def waits(self) -> None:
        """Between the assessment and what is offered; for a course on its list."""
        if self.pathway not in CALLS:
            self.walk.waiting(self.referral, PATHWAYS[self.pathway][1])

    def offered(self, at: datetime) -> int:
        """The id of the place or of the appointment, which is at this hour."""
        if self.pathway in CALLS:
            with transaction():
                return booking.book(
                    self.case_id,
                    starts_at=at,
                    kind=CALLS[self.pathway],
                    by=self.walk.worker,
                    now=self.walk.now,
                ).id
        session_id = add_session(self.walk.world, course=PATHWAYS[self.pathway][1], starts_at=at)
        self.session_id = session_id
        return self.walk.placed(self.referral, session_id)

    def settled(self, offered: int, at: datetime, *, came: bool) -> None:
        """Four hours after it began it is said whether they came."""
        self.walk.clock.set(at + timedelta(hours=4))
        if self.pathway not in CALLS:
            self.walk.ran(self.session_id, {offered: Attendance.ATTC if came else Attendance.UAAB})
            return
        say = keeping.record_took_place if came else keeping.record_missed
        with transaction():
            say(offered, by=self.walk.worker, now=self.walk.now)

    def takes(self, *times: bool) -> None:
        """Offered once a week, and came or did not."""
        for week, came in enumerate(times):
            at = HELD_AT + timedelta(weeks=week)
            self.settled(self.offered(at), at, came=came)


def nothing_yet(way: Way) -> None:
    """Assessed, and no more."""


def waiting(way: Way) -> None:
    way.waits()


def placed(way: Way) -> None:
    way.waits()
    way.offered(HELD_AT)


def completed(way: Way) -> None:
    way.takes(True)


def missed_once(way: Way) -> None:
    way.takes(False)


def missed_and_completed(way: Way) -> None:
    way.takes(False, True)


def missed_out(way: Way) -> None:
    way.takes(False, False)


def missed_out_and_came_back(way: Way) -> None:
    way.takes(False, False)
    way.walk.clock.advance(days=3)
    way.walk.reopened(way.referral)
    at = HELD_AT + timedelta(weeks=3)
    way.settled(way.offered(at), at, came=True)


def declined(way: Way) -> None:
    way.offered(HELD_AT)
    way.walk.rung(way.referral, AttemptOutcome.DECLINED)


def not_reached(way: Way) -> None:
    way.offered(HELD_AT)
    with transaction():
        ending.end_unreachable(way.case_id, reason=NotReached.HOSPITAL, by=way.walk.worker, now=way.walk.now)


def withdrawn(way: Way) -> None:
    way.offered(HELD_AT)
    way.walk.withdrawn(way.referral)


ENDINGS: tuple[Callable[[Way], None], ...] = (
    *(nothing_yet, waiting, placed, completed, missed_once, missed_and_completed, missed_out),
    *(missed_out_and_came_back, declined, not_reached, withdrawn),
)


def on(app: Flask, clock: MovableClock, pathway: str, end: Callable[[Way], None]) -> list[tuple[str, str]]:
    """All that the force reads of somebody who took this pathway to this ending, in a world of their own."""
    empty(app)
    clock.set(A_TUESDAY)
    world = build_world(app)
    with app.app_context():
        _make_schemes_alike(world)
        walk = Walk(world, clock)
        (scheme, born), course = PATHWAYS[pathway]
        referral = walk.referred(
            scheme=scheme,
            force_reference="20/1/26",
            person=checked(
                date_of_birth=born, responsible_adult={"name": "Alex Example", "relationship": "parent"}
            ),
        )
        with transaction():
            mine = {"officer_account_id": world.accounts["officer"]}
            db.session.execute(sa.update(Referral).where(Referral.id == referral.id).values(mine))
        walk.booked(referral)
        appointment = booked_appointment(walk.case(referral).id)
        assert appointment is not None
        clock.set(max(appointment.starts_at, ASSESSED_AT))
        walk.assessed(referral, pathway=pathway, course=course)
        clock.set(OFFERED_AT)
        end(Way(walk, referral, pathway))
        db.session.rollback()
    return [(where, alike(text, referral.reference)) for where, text in everything(world, referral)]


def _make_schemes_alike(world: World) -> None:
    """Only the ages differ, so that what is left to differ is the pathway."""
    terms = {
        code: db.session.scalars(
            sa.select(SchemeTerms).where(SchemeTerms.scheme_id == world.schemes[code])
        ).one()
        for code, _ in (ADULT, YOUNG)
    }
    young = terms[YOUNG[0]]
    ages = {name: young.terms[name] for name in ("age_from", "age_to")}
    with transaction():
        young.terms = {**terms[ADULT[0]].terms, **ages}
        db.session.add(young)
        db.session.execute(sa.update(Scheme).where(Scheme.code == ADULT[0]).values(name="The scheme"))
        db.session.execute(sa.update(Scheme).where(Scheme.code == YOUNG[0]).values(name="The scheme"))
    db.session().info.pop("schemes", None)


def everything(world: World, referral: Referral) -> Iterator[tuple[str, str]]:
    """Every byte that the force, its administrator or its officer can read of it, by where it is read."""
    police = Police(world.app.test_client(), world.keys["midshire"])
    events = police.get("/compliance-events?limit=500")
    yield "feed", events.text
    for event in events.get_json()["events"]:
        yield f"event {event['sequence']}", police.get(f"/compliance-events/{event['id']}").text
    yield "referral", police.get(f"/referrals/{referral.reference}").text
    yield "report", police.get("/compliance-report.csv").text
    with world.app.app_context():
        for told in feed.page(world.forces["midshire"], after=None, limit=500).events:
            yield f"notice {told.sequence}", event_body(told).decode()
    for who, door in (("force_administrator", "force."), ("officer", "officer.")):
        client = world.app.test_client()
        sign_in(client, world, who)
        yield from pages(world.app, client, door, referral.reference)


def pages(app: Flask, client: FlaskClient, door: str, reference: str) -> Iterator[tuple[str, str]]:
    """Every page behind a door that needs no more than the referral to be named."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if (
            rule.endpoint.startswith(door)
            and "GET" in (rule.methods or ())
            and rule.arguments <= {"reference"}
        ):
            built = rule.build(dict.fromkeys(rule.arguments, reference))
            assert built is not None
            yield built[1].replace(reference, "REFERENCE"), client.get(built[1]).text


def alike(text: str, reference: str) -> str:
    """Without what names one referral, one event, one draft, one form and one scheme of the two."""
    for code, _ in (ADULT, YOUNG):
        text = text.replace(code, "SCHEME")
    text = text.replace(reference, "REFERENCE").replace(reference.replace("-", ""), "REFERENCE")
    text = re.sub(r"evt_[0-9a-f]{24}", "EVENT", text)
    text = re.sub(r'(data-(?:open-drafts|roadside|key)|name="draft" value)="[^"]*"', r'\1="DRAFT"', text)
    return re.sub(r'(?<=")[\w.-]{40,}(?=")', "TOKEN", text)


BY_SCHEME = {"/force/places", "/refer/mine/REFERENCE/card"}
"""Pages that count by scheme, or lead to a scheme's own page: a young person's scheme is another one."""


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_the_force_cannot_tell_the_pathway(
    app: Flask, clock: MovableClock, end: Callable[[Way], None]
) -> None:
    group, *others = ((pathway, dict(on(app, clock, pathway, end))) for pathway in PATHWAYS)
    assert len(group[1]) > 12
    for pathway, read in others:
        assert read.keys() == group[1].keys(), pathway
        elsewhere = BY_SCHEME if pathway == "young_people_course" else set()
        for where in read.keys() - elsewhere:
            assert read[where] == group[1][where], (pathway, where)


def test_what_differs_would_be_seen(app: Flask, clock: MovableClock) -> None:
    """The control: two endings are told apart in the feed, the report and on the pages."""
    one, other = (dict(on(app, clock, "group_course", end)) for end in (completed, missed_out))
    different = {where for where in one.keys() & other.keys() if one[where] != other[where]}
    assert {"feed", "referral", "report", "/force", "/refer/mine", "/refer/mine/REFERENCE"} <= different
