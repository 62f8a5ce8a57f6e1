"""The page of a referral: what to do next, recording a call, notes, the number, and who may look."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from provider.caseload.referral_page import referral_page
from provider.domain.contact.models import ContactAttempt, Note, Task
from provider.domain.people.models import Person, PhoneNumber, RestrictedReader
from provider.kernel.database import db, transaction
from provider.web.staff import access
from tests.builders import World, build_world, count
from tests.desk import case_of, refer, referral_of, section, send, sign_in, somebody
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def reference(app: Flask, world: World, desk: FlaskClient) -> str:
    """A referral that the drug worker has taken."""
    reference = refer(app, world)
    send(desk, "/my-day", f"/referrals/{reference}/take")
    return reference


def page_of(desk: FlaskClient, reference: str) -> str:
    answer = desk.get(f"/referrals/{reference}")
    assert answer.status_code == 200
    return answer.text


def call(desk: FlaskClient, reference: str, outcome: str, **more: str):
    return send(desk, f"/referrals/{reference}", f"/referrals/{reference}/calls", outcome=outcome, **more)


def attempts(app: Flask, reference: str) -> list[ContactAttempt]:
    case_id = case_of(app, reference).id
    with app.app_context():
        of_case = sa.select(ContactAttempt).where(ContactAttempt.case_id == case_id)
        return list(db.session.scalars(of_case.order_by(ContactAttempt.id)))


def number_of(app: Flask, reference: str) -> PhoneNumber:
    person_id = referral_of(app, reference).person_id
    with app.app_context():
        of_person = sa.select(PhoneNumber).where(
            PhoneNumber.person_id == person_id, PhoneNumber.ended_at.is_(None)
        )
        return db.session.scalars(of_person).one()


def test_it_shows_whom_to_ring_on_which_number_and_what_to_do_next(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    reference = refer(app, world, risk={"markers": ["violence"], "note": "Shouts."})
    page = page_of(desk, reference)
    assert "Sam Example, 23" in page
    assert 'href="tel:+447700900123"' in page
    assert "Not confirmed: say nothing until you know who answers" in page
    assert "Risk: violence" in page
    assert "Nobody has taken this referral. First contact is due: Thu 26 Nov, 5pm" in page
    assert f'action="/referrals/{reference}/take"' in page


def test_after_taking_it_the_next_step_is_to_ring(desk: FlaskClient, reference: str) -> None:
    assert "Ring them now. Due:" in page_of(desk, reference)


def test_a_number_that_the_officer_checked_counts_as_confirmed(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    contact = {"number_checked": True, "text_ok": True}
    page = page_of(desk, refer(app, world, person={**somebody(1), "contact": contact}))
    assert "Checked by the officer" in page


def test_a_call_is_recorded_with_an_outcome_alone(app: Flask, desk: FlaskClient, reference: str) -> None:
    answer = call(desk, reference, "no_answer")
    assert answer.location == f"/referrals/{reference}"
    page = page_of(desk, reference)
    assert "Call recorded. Ring next on" in page
    assert "No answer in the morning: try the" in page
    assert "Call: No answer" in page
    assert [attempt.outcome for attempt in attempts(app, reference)] == ["no_answer"]


def test_their_own_voice_confirms_the_number(app: Flask, desk: FlaskClient, reference: str) -> None:
    call(desk, reference, "spoke_call_back_later", own_voice="y", who_sees="others_fine")
    assert number_of(app, reference).confirmed_by == "voice"
    assert number_of(app, reference).who_sees == "others_fine"
    assert "Confirmed by their own voice" in page_of(desk, reference)


def test_who_spoke_and_wants_a_time_goes_straight_to_the_diary(desk: FlaskClient, reference: str) -> None:
    assert call(desk, reference, "spoke_and_booked").location == f"/referrals/{reference}/book"


def test_a_time_to_ring_back_is_kept(app: Flask, desk: FlaskClient, reference: str) -> None:
    call(desk, reference, "spoke_call_back_later", back_day="2026-11-25", back_time="2.30pm")
    assert "Ring them next: Wed 25 Nov, 2:30pm" in page_of(desk, reference)
    assert "They asked to be rung then." in page_of(desk, reference)


@pytest.mark.parametrize(
    ("more", "sentence", "field"),
    [
        ({"outcome": ""}, "Choose how the call went", "outcome"),
        ({"back_day": "2026-11-25"}, "Enter the time to ring back at", "back_time"),
        ({"back_time": "2pm"}, "Choose the day to ring back on", "back_day"),
        ({"back_day": "2026-11-24", "back_time": "9am"}, "Enter a time that is still to come", "back_time"),
        (
            {"back_day": "2026-11-25", "back_time": "half nine"},
            "Time to ring back must be a time, like 9:30am or 14:05",
            "back_time",
        ),
    ],
)
def test_bad_input_is_said_at_its_field_and_loses_nothing(
    app: Flask, desk: FlaskClient, reference: str, more: dict[str, str], sentence: str, field: str
) -> None:
    form = {"outcome": "spoke_call_back_later", "note": "Will ask her sister.", **more}
    page = send(desk, f"/referrals/{reference}", f"/referrals/{reference}/calls", **form).text
    assert sentence in page
    assert f'href="#{field}"' in page
    assert f'id="{field}"' in page
    assert "Will ask her sister." in page
    assert attempts(app, reference) == []


def test_a_call_that_was_made_earlier_is_at_its_own_time(
    app: Flask, clock: MovableClock, world: World, desk: FlaskClient, reference: str
) -> None:
    clock.advance(hours=26)
    sign_in(desk, world, "drug_worker")
    earlier = {"day-day": "24", "day-month": "11", "day-year": "2026", "at": "10:15"}
    call(desk, reference, "no_answer", **earlier)
    assert [attempt.at for attempt in attempts(app, reference)] == [A_TUESDAY + timedelta(minutes=45)]
    assert "No answer in the morning: try the" in page_of(desk, reference)


@pytest.mark.parametrize(
    ("earlier", "sentence"),
    [
        ({"day-day": "25", "at": "8pm"}, "That time has not come yet"),
        ({"day-day": "23", "at": "8pm"}, "That was before they were referred to us"),
        ({"day-day": "24", "at": ""}, "Enter the time it began"),
        ({"day-day": "", "day-month": "", "day-year": "", "at": "10am"}, "Enter the day it took place"),
    ],
)
def test_a_time_at_which_no_call_was_made_is_refused_at_its_field(
    app: Flask,
    clock: MovableClock,
    world: World,
    desk: FlaskClient,
    reference: str,
    earlier: dict[str, str],
    sentence: str,
) -> None:
    clock.advance(hours=26)
    sign_in(desk, world, "drug_worker")
    form = {"outcome": "no_answer", "note": "Rang out.", "day-month": "11", "day-year": "2026", **earlier}
    page = send(desk, f"/referrals/{reference}", f"/referrals/{reference}/calls", **form).text
    assert sentence in page
    assert "Rang out." in page
    assert re.search(r"<details[^>]* open", page)
    assert attempts(app, reference) == []


def test_a_note_of_the_call_is_kept_with_it(desk: FlaskClient, reference: str) -> None:
    call(desk, reference, "no_answer", note="Rang out.")
    assert "Rang out." in page_of(desk, reference)


def test_a_call_on_a_referral_that_has_ended_is_refused_with_what_was_typed(
    app: Flask, desk: FlaskClient, reference: str
) -> None:
    call(desk, reference, "declined")
    answer = send(desk, "/my-day", f"/referrals/{reference}/calls", outcome="no_answer", note="Too late.")
    assert "This referral has ended. Reopen it first if they have come back." in answer.text
    assert len(attempts(app, reference)) == 1


def test_who_declines_is_shown_why_and_may_come_back(app: Flask, desk: FlaskClient, reference: str) -> None:
    call(desk, reference, "declined")
    page = page_of(desk, reference)
    assert "They declined." in page
    assert "Under divert-adult v1" in page
    assert "It is not offered to them again until 24 November 2027" in page
    answer = send(desk, f"/referrals/{reference}", f"/referrals/{reference}/reopen")
    assert answer.location == f"/referrals/{reference}"
    assert referral_of(app, reference).status == "accepted"


def test_a_dead_number_asks_for_another_and_a_new_one_is_rung(
    app: Flask, desk: FlaskClient, reference: str
) -> None:
    call(desk, reference, "number_not_in_use")
    page = page_of(desk, reference)
    assert "The number may not work, or not be theirs." in page
    assert "Does not work: do not ring it" in page
    path = f"/referrals/{reference}/number"
    assert "Choose how we know that the number is theirs" in send(desk, path, mobile="07700 900777").text
    assert "07700 900777" in send(desk, path, mobile="07700 900777").text
    send(desk, path, mobile="07700 900777", confirmed_by="voice")
    assert number_of(app, reference).e164 == "+447700900777"
    assert number_of(app, reference).confirmed_by == "voice"
    assert "07700 900123, until" in page_of(desk, reference)


def write_note(desk: FlaskClient, reference: str, kind: str, text: str):
    path = f"/referrals/{reference}"
    return send(desk, path, f"{path}/notes", note_kind=kind, note_text=text)


def test_notes_are_added_by_kind_and_a_safeguarding_one_waits_to_be_acknowledged(
    app: Flask, desk: FlaskClient, reference: str
) -> None:
    for kind in ("ordinary", "sensitive", "safeguarding"):
        write_note(desk, reference, kind, f"A note that is {kind}.")
    page = page_of(desk, reference)
    for kind in ("ordinary", "sensitive", "safeguarding"):
        assert f"A note that is {kind}." in page
    assert "A safeguarding note to acknowledge" in section(page, "tasks")
    with app.app_context():
        task_id = db.session.scalars(sa.select(Task.id).where(Task.kind == "safeguarding")).one()
    send(desk, f"/referrals/{reference}", f"/referrals/{reference}/tasks/{task_id}/done")
    assert "A safeguarding note to acknowledge" not in page_of(desk, reference)


def test_an_empty_note_is_refused_at_its_field(app: Flask, desk: FlaskClient, reference: str) -> None:
    page = write_note(desk, reference, "sensitive", "  ").text
    assert 'href="#note_text"' in page
    assert 'value="sensitive" checked' in page
    with app.app_context():
        assert db.session.scalars(sa.select(Note)).all() == []


def test_words_of_a_note_are_left_out_for_who_may_not_read_them(
    app: Flask, desk: FlaskClient, reference: str, clock: MovableClock
) -> None:
    write_note(desk, reference, "sensitive", "Very private.")
    referral_id = referral_of(app, reference).id
    with app.app_context():
        page = referral_page(referral_id, reads_sensitive=False, now=clock.now())
    hidden = next(entry for entry in page.timeline if entry.kind == "note")
    assert hidden.hidden
    assert hidden.text is None


def test_a_task_that_the_work_itself_ends_cannot_be_waved_away(
    app: Flask, desk: FlaskClient, reference: str
) -> None:
    call(desk, reference, "wrong_number")
    with app.app_context():
        task_id = db.session.scalars(sa.select(Task.id).where(Task.kind == "number_suspect")).one()
    send(desk, f"/referrals/{reference}", f"/referrals/{reference}/tasks/{task_id}/done")
    assert "This goes away by itself when the work is done." in page_of(desk, reference)
    assert desk.post(f"/referrals/{reference}/tasks/{task_id}/done").status_code == 400


def test_a_task_of_another_referral_is_not_found(
    app: Flask, world: World, desk: FlaskClient, reference: str
) -> None:
    write_note(desk, reference, "safeguarding", "Now.")
    other = refer(app, world, person=somebody(9))
    with app.app_context():
        task_id = db.session.scalars(sa.select(Task.id).where(Task.kind == "safeguarding")).one()
    answer = send(desk, f"/referrals/{other}", f"/referrals/{other}/tasks/{task_id}/done")
    assert answer.status_code == 404


def test_two_forces_one_call(app: Flask, world: World, desk: FlaskClient, reference: str) -> None:
    second = refer(app, world, force="thamesford", scheme="diversion-deferred")
    page = page_of(desk, reference)
    assert "Also Thamesford Police" in page
    assert f"/referrals/{second}" in page


def test_every_look_is_kept(app: Flask, world: World, desk: FlaskClient, reference: str) -> None:
    page_of(desk, reference)
    referral = referral_of(app, reference)
    with app.app_context():
        assert count("audit_entries", action="referral.viewed", person_id=referral.person_id) == 1


def test_a_look_that_cannot_be_kept_is_not_to_be_had(
    desk: FlaskClient, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(access, "record", away)
    answer = desk.get(f"/referrals/{reference}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Sam" not in answer.text


def test_a_restricted_record_is_refused_and_the_attempt_is_kept(
    app: Flask, world: World, desk: FlaskClient, reference: str
) -> None:
    person_id = referral_of(app, reference).person_id
    with app.app_context(), transaction():
        db.session.get_one(Person, person_id).restricted = True
    answer = desk.get(f"/referrals/{reference}")
    assert answer.status_code == 403
    assert "This record is restricted" in answer.text
    assert "Sam" not in answer.text
    assert desk.get(f"/referrals/{reference}/book").status_code == 403
    with app.app_context(), transaction():
        assert count("audit_entries", action="referral.refused", person_id=person_id) == 2
        db.session.add(RestrictedReader(person_id=person_id, account_id=world.accounts["drug_worker"]))
    assert desk.get(f"/referrals/{reference}").status_code == 200


def test_an_unknown_reference_is_not_found_and_a_sloppy_one_is_read(
    desk: FlaskClient, reference: str
) -> None:
    assert desk.get("/referrals/2222-2222").status_code == 404
    assert desk.get(f"/referrals/{reference.lower().replace('-', '')}").status_code == 200


def test_a_colleague_may_take_it_over(app: Flask, world: World, client: FlaskClient, reference: str) -> None:
    send(client, f"/referrals/{reference}", "/sign-out")
    sign_in(client, world, "drug_worker_2")
    send(client, f"/referrals/{reference}", f"/referrals/{reference}/take-over")
    assert case_of(app, reference).assigned_to_id == world.accounts["drug_worker_2"]


def test_a_clinical_lead_reads_it_and_is_offered_no_call(
    app: Flask, world: World, client: FlaskClient
) -> None:
    reference = refer(app, world)
    sign_in(client, world, "clinical_lead")
    page = page_of(client, reference)
    assert "Record a call" not in page
    assert client.post(f"/referrals/{reference}/calls").status_code in {400, 403}
    assert client.get(f"/referrals/{reference}/number").status_code == 403


@pytest.mark.parametrize("role", ["facilitator", "commissioner", "administrator", "officer", None])
def test_it_is_shut_to_others(app: Flask, world: World, client: FlaskClient, role: str | None) -> None:
    reference = refer(app, world)
    if role is not None:
        sign_in(client, world, role)
    assert client.get(f"/referrals/{reference}").status_code == (403 if role else 302)


def test_it_asks_as_much_of_the_database_however_much_has_happened(
    app: Flask, desk: FlaskClient, reference: str
) -> None:
    counts = []
    for times in (3, 57):
        case_id, me = case_of(app, reference).id, case_of(app, reference).assigned_to_id
        now = app.extensions["clock"].now()
        with app.app_context(), transaction():
            for _ in range(times):
                db.session.add(ContactAttempt(case_id=case_id, at=now, by_id=me, outcome="no_answer"))
                db.session.add(Note(case_id=case_id, at=now, by_id=me, kind="ordinary", text="Words."))
        with queries_of(app) as sent:
            assert desk.get(f"/referrals/{reference}").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 26
