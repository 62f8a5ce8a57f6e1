"""Numbers to put right: at the desk, at the force's door, and whose texts a child's are."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.number_worklist import SENTENCES, Problem
from provider.domain.messaging.models import Text
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from tests.builders import World, build_world, count
from tests.cases import Known, add_case
from tests.desk import csrf_of, send, sign_in
from tests.fakes import A_TUESDAY
from tests.queries import queries_of
from tests.texting import add_to_ring, change_number

PAGE = "/phone-numbers"
NEEDED = "/force/numbers"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def force(world: World) -> FlaskClient:
    client = world.app.test_client()
    sign_in(client, world, "force_administrator")
    return client


def somebody(world: World, number: int = 100, **more: object) -> Known:
    return add_to_ring(world, given_name=f"Per{chr(97 + number % 26)}", mobile=f"+447700900{number}", **more)


def ask_for(world: World, known: Known, desk: FlaskClient) -> None:
    change_number(world, known, state="bad", confirmed_at=None, confirmed_by=None)
    assert send(desk, PAGE, f"/referrals/{known.reference}/number/ask").status_code == 302


WRONG: dict[Problem, dict[str, object]] = {
    Problem.BAD: {"state": "bad"},
    Problem.SUSPECT: {"state": "suspect"},
    Problem.NOT_A_MOBILE: {"state": "not_a_mobile", "e164": None},
}


class TestAtTheDesk:
    def test_with_nothing_wrong_it_says_so(self, world: World, desk: FlaskClient) -> None:
        somebody(world)
        page = desk.get(PAGE).text
        assert "Every number here can be rung and texted." in page
        assert "Pers" not in page

    @pytest.mark.parametrize("problem", WRONG)
    def test_a_number_is_listed_under_what_is_wrong(
        self, world: World, desk: FlaskClient, problem: Problem
    ) -> None:
        known = somebody(world)
        change_number(world, known, **WRONG[problem])
        page = desk.get(PAGE).text
        assert SENTENCES[problem] in page
        assert f"/referrals/{known.reference}/number" in page
        assert known.reference in desk.get(f"{PAGE}?which={problem}").text
        others = {one for one in Problem if one != problem}
        assert all(known.reference not in desk.get(f"{PAGE}?which={one}").text for one in others)

    def test_who_has_no_number_at_all(self, world: World, desk: FlaskClient) -> None:
        known = add_to_ring(world, mobile=None)
        page = desk.get(f"{PAGE}?which=no_number").text
        assert known.reference in page
        assert "No number at all" in page
        assert f"/referrals/{known.reference}#call" not in page

    def test_two_on_one_number_are_both_listed_until_one_has_another(
        self, world: World, desk: FlaskClient
    ) -> None:
        first, second = somebody(world), somebody(world)
        page = desk.get(f"{PAGE}?which=shared").text
        assert first.reference in page
        assert second.reference in page
        flag = "Somebody else has this number too"
        assert all(flag in desk.get(f"/referrals/{one.reference}").text for one in (first, second))
        change_number(world, second, e164="+447700900124")
        assert first.reference not in desk.get(PAGE).text
        assert all(flag not in desk.get(f"/referrals/{one.reference}").text for one in (first, second))

    def test_texts_that_arrive_at_a_number_nobody_confirmed(self, world: World, desk: FlaskClient) -> None:
        known = somebody(world)
        change_number(world, known, confirmed_at=None, confirmed_by=None)
        assert known.reference not in desk.get(PAGE).text
        with world.app.app_context(), transaction():
            number_id = db.session.scalars(sa.select(PhoneNumber.id)).one()
            moments = {"due_at": A_TUESDAY, "expires_at": A_TUESDAY, "to_number_id": number_id}
            db.session.add(
                Text(
                    public_id="txt_1",
                    case_id=known.case_id,
                    kind="first_contact_soon",
                    once_key="1",
                    state="delivered",
                    **moments,
                )
            )
        assert known.reference in desk.get(f"{PAGE}?which=unconfirmed").text

    def test_a_name_that_came_with_a_doubt_is_looked_at_once(self, world: World, desk: FlaskClient) -> None:
        known = somebody(world)
        with world.app.app_context(), transaction():
            warning = [{"pointer": "/person/given_name", "code": "title_in_name", "detail": "x"}]
            db.session.execute(sa.update(Referral).values(warnings=warning))
        assert "The name may not be only a name" in desk.get(PAGE).text
        send(desk, f"{PAGE}?which=odd_name", f"/referrals/{known.reference}/name/right")
        assert known.reference not in desk.get(PAGE).text
        with world.app.app_context():
            assert db.session.scalars(sa.select(Person.name_checked_at)).one() is not None
            assert count("audit_entries", action="person.name_checked") == 1

    def test_ones_own_first_and_everybodys_on_request(self, world: World, desk: FlaskClient) -> None:
        known = somebody(world)
        change_number(world, known, state="bad")
        with world.app.app_context(), transaction() as session:
            session.execute(
                sa.text("UPDATE cases SET assigned_to_id = :other"),
                {"other": world.accounts["drug_worker_2"]},
            )
        assert known.reference not in desk.get(PAGE).text
        assert known.reference in desk.get(f"{PAGE}?whose=all").text

    def test_who_is_restricted_is_masked_number_and_all(self, world: World, desk: FlaskClient) -> None:
        known = somebody(world, restricted=True)
        change_number(world, known, state="bad")
        page = desk.get(PAGE).text
        assert "Restricted record" in page
        assert "07700 900100" not in page
        assert "Perw" not in page
        assert known.reference in page

    def test_it_is_turned_over_page_by_page(self, world: World, desk: FlaskClient) -> None:
        for number in range(100, 130):
            change_number(world, somebody(world, number), state="bad")
        first, second = desk.get(PAGE).text, desk.get(f"{PAGE}?page=2").text
        assert "Page 1 of 2" in first
        assert first.count("Give another number") == 25
        assert second.count("Give another number") == 5
        assert desk.get(f"{PAGE}?page=99999999999").status_code == 200
        assert desk.get(f"{PAGE}?page=-1&which=nonsense").status_code == 200

    def test_it_asks_as_much_of_the_database_for_many_as_for_one(
        self, world: World, desk: FlaskClient
    ) -> None:
        asked = []
        for numbers in (range(100, 101), range(101, 120)):
            for number in numbers:
                change_number(world, somebody(world, number), state="bad")
            with queries_of(world.app) as sent:
                assert desk.get(PAGE).status_code == 200
            asked.append(len(sent))
        assert asked[0] == asked[1] <= 5

    def test_the_counts_stand_on_my_day_and_on_the_teams(self, world: World, desk: FlaskClient) -> None:
        change_number(world, somebody(world), state="bad")
        assert "phone numbers to put right" in desk.get("/my-day").text
        lead = world.app.test_client()
        sign_in(lead, world, "team_lead")
        assert "phone numbers to put right" in lead.get("/team").text

    @pytest.mark.parametrize("who", ["facilitator", "commissioner", "officer", "administrator"])
    def test_who_rings_nobody_does_not_get_in(self, world: World, who: str) -> None:
        client = world.app.test_client()
        sign_in(client, world, who)
        assert client.get(PAGE).status_code == 403


class TestAtTheForce:
    def test_with_nothing_asked_it_says_so(self, world: World, force: FlaskClient) -> None:
        somebody(world)
        assert "No number is asked for." in force.get(NEEDED).text

    def test_what_is_asked_for_is_the_reference_and_nothing_about_why(
        self, world: World, desk: FlaskClient, force: FlaskClient
    ) -> None:
        known = somebody(world)
        ask_for(world, known, desk)
        page = force.get(NEEDED).text
        assert known.reference in page
        assert not any(word in page for word in ("Perw", "900100", "wrong", "dead", "not theirs"))
        assert "Another number is needed for 1 referral" in force.get("/force").text
        assert "Another is asked for since" in desk.get(PAGE).text

    def test_another_number_ends_the_wait_and_is_rung(
        self, world: World, desk: FlaskClient, force: FlaskClient
    ) -> None:
        known = somebody(world)
        ask_for(world, known, desk)
        at = f"{NEEDED}/{known.reference}"
        answer = send(force, at, mobile="07700 900777", checked="yes")
        assert answer.status_code == 302
        assert "No number is asked for." in force.get(NEEDED).text
        with world.app.app_context():
            assert count("phone_numbers", ended_at=None, e164="+447700900777", confirmed_by="officer") == 1
            assert count("tasks", done_at=None, kind="number_suspect") == 0
        assert force.get(at).status_code == 404

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({}, "Enter the number"),
            ({"mobile": "07700 900777"}, "Choose whether the number was checked"),
            ({"mobile": "7" * 41, "checked": "no"}, "40 characters"),
        ],
    )
    def test_what_is_missing_is_said_at_its_field(
        self, world: World, desk: FlaskClient, force: FlaskClient, form: dict[str, str], said: str
    ) -> None:
        known = somebody(world)
        ask_for(world, known, desk)
        assert said in send(force, f"{NEEDED}/{known.reference}", **form).text

    def test_the_form_is_there_only_while_a_number_is_asked_for(
        self, world: World, force: FlaskClient
    ) -> None:
        known = somebody(world)
        assert force.get(f"{NEEDED}/{known.reference}").status_code == 404
        assert force.get(f"{NEEDED}/K7QM-2X4D").status_code == 404

    def test_another_forces_referral_is_as_if_it_were_missing(
        self, world: World, desk: FlaskClient, force: FlaskClient
    ) -> None:
        theirs = somebody(world, scheme="diversion-deferred")
        ask_for(world, theirs, desk)
        assert theirs.reference not in force.get(NEEDED).text
        assert force.get(f"{NEEDED}/{theirs.reference}").status_code == 404
        token = csrf_of(force, "/force/officers")
        sent = {"csrf_token": token, "mobile": "07700 900777", "checked": "yes"}
        assert force.post(f"{NEEDED}/{theirs.reference}", data=sent).status_code == 404
        with world.app.app_context():
            assert count("phone_numbers") == 1


class TestWhoseTexts:
    @pytest.fixture
    def child(self, world: World) -> Known:
        return add_case(
            world,
            given_name="Ash",
            born=A_TUESDAY.date().replace(year=2012),
            scheme="divert-young-people",
            course=None,
        )

    def test_it_is_recorded_and_stands_on_the_referral(
        self, world: World, desk: FlaskClient, child: Known
    ) -> None:
        referral = f"/referrals/{child.reference}"
        assert "Agree who gets the texts" in desk.get(referral).text
        form = {
            "texts_to": "adult",
            "relation": "mother",
            "mobile": "07700 900556",
            "competence": "competent",
        }
        assert send(desk, f"{referral}/whose-texts", **form).status_code == 302
        assert "to an adult (mother)" in desk.get(referral).text
        with world.app.app_context():
            assert count("people", texts_to="adult", competence="competent") == 1
            assert count("phone_numbers", relation="mother", confirmed_by=None) == 1
            assert count("audit_entries", action="texts.agreed") == 1
        assert 'value="mother"' in desk.get(f"{referral}/whose-texts").text

    def test_what_is_missing_is_said_at_its_field(self, desk: FlaskClient, child: Known) -> None:
        at = f"/referrals/{child.reference}/whose-texts"
        assert "Choose who gets the texts" in send(desk, at).text
        page = send(desk, at, texts_to="adult").text
        for said in (
            "Record whether they can decide this alone.",
            "Say who the adult is to them.",
            "Enter the adult’s UK mobile number.",
        ):
            assert said in page

    def test_who_is_of_age_has_nothing_to_decide(self, world: World, desk: FlaskClient) -> None:
        known = somebody(world)
        at = f"/referrals/{known.reference}/whose-texts"
        page = desk.get(at).text
        assert "their texts go to them alone" in page
        assert 'name="texts_to"' not in page
        token = csrf_of(desk, f"/referrals/{known.reference}")
        assert (
            "their texts go to them alone"
            in desk.post(at, data={"csrf_token": token, "texts_to": "child"}).text
        )
        with world.app.app_context():
            assert count("people", texts_to=None) == 1

    def test_an_adults_number_is_neither_rung_nor_what_they_are_found_by(
        self, world: World, desk: FlaskClient, child: Known
    ) -> None:
        form = {
            "texts_to": "adult",
            "relation": "mother",
            "mobile": "07700 900556",
            "competence": "competent",
        }
        send(desk, f"/referrals/{child.reference}/whose-texts", **form)
        page = desk.get(f"/referrals/{child.reference}").text
        assert "tel:+447700900123" in page
        assert "tel:+447700900556" not in page
