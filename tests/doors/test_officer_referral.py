"""The officer's referral over HTTP, without JavaScript: five screens, one referral, and what the officer reads then."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.diary.models import Appointment
from provider.domain.messaging.forbidden import forbidden_in
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from tests.builders import World, add_account, build_world, count
from tests.desk import sign_in
from tests.fakes import MovableClock
from tests.pathway.walking import set_terms
from tests.roadside import EVENT, errors_in, fill, post, refer, reference_in, values_in


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "officer")
    return client


def the_referral() -> Referral:
    return db.session.scalars(sa.select(Referral)).one()


def test_five_screens_make_one_referral(app: Flask, world: World, officer: FlaskClient) -> None:
    reference = refer(officer)
    with app.app_context():
        referral = the_referral()
        assert referral.reference == reference
        assert referral.status == "accepted"
        assert referral.received_by == "officer"
        assert referral.officer_account_id == world.accounts["officer"]
        assert referral.officer_collar_number == "4312"
        assert referral.force_reference == "20/123456/26"
        assert referral.drugs == [{"substance": "cannabis", "class": "B", "quantity": "2 g"}]
        assert referral.notice_version == "2026-1"
        assert referral.responsibility_accepted is True
        assert referral.risk_markers == ["lone_working"]
        assert referral.sent_name == "Sam Example"
        assert referral.case_id is not None


def test_what_was_said_about_the_person_is_kept(app: Flask, officer: FlaskClient) -> None:
    more = {"language": "pl", "interpreter_needed": "y", "accessibility_needs": "Speak\nslowly"}
    refer(officer, person=more, contact={"line_1": "1 Example Street", "postcode": "B1 1AA"})
    with app.app_context():
        person, number = db.session.execute(
            sa.select(Person, PhoneNumber).join(PhoneNumber, PhoneNumber.person_id == Person.id)
        ).one()
        assert (person.self_defined_ethnicity, person.officer_observed_ethnicity) == ("B1", "3")
        assert (person.language, person.interpreter_needed) == ("pl", True)
        assert person.accessibility_needs == "Speak\nslowly"
        assert (person.address_line_1, person.postcode) == ("1 Example Street", "B1 1AA")
        assert number.confirmed_by == "officer"
        assert number.voicemail_wanted


def test_the_confirmation_says_when_and_from_which_number(officer: FlaskClient) -> None:
    page = fill(officer)
    answer = officer.post(page, data={"csrf_token": token_of(officer, page)}, follow_redirects=True)
    assert "Referral accepted" in answer.text
    assert "Somebody rings them by Thursday 26 November 2026 at 5pm." in answer.text
    assert "0121 496 0100" in answer.text


def token_of(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found
    return found.group(1)


def test_the_page_for_the_person_names_neither_drugs_nor_police(officer: FlaskClient) -> None:
    reference = refer(officer)
    answer = officer.get(f"/refer/mine/{reference}/card")
    words = re.sub(r"<[^>]+>", " ", answer.text)
    assert not forbidden_in(words)
    assert "Waymark Midshire will ring you" in words
    assert "0121 496 0100" in words
    assert "Sam" not in words
    assert "Officer" not in words
    assert "style=" not in answer.text
    assert 'src="data:image/svg+xml' in answer.text


def test_the_code_leads_to_a_page_that_is_the_same_for_everybody(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    shown = [officer.get(f"/refer/mine/{reference}/card").text for reference in _two(officer)]
    codes = {re.findall(r'<img src="([^"]+)" alt="A code that leads to ([^"]+)"', page)[0] for page in shown}
    assert len(codes) == 1
    address = codes.pop()[1]
    assert re.fullmatch(r"http://localhost/p/next/[0-9]+", address)
    somebody = app.test_client().get(address.removeprefix("http://localhost"))
    assert "Waymark Midshire will ring you" in somebody.text
    assert "0121 496 0100" in somebody.text


def _two(officer: FlaskClient) -> list[str]:
    other = {"person": {"given_name": "Alex"}, "contact": {"mobile": "07700 900124"}}
    return [refer(officer), refer(officer, **other)]


def test_the_first_call_can_be_booked_on_the_spot(app: Flask, officer: FlaskClient) -> None:
    page = fill(officer)
    slots = re.findall(r'<option value="(divert-adult\.[^"]+)">', officer.get(page).text)
    answer = post(officer, page, slot=slots[2])
    assert answer.status_code == 302
    with app.app_context():
        appointment = db.session.scalars(sa.select(Appointment)).one()
        assert f"{appointment.starts_at:%Y%m%dT%H%M}" in slots[2]
        assert the_referral().status == "assessment_booked"
    sent = officer.get(answer.location, follow_redirects=True)
    assert "Their first call is booked for Tuesday 24 November 2026" in sent.text
    assert "Accepted" in officer.get("/refer/mine").text


def test_a_scheme_that_does_not_offer_it_books_no_call_on_the_spot(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    page = fill(officer)
    slots = re.findall(r'<option value="(divert-adult\.[^"]+)">', officer.get(page).text)
    with app.app_context():
        set_terms(world, "divert-adult", offers_first_call_at_roadside=False)
    assert "Book the first call" not in officer.get(page).text
    assert "slot" in errors_in(post(officer, page, slot=slots[0])) or count_in(app, "referrals") == 0
    assert post(officer, page).status_code == 302
    assert count_in(app, "appointments") == 0


def count_in(app: Flask, table: str) -> int:
    with app.app_context():
        return count(table)


def test_a_time_taken_meanwhile_is_said_at_its_field_and_nothing_is_created(
    app: Flask, officer: FlaskClient, clock: MovableClock
) -> None:
    page = fill(officer)
    gone = "divert-adult.20261121T1000Z"
    for slot in (gone, "divert-adult.rubbish", "other"):
        answer = post(officer, page, slot=slot)
        assert errors_in(answer) == {"slot": "That time has just been taken. Choose another."}
    with app.app_context():
        assert count("referrals") == 0
        assert count("people") == 0
    assert post(officer, page).status_code == 302


def test_without_anybody_at_work_no_call_is_offered(app: Flask, officer: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        session.execute(sa.delete(db.metadata.tables["working_patterns"]))
    assert "Book the first call" not in officer.get(fill(officer)).text


def test_a_slot_is_left_to_others_where_the_person_is_further_on(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    first = refer(officer)
    with app.app_context(), transaction():
        referral = the_referral()
        assert referral.reference == first
        referral.status = "assessed"
    page = fill(officer, event={"force_reference": "20/999999/26"})
    slot = re.findall(r'<option value="(divert-adult\.[^"]+)">', officer.get(page).text)[0]
    assert post(officer, page, slot=slot).status_code == 302
    with app.app_context():
        assert count("referrals") == 2
        assert count("appointments") == 0


def test_the_same_person_with_the_same_crime_number_is_said_to_be_there(
    app: Flask, officer: FlaskClient
) -> None:
    reference = refer(officer)
    page = fill(officer, person={"given_name": "SAM"})
    answer = post(officer, page)
    assert answer.status_code == 409
    assert reference in answer.text
    assert f"/refer/mine/{reference}" in answer.text
    with app.app_context():
        assert count("referrals") == 1
    changed = post(officer, page.replace("check", "event"), **{**EVENT, "force_reference": "20/2/26"})
    assert changed.location == page
    assert post(officer, page).status_code == 302


def test_who_did_not_send_the_first_reads_its_reference_and_no_link(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    reference = refer(officer)
    with app.app_context(), transaction():
        add_account(world, "officer_2", Role.OFFICER, force_id=world.forces["midshire"])
    other = app.test_client()
    sign_in(other, world, "officer_2")
    answer = post(other, fill(other, event={"collar_number": "99"}))
    assert answer.status_code == 409
    assert reference in answer.text
    assert f"/refer/mine/{reference}" not in answer.text


def test_two_people_from_one_car_share_a_crime_number(app: Flask, officer: FlaskClient) -> None:
    reference = refer(officer)
    again = officer.get(f"/refer?with={reference}")
    assert values_in(again)["force_reference"] == "20/123456/26"
    assert 'value="divert-adult" checked' in again.text
    assert 'value="Birmingham" selected' in again.text
    refer(officer, person={"given_name": "Alex"}, contact={"mobile": "07700 900124"})
    with app.app_context():
        assert count("referrals", force_reference="20/123456/26") == 2


def test_held_is_explained_in_a_sentence(officer: FlaskClient) -> None:
    refer(officer)
    page = fill(officer, event={"force_reference": ""}, person={"given_name": "Samm"})
    answer = officer.post(page, data={"csrf_token": token_of(officer, page)}, follow_redirects=True)
    assert "Referral received" in answer.text
    assert "a drug worker decides within a working day" in answer.text
    reference = reference_in(answer)
    assert officer.get(f"/refer/mine/{reference}/card").status_code == 404


def test_declined_is_explained_in_a_sentence(officer: FlaskClient) -> None:
    page = fill(officer, event={"area": "", "area_other": "Elsewhere"})
    answer = officer.post(page, data={"csrf_token": token_of(officer, page)}, follow_redirects=True)
    assert "Declined: the area you gave is outside what this scheme covers." in answer.text


def test_a_child_is_asked_about_adults_and_nothing_of_it_is_required(
    app: Flask, officer: FlaskClient
) -> None:
    young = {"event": {"scheme": "divert-young-people"}, "person": {"date_of_birth-year": "2010"}}
    page = fill(officer, **young)
    assert "No responsible adult is named for someone under 18." in officer.get(page).text
    contact = page.replace("check", "contact")
    assert "A responsible adult" in officer.get(contact).text
    agreement = page.replace("check", "agreement")
    assert "Was an appropriate adult there?" in officer.get(agreement).text
    post(officer, contact, mobile="07700 900123", adult_name="Jo Example", adult_mobile="07700 900124")
    post(officer, agreement, given="y", outcome="8", appropriate_adult="no")
    assert post(officer, page).status_code == 302
    with app.app_context():
        referral = the_referral()
        assert referral.responsible_adult == {
            "name": "Jo Example",
            "relationship": None,
            "mobile": "07700 900124",
        }
        assert referral.appropriate_adult is False


def test_an_adult_is_not_asked_for_one(officer: FlaskClient) -> None:
    page = fill(officer)
    assert "A responsible adult" not in officer.get(page.replace("check", "contact")).text
    assert "Was an appropriate adult there?" not in officer.get(page.replace("check", "agreement")).text


@pytest.mark.parametrize(
    ("contact", "sent", "words"),
    [
        ({"number_checked": "yes"}, ("+447700900123", "officer"), None),
        ({"number_checked": ""}, ("+447700900123", None), "You have not rung their number."),
        ({"number_checked": "no_answer"}, ("+447700900123", None), "Their phone did not ring"),
        (
            {"number_checked": "wrong"},
            ("+447700900123", None),
            "You marked the number as wrong, and there is no other",
        ),
        (
            {"number_checked": "wrong", "postcode": "B1 1AA"},
            None,
            "You marked the number as wrong: it is not sent",
        ),
    ],
)
def test_what_came_of_ringing_the_number_is_said_and_never_blocks(
    app: Flask,
    officer: FlaskClient,
    contact: dict[str, str],
    sent: tuple[str, str | None] | None,
    words: str | None,
) -> None:
    page = fill(officer, contact=contact)
    shown = officer.get(page).text
    for doubt in ("not rung their number", "phone did not ring", "marked the number"):
        assert (doubt in shown) == (doubt in (words or ""))
    assert (words or "") in shown
    assert post(officer, page).status_code == 302
    with app.app_context():
        numbers = db.session.execute(sa.select(PhoneNumber.e164, PhoneNumber.confirmed_by)).all()
        assert [tuple(number) for number in numbers] == ([sent] if sent is not None else [])


def test_the_number_can_be_rung_from_the_page(officer: FlaskClient) -> None:
    contact = fill(officer).replace("check", "contact")
    assert 'href="tel:07700900123">Ring <span>07700 900123</span> now</a>' in officer.get(contact).text


def test_warnings_never_block(officer: FlaskClient) -> None:
    page = fill(
        officer,
        event={"force_reference": ""},
        person={"given_name": "Mr Sam, also known as Al"},
        contact={"mobile": "07777 777777"},
        agreement={"responsibility_accepted": ""},
    )
    shown = officer.get(page).text
    for doubt in ("title in this name", "several names", "somebody made up", "accepted responsibility"):
        assert doubt in shown
    assert post(officer, page).status_code == 302


def test_the_notice_promises_only_what_the_scheme_keeps(app: Flask, world: World) -> None:
    notices = {}
    for scheme in ("diversion-deferred", "custody-referral"):
        client = app.test_client()
        with app.app_context(), transaction():
            add_account(world, scheme, Role.OFFICER, force_id=world.forces["thamesford"])
        sign_in(client, world, scheme)
        page = fill(
            client, event={"scheme": scheme, "area": "", "area_other": "Reading", "collar_number": "1"}
        )
        notices[scheme] = client.get(page.replace("check", "agreement")).text
    assert "you may still be prosecuted" in notices["diversion-deferred"]
    assert "requires you" not in notices["diversion-deferred"]
    assert "The law requires you to take that first call" in notices["custody-referral"]
    assert "you may still be prosecuted" not in notices["custody-referral"]


def test_attendance_required_by_law_needs_no_agreement(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        add_account(world, "custody", Role.OFFICER, force_id=world.forces["thamesford"])
    client = app.test_client()
    sign_in(client, world, "custody")
    tested = {
        "scheme": "custody-referral",
        "setting": "custody",
        "offence": "drug_test_positive",
        "drugs-0-substance": "",
        "drugs-0-drug_class": "",
        "drugs-0-quantity": "",
        "area": "",
    }
    refer(client, event=tested, agreement={"given": "", "outcome": "none"})
    with app.app_context():
        assert the_referral().agreement_at is None


def test_a_force_administrator_refers_too_and_gives_a_collar_number(app: Flask, world: World) -> None:
    client = app.test_client()
    sign_in(client, world, "force_administrator")
    assert "Your collar number" in client.get("/refer").text
    assert "collar_number" in errors_in(post(client, "/refer", **EVENT))
    refer(client, event={"collar_number": "7"})
    with app.app_context():
        assert the_referral().officer_collar_number == "7"


def test_due_in_words_is_the_schemes_own(app: Flask, officer: FlaskClient, clock: MovableClock) -> None:
    refer(officer)
    with app.app_context():
        assert the_referral().first_contact_due - clock.now() < timedelta(days=3)
