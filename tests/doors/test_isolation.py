"""Every operation of the Force API, walked by one force with what is another's; and every page, by who may not read it.

Both forces referred the same person, so that one case serves both: what the other force wrote, and every word that was
said to the provider, is one join away. New routes are walked without being named; one that names a thing of a new kind
fails here until that thing is planted.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from provider.caseload.force_outcomes import Filters, outcomes
from provider.domain.accounts.roles import Role
from provider.domain.assessments.models import Assessment
from provider.domain.audit.models import AuditEntry
from provider.domain.compliance.feed import cursor
from provider.domain.diary.models import Appointment
from provider.domain.messaging.links import new_link
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Case, Referral, ReferralChange
from provider.domain.referrals.status import Status
from provider.kernel.database import db, transaction
from provider.web.api.operation import Operation
from provider.web.api.operations import OPERATIONS
from tests.builders import World, build_world, referral_body
from tests.canaries import CANARY, plant
from tests.desk import csrf_of, sign_in
from tests.doors.police import Police
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import Walk

OURS, THEIRS = "midshire", "thamesford"
THEIR_WORD = "tHeirSecret"
"""What the other force wrote: in its reference, its note of risk, its officer, its corrections."""

GIVEN, FAMILY, MOBILE = "Marigold", "Featherstone", "07700 900321"
PERSON = {"given_name": GIVEN, "family_name": FAMILY, "mobile": MOBILE, "date_of_birth": "1987-03-09"}
SAID = (CANARY, THEIR_WORD)
NAMED = (*SAID, FAMILY, MOBILE, "+447700900321", "1987")

CODES: Mapping[str, dict[str, Any]] = {
    "cases": {"pathway": "group_course"},
    "notes": {"kind": "ordinary"},
    "contact_attempts": {"outcome": "no_answer"},
    "assessments": {
        "pathway": "group_course",
        "recommended_pathway": "group_course",
        "answers": {"note": CANARY},
    },
    "assessed_substances": {"substance": "ketamine"},
    "texts": {"kind": "referral_received", "state": "sent"},
    "replies": {"meaning": "words"},
    "tasks": {"kind": "reply"},
}
"""What pages of the desk look up, and so cannot be just any word."""

NONE: Mapping[str, str] = {
    "referrals": "2222-2222",
    "schemes": "no-such-scheme",
    "compliance-events": "evt_" + "0" * 24,
    "webhook-endpoints": "whe_" + "0" * 24,
}
"""By what stands before it in an address: an identifier that nothing has."""


@dataclass(frozen=True)
class Planted:
    """One person whom both forces referred, placed on a course, with a word of each kind all around them."""

    world: World
    ours: str
    theirs: str
    case_id: int
    ids: Mapping[str, Any]
    link: str


@pytest.fixture
def planted(app: Flask, clock: MovableClock) -> Planted:
    world = build_world(app)
    walk = Walk(world, clock)
    with app.app_context():
        theirs = walk.deferred(
            person={**PERSON, "contact": {"number_checked": True}},
            force_reference=f"{THEIR_WORD}/1",
            officer={"collar_number": "4312", "name": THEIR_WORD, "email": f"{THEIR_WORD}@force.example"},
            risk={"markers": ["violence"], "note": THEIR_WORD},
            area=THEIR_WORD,
        )
        ours = walk.referred(
            person={**PERSON, "contact": {"number_checked": True}}, force_reference="20/1/26"
        )
        walk.spoken_to(theirs)
        appointment = walk.booked(theirs)
        clock.set(appointment.starts_at + timedelta(minutes=40))
        walk.assessed(theirs)
        session_id = walk.session()
        place_id = walk.placed(theirs, session_id)
        ours, theirs = walk.fresh(ours), walk.fresh(theirs)
        assert ours.case_id == theirs.case_id
        case_id = theirs.case_id or 0
        ids: dict[str, Any] = {
            "session_id": session_id,
            "place_id": place_id,
            "appointment_id": appointment.id,
        }
        with transaction():
            link = _surround(world, theirs, case_id, now=clock.now())
        task_id = db.session.scalar(sa.text("SELECT id FROM tasks ORDER BY id LIMIT 1"))
        ids |= {
            "scheme_id": world.schemes["diversion-deferred"],
            "course_id": world.courses["awareness"],
            "language": "cy",
            "kind": "assessment_booked",
        }
        workers = {"worker_id": world.accounts["drug_worker"], "account_id": world.accounts["drug_worker"]}
        return Planted(
            world, ours.reference, theirs.reference, case_id, {**ids, **workers, "task_id": task_id}, link
        )


def _surround(world: World, theirs: Referral, case_id: int, *, now: Any) -> str:
    """Plant the words; the token of a link in a text to this person."""
    number_id = db.session.scalars(sa.select(PhoneNumber.id).order_by(PhoneNumber.id)).first() or 0
    known = {"accounts": world.accounts["drug_worker"], "phone_numbers": number_id}
    for model in (Appointment, Assessment):
        which = sa.select(model.id).where(model.case_id == case_id)
        known[model.__tablename__] = db.session.scalars(which).one()
    assert plant(case_id=case_id, codes=CODES, **known) > 15
    changed = {"referral_id": theirs.id, "at": now, "by": "key:1", "field": "officer"}
    db.session.add(ReferralChange(**changed, before=THEIR_WORD, after=THEIR_WORD))
    return new_link(case_id, number_id=number_id, text_id=None, now=now)


def bare(answer: TestResponse) -> tuple[int, str, dict[str, str]]:
    """An answer less what differs from one moment to the next."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Set-Cookie")}
    return answer.status_code, re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", answer.text), headers


def words_in(answer: TestResponse, words: tuple[str, ...]) -> list[str]:
    everything = f"{answer.text}\n{answer.headers}".lower()
    return [word for word in words if word.lower() in everything]


def police(planted: Planted, force: str = OURS) -> Police:
    return Police(planted.world.app.test_client(), planted.world.keys[force])


def things_of(planted: Planted, force: str) -> dict[str, str]:
    """One of everything that a force has, by what stands before it in an address."""
    theirs = police(planted, force)
    made = theirs.post("/webhook-endpoints", {"url": f"https://{force}.example/events"})
    assert made.status_code == 201, made.text
    return {
        "referrals": planted.ours if force == OURS else planted.theirs,
        "schemes": "divert-adult" if force == OURS else "diversion-deferred",
        "compliance-events": theirs.get("/compliance-events").get_json()["events"][0]["id"],
        "webhook-endpoints": made.get_json()["id"],
    }


def body_for(operation: Operation, scheme: str) -> Any:
    """A body that is in order, so that only whose thing it is can stand in the way."""
    whole = referral_body(scheme=scheme, person=PERSON)
    bodies: dict[str, Any] = {
        "send_referral": whole,
        "correct_referral": {"force_reference": "20/2/26"},
        "withdraw_referral": {"reason": "other"},
        "ask_eligibility": {
            "scheme": scheme,
            "person": {
                name: PERSON[name] for name in ("given_name", "family_name", "date_of_birth", "mobile")
            },
        },
        "add_webhook_endpoint": {"url": "https://other.example/events"},
        "replay_webhook_endpoint": {"from": "beginning"},
    }
    return None if operation.sent is None else bodies[operation.id]


def ask(planted: Planted, operation: Operation, things: Mapping[str, str], **more: Any) -> TestResponse:
    path = re.sub(r"/([\w-]+)/\{\w+\}", lambda found: f"/{found[1]}/{things[found[1]]}", operation.path)
    body = body_for(operation, things["schemes"])
    headers = {"Idempotency-Key": "00000000-0000-4000-8000-000000000001"} if operation.once else None
    sent = {"json": body} if body is not None else {}
    return police(planted)._ask(operation.method, path, headers=headers, **sent, **more)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_an_operation_answers_a_force_with_its_own_alone(planted: Planted, operation: Operation) -> None:
    answer = ask(planted, operation, things_of(planted, OURS))
    assert answer.status_code in {operation.status, 409}, answer.text
    assert words_in(answer, (*SAID, planted.theirs)) == []


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if "{" in one.path], ids=lambda one: str(one.id)
)
def test_what_is_another_forces_is_as_if_it_were_missing(planted: Planted, operation: Operation) -> None:
    found = ask(planted, operation, things_of(planted, THEIRS))
    assert found.status_code == 404, found.text
    assert bare(found) == bare(ask(planted, operation, NONE))


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if one.id in {"send_referral", "ask_eligibility"}],
    ids=lambda one: str(one.id),
)
def test_another_forces_scheme_in_a_body_is_as_if_it_were_missing(
    planted: Planted, operation: Operation
) -> None:
    found = ask(planted, operation, things_of(planted, THEIRS))
    assert found.status_code == 422, found.text
    assert bare(found) == bare(ask(planted, operation, NONE))


def test_another_forces_cursor_is_as_if_it_were_none(planted: Planted) -> None:
    theirs = cursor(1, force_id=planted.world.forces[THEIRS])
    ours = police(planted)
    found, missing = (ours.get(f"/compliance-events?after={after}") for after in (theirs, "nonsense"))
    assert found.status_code == 422
    assert bare(found) == bare(missing)


@pytest.mark.parametrize("status", Status)
def test_the_sheet_and_the_page_say_of_a_referral_what_it_says_of_itself(
    planted: Planted, status: Status
) -> None:
    with planted.world.app.app_context(), transaction():
        stands = {"status": status, "level": "intervention", "closed_at": None}
        db.session.execute(
            sa.update(Referral).where(Referral.reference == planted.ours).values(**stands, case_id=None)
        )
    alone = police(planted).get(f"/referrals/{planted.ours}").get_json()
    (line,) = csv.DictReader(io.StringIO(police(planted).get("/compliance-report.csv").text))
    assert (line["status"], line["level"]) == (alone["status"], alone["compliance"]["level"])
    with planted.world.app.app_context():
        (shown,) = outcomes(planted.world.forces[OURS], Filters(), page=1, today=A_TUESDAY.date()).lines
        assert (shown.status, shown.level) == (line["status"], line["level"])


def pages(planted: Planted, reference: str, *doors: str) -> Iterator[tuple[Rule, str]]:
    """The address of every page behind these doors, with what was planted in it."""
    bound = planted.world.app.url_map.bind("localhost")
    known = {**planted.ids, "reference": reference}
    for rule in planted.world.app.url_map.iter_rules():
        if rule.endpoint.startswith(doors) and "GET" in (rule.methods or ()):
            named = {argument: known[argument] for argument in rule.arguments}
            yield rule, bound.build(rule.endpoint, named, method="GET")


def signed_in(planted: Planted, who: str) -> FlaskClient:
    client = planted.world.app.test_client()
    sign_in(client, planted.world, who)
    return client


READS_NOTHING_SAID: Mapping[Role, tuple[tuple[str, ...], int]] = {
    Role.FACILITATOR: ((*SAID, FAMILY, "1987"), 3),
    Role.ADMINISTRATOR: (NAMED, 4),
    Role.COMMISSIONER: (NAMED, 2),
    Role.OFFICER: (NAMED, 1),
    Role.FORCE_ADMINISTRATOR: (NAMED, 1),
}
"""By role: the words that stand on none of its pages of the desk, and how many pages it has there at least."""


@pytest.mark.parametrize("role", READS_NOTHING_SAID)
def test_nothing_that_was_said_is_on_a_page_of_who_may_not_read_it(planted: Planted, role: Role) -> None:
    words, at_least = READS_NOTHING_SAID[role]
    client, read = signed_in(planted, role), 0
    for _, address in pages(planted, planted.theirs, "staff."):
        answer = client.get(address)
        assert words_in(answer, words) == [], address
        assert answer.status_code < 500, address
        read += answer.status_code < 400
    assert read >= at_least


def test_a_restricted_record_is_shown_to_nobody_who_is_not_named(planted: Planted) -> None:
    with planted.world.app.app_context(), transaction():
        db.session.execute(sa.text("UPDATE people SET restricted = true"))
    for role in (Role.DRUG_WORKER, Role.TEAM_LEAD, Role.CLINICAL_LEAD, Role.FACILITATOR):
        client = signed_in(planted, role)
        for rule, address in pages(planted, planted.theirs, "staff."):
            answer = client.get(address)
            assert answer.status_code < 500, (role, rule)
            assert words_in(answer, NAMED) == [], (role, rule)


def test_who_may_read_it_does(planted: Planted) -> None:
    """The control: the words are there to be found."""
    page = signed_in(planted, Role.DRUG_WORKER).get(f"/referrals/{planted.theirs}").text
    assert all(word in page for word in (*SAID, FAMILY))


def of_a_record(planted: Planted, method: str) -> Iterator[str]:
    """The address of whatever the desk does with one referral, as drug worker and team lead reach it."""
    bound = planted.world.app.url_map.bind("localhost")
    known = {**planted.ids, "reference": planted.theirs, "kind": "call_me", "pair_id": 1}
    for rule in planted.world.app.url_map.iter_rules():
        if (
            rule.endpoint.startswith("staff.")
            and "reference" in rule.arguments
            and method in (rule.methods or ())
        ):
            yield bound.build(rule.endpoint, {name: known[name] for name in rule.arguments}, method=method)


def looks(planted: Planted) -> int:
    with planted.world.app.app_context():
        kept = sa.select(sa.func.count()).where(AuditEntry.action == "referral.viewed")
        return db.session.scalars(kept).one()


SHOWN = (GIVEN, FAMILY, MOBILE, "+447700900321")


@pytest.mark.parametrize(("method", "at_least"), [("GET", 14), ("POST", 6)])
@pytest.mark.parametrize("role", [Role.DRUG_WORKER, Role.TEAM_LEAD])
def test_whoever_reads_who_somebody_is_leaves_one_entry(
    planted: Planted, role: Role, method: str, at_least: int
) -> None:
    """Also where a form that was sent is wrong, and so the page comes back."""
    client, read = signed_in(planted, role), 0
    sent = {"csrf_token": csrf_of(client, "/my-day")} if method == "POST" else None
    for address in of_a_record(planted, method):
        before = looks(planted)
        answer = client.open(address, method=method, data=sent)
        assert answer.status_code < 500, address
        if answer.status_code == 200 and words_in(answer, SHOWN):
            assert looks(planted) == before + 1, address
            read += 1
        elif answer.status_code != 200:
            assert looks(planted) == before, address
    assert read >= at_least


def test_a_participant_reads_nothing_but_what_is_coming(planted: Planted, clock: MovableClock) -> None:
    client = planted.world.app.test_client()
    looked = client.get(f"/p/{planted.link}")
    assert words_in(looked, (*NAMED, GIVEN)) == []
    with planted.world.app.app_context(), transaction():
        assert db.session.get_one(Case, planted.case_id).closed_at is None
        db.session.execute(sa.update(PhoneNumber).values(confirmed_at=clock.now(), confirmed_by="voice"))
    client.post(f"/p/{planted.link}")
    assert GIVEN in client.post("/p/birth", data={"day": "9", "month": "3"}, follow_redirects=True).text
    with planted.world.app.app_context():
        terms_id = db.session.scalar(sa.text("SELECT min(id) FROM scheme_terms"))
    known = {"token": planted.link, "terms_id": terms_id}
    for rule in planted.world.app.url_map.iter_rules():
        if rule.endpoint.startswith("participant.") and "GET" in (rule.methods or ()):
            address = rule.build({name: known[name] for name in rule.arguments})
            assert address is not None
            answer = client.get(address[1], follow_redirects=True)
            assert answer.status_code == 200, address
            assert words_in(answer, NAMED) == [], address


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"])
def test_what_machines_may_ask_names_nobody(planted: Planted, path: str) -> None:
    answer = planted.world.app.test_client().get(path, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert answer.status_code in {200, 503}
    assert words_in(answer, (*NAMED, GIVEN, planted.ours, planted.theirs)) == []
