"""The force administrator's outcomes: filters, pages, the sheet; and one referral, read, corrected, withdrawn."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.domain.referrals.reviews import Decision
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import ending, reviewing
from tests.builders import World, build_world, count
from tests.cases import Known, add_case
from tests.desk import case_of, refer, referral_of, section, send, sign_in, somebody
from tests.fakes import MovableClock
from tests.pathway.walking import set_terms
from tests.queries import queries_of
from tests.roadside import errors_in

LIST = "/force/outcomes"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def admin(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "force_administrator")
    return client


def references_in(page: str) -> list[str]:
    return re.findall(r'app-reference" href="/force/outcomes/([0-9A-Z]{4}-[0-9A-Z]{4})"', page)


def found(admin: FlaskClient, **typed: str) -> list[str]:
    """What the form finds: by POST, and where that leads."""
    answer = admin.post(LIST, data={"csrf_token": token(admin), **typed}, follow_redirects=True)
    assert answer.status_code == 200
    return references_in(answer.text)


def token(admin: FlaskClient) -> str:
    match = re.search(r'name="csrf_token" value="([^"]+)"', admin.get(LIST).text)
    assert match
    return match[1]


def day(name: str, iso: str) -> dict[str, str]:
    year, month, of_month = iso.split("-")
    return {f"{name}-day": of_month, f"{name}-month": month, f"{name}-year": year}


def change(world: World, known: Known, **values: Any) -> None:
    with world.app.app_context(), transaction():
        referral = db.session.get_one(Referral, known.referral_id)
        for name, value in values.items():
            setattr(referral, name, value)


class TestTheList:
    def test_they_are_listed_by_status_as_the_force_reads_it(self, world: World, admin: FlaskClient) -> None:
        for place, status in enumerate(Status):
            add_case(world, status=status, given_name=f"P{place}", mobile=None)
        page = admin.get(LIST).text
        assert len(references_in(page)) == len(Status)
        for hidden in ("Waiting", "Placed", "Assessed", "Assessment booked", "P1"):
            assert hidden not in re.sub(r"<select.*?</select>", "", page, flags=re.DOTALL)

    def test_each_filter_narrows_them(self, world: World, admin: FlaskClient) -> None:
        placed = add_case(world, status=Status.PLACED)
        young = add_case(world, status=Status.COMPLETED, scheme="divert-young-people", given_name="Al")
        barred = add_case(world, status=Status.NOT_ENGAGED, given_name="Bo")
        change(
            world,
            young,
            received_at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC),
            closed_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
            level="intervention",
            officer_collar_number="77x",
        )
        until = datetime(2027, 11, 1).date()
        change(
            world,
            barred,
            closed_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
            may_reoffer=False,
            bar_until=until,
        )
        for typed, wanted in (
            ({"status": "accepted"}, [placed]),
            ({"status": "completed"}, [young]),
            ({"level": "intervention"}, [young]),
            ({"level": "assessment"}, [placed, barred]),
            ({"level": "none"}, []),
            ({"scheme": "divert-young-people"}, [young]),
            (day("received_to", "2026-10-31"), [young]),
            (day("received_from", "2026-11-01"), [placed, barred]),
            (day("ended_from", "2026-11-20") | day("ended_to", "2026-11-20"), [young]),
            (day("ended_from", "2026-11-21"), [barred]),
            ({"officer": "77X"}, [young]),
            ({"next_time": "engaged"}, [young]),
            ({"next_time": "barred"}, [barred]),
            ({"next_time": "may_be_offered"}, [young]),
            ({"next_time": "barred", "status": "completed"}, []),
        ):
            assert set(found(admin, **typed)) == {one.reference for one in wanted}, typed

    def test_a_bar_that_has_ended_bars_nobody(self, world: World, admin: FlaskClient) -> None:
        known = add_case(world, status=Status.NOT_ENGAGED)
        ended, until = datetime(2025, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 24).date()
        change(world, known, closed_at=ended, may_reoffer=False, bar_until=until)
        assert found(admin, next_time="barred") == []
        assert found(admin, next_time="may_be_offered") == [known.reference]

    def test_a_level_that_the_terms_keep_from_the_force_is_not_looked_for(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        with app.app_context():
            set_terms(world, "divert-adult", told=[])
        known = add_case(world, status=Status.PLACED)
        assert found(admin, level="assessment") == []
        assert found(admin, level="none") == [known.reference]

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"status": "placed"}, "status"),
            ({"scheme": "custody-referral"}, "scheme"),
            ({"level": "x"}, "level"),
            ({"next_time": "x"}, "next_time"),
            ({"words": "x" * 51}, "words"),
            ({"officer": "x" * 31}, "officer"),
            ({"words": "20\x00"}, "words"),
            (day("received_from", "2026-13-01"), "received_from"),
            (day("received_from", "9999-12-31"), "received_from"),
            (day("received_from", "2026-11-02") | day("received_to", "2026-11-01"), "received_to"),
        ],
    )
    def test_a_filter_that_is_none_is_said_at_its_field(
        self, world: World, admin: FlaskClient, typed: dict[str, str], field: str
    ) -> None:
        add_case(world)
        answer = send(admin, LIST, LIST, **typed)
        assert answer.status_code == 200
        assert errors_in(answer).keys() == {field}
        assert references_in(answer.text) == []
        sheet = send(admin, LIST, f"{LIST}.csv", **typed)
        assert sheet.mimetype == "text/html"

    @pytest.mark.parametrize("page", ["0", "-5", "201", "9999999999999999999999"])
    def test_a_page_that_is_none_leads_back(self, admin: FlaskClient, page: str) -> None:
        assert "There is no such page." in admin.get(f"{LIST}?page={page}").text

    def test_with_none_there_is_a_next_step(self, world: World, admin: FlaskClient) -> None:
        assert "Your force has not referred anybody yet." in admin.get(LIST).text
        add_case(world)
        assert "Look for less, or show all" in admin.get(f"{LIST}?status=completed").text

    def test_another_forces_are_not_among_them(self, world: World, admin: FlaskClient) -> None:
        theirs = add_case(world, scheme="custody-referral")
        change(world, theirs, force_reference="20/1/26")
        assert theirs.reference not in admin.get(LIST).text
        assert found(admin, words=theirs.reference) == []
        assert found(admin, words="20/1/26") == []

    def test_pages_of_fifty_in_a_fixed_number_of_queries(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        asked = []
        for more in (1, 52):
            for place in range(more):
                add_case(world, given_name=f"P{more}x{place}", mobile=None)
            with queries_of(app) as sent:
                admin.get(LIST)
            asked.append(len(sent))
        assert asked[0] == asked[1] <= 7
        assert "1 to 50 of 53" in admin.get(LIST).text
        second = admin.get(f"{LIST}?status=accepted&page=2&scheme=divert-adult").text
        assert "51 to 53 of 53" in second

    def test_that_it_was_read_is_in_the_trail(self, app: Flask, world: World, admin: FlaskClient) -> None:
        admin.get(LIST)
        with app.app_context():
            assert count("audit_entries", action="outcomes.read") == 1


class TestTheCrimeNumber:
    def test_all_of_it_or_how_it_begins_however_it_is_spaced_or_cased(
        self, world: World, admin: FlaskClient
    ) -> None:
        known, other = add_case(world), add_case(world, given_name="Al")
        change(world, known, force_reference="20/123456/26 A")
        change(world, other, force_reference="20/1299/26")
        for words in ("20/123456/26a", " 20/ 1234", "20/123", known.reference.lower().replace("-", " ")):
            assert found(admin, words=words) == [known.reference], words
        assert set(found(admin, words="20/12")) == {known.reference, other.reference}
        for words in ("123456", "20/2", "%", "20/_23"):
            assert found(admin, words=words) == [], words

    def test_it_stands_in_no_address(self, world: World, admin: FlaskClient) -> None:
        for place in range(51):
            change(
                world, add_case(world, given_name=f"P{place}", mobile=None), force_reference=f"20/1{place}"
            )
        answer = send(admin, LIST, LIST, words="20/1", status="accepted")
        assert answer.status_code == 200
        assert "1 to 50 of 51" in answer.text
        assert not re.search(r'(href|action)="[^"]*20(/|%2F)1', answer.text)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
        assert (hidden["words"], hidden["page"]) == ("20/1", "2")
        second = send(admin, LIST, LIST, words="20/1", status="accepted", page="2")
        assert "51 to 51 of 51" in second.text

    def test_what_is_not_private_can_be_kept_as_an_address(self, admin: FlaskClient) -> None:
        answer = send(admin, LIST, LIST, status="completed", words="")
        assert answer.location == f"{LIST}?status=completed"
        assert 'value="20/1"' not in admin.get(f"{LIST}?words=20/1&officer=4312").text

    def test_it_is_found_by_an_index(self, world: World, engine_name: str) -> None:
        known = add_case(world)
        plan = "EXPLAIN QUERY PLAN" if engine_name == "sqlite" else "EXPLAIN"
        asked = "SELECT id FROM referrals WHERE force_id = 1 AND crime_number BETWEEN '20/12' AND '20/12z'"
        with world.app.app_context(), transaction():
            table = db.metadata.tables["referrals"]
            copied = dict(db.session.execute(sa.select(table)).mappings().one())
            rows = [
                {**copied, "id": place, "reference": f"R{place}", "crime_number": f"20/{place}"}
                for place in range(known.referral_id + 1, 5000)
            ]
            db.session.connection().execute(sa.insert(table), rows)
            db.session.execute(sa.text("ANALYZE"))
            steps = " ".join(str(row) for row in db.session.execute(sa.text(f"{plan} {asked}")))
        assert "ix_referrals_force_crime_number" in steps

    def test_a_correction_changes_what_it_is_found_by(self, world: World, admin: FlaskClient) -> None:
        reference = refer(world.app, world, force_reference="20/1/26")
        page = f"{LIST}/{reference}/correct"
        send(admin, page, force_reference="30/1/26", collar_number="4312")
        assert found(admin, words="30/1") == [reference]
        assert found(admin, words="20/1") == []


class TestTheSheet:
    def test_it_is_exactly_what_is_filtered_and_safe_to_open(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        for place in range(52):
            add_case(world, given_name=f"P{place}", mobile=None)
        done = add_case(world, status=Status.COMPLETED, given_name="Al")
        change(world, done, force_reference="=1+1", officer_collar_number="@77")
        sheet = send(admin, LIST, f"{LIST}.csv", status="completed")
        assert sheet.headers["Content-Disposition"] == "attachment; filename=outcomes.csv"
        (line,) = csv.DictReader(io.StringIO(sheet.text))
        assert line["reference"] == done.reference
        assert line["force_reference"] == "'=1+1"
        assert line["officer_collar_number"] == "'@77"
        every = list(csv.reader(io.StringIO(send(admin, LIST, f"{LIST}.csv").text)))
        assert len(every) == 54
        key = {"Authorization": f"Bearer {world.keys['midshire']}"}
        report = app.test_client().get("/api/v1/compliance-report.csv", headers=key).text
        assert [*next(csv.reader(io.StringIO(report))), "officer_collar_number"] == every[0]
        with app.app_context():
            kept = db.session.scalars(
                sa.text("SELECT detail FROM audit_entries WHERE action = 'report.read'")
            )
            assert ["53" in str(detail) or "1" in str(detail) for detail in kept] == [True, True, True]

    def test_nothing_found_is_a_sheet_of_its_heading(self, admin: FlaskClient) -> None:
        assert len(send(admin, LIST, f"{LIST}.csv", words="20/404").text.splitlines()) == 1


def ended(world: World, clock: MovableClock, **changes: Any) -> str:
    """Somebody declined, and so is barred."""
    reference = refer(world.app, world, **changes)
    case_id = case_of(world.app, reference).id
    with world.app.app_context(), transaction():
        by = Actor("account", world.accounts["drug_worker"])
        ending.end_declined(case_id, by=by, now=clock.now())
    return reference


class TestOneReferral:
    def test_what_was_sent_and_told_and_why(
        self, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        risk = {"markers": ["lone_working"], "note": "A dog."}
        reference = ended(world, clock, force_reference="20/5/26", risk=risk)
        page = admin.get(f"{LIST}/{reference}").text
        for words in ("Sam Example", "20/5/26", "PC Example", "A dog.", "2 g", "Birmingham"):
            assert words in page
        for words in ("Not engaged", "They declined.", "Under divert-adult v1, ", "with an intelligence log"):
            assert words in page
        for words in ("2003", "900123", "1 Example Street"):
            assert words not in page
        assert (
            "Sam Example" in send(admin, f"{LIST}/{reference}", f"{LIST}/{reference}/review", words="").text
        )
        with world.app.app_context():
            assert count("audit_entries", action="referral.read") == 3

    def test_the_name_of_a_restricted_record_is_withheld(self, world: World, admin: FlaskClient) -> None:
        reference = refer(world.app, world, risk={"markers": [], "note": "A dog."})
        key = {"Authorization": f"Bearer {world.keys['midshire']}"}
        mended = {"person": {"mobile": "07700 900999", "address": {"line_1": "9 Sample Road"}}}
        assert world.app.test_client().patch(f"/api/v1/referrals/{reference}", json=mended, headers=key).json
        assert "9 Sample Road" in admin.get(f"{LIST}/{reference}").text
        with world.app.app_context(), transaction():
            db.session.execute(sa.update(Person).values(restricted=True))
        page = admin.get(f"{LIST}/{reference}").text
        assert "Name withheld" in page
        for words in ("Sam Example", "A dog.", "9 Sample Road", "900999"):
            assert words not in page

    def test_a_correction_is_kept_with_what_stood_there_before(
        self, world: World, admin: FlaskClient
    ) -> None:
        reference = refer(world.app, world, force_reference="20/5/26")
        page = f"{LIST}/{reference}/correct"
        assert 'value="20/5/26"' in admin.get(page).text
        typed = {"force_reference": "20/6/26", "collar_number": "99", "officer_name": "", "officer_email": ""}
        assert send(admin, page, **typed).location == f"{LIST}/{reference}"
        referral = referral_of(world.app, reference)
        assert (referral.force_reference, referral.officer_collar_number) == ("20/6/26", "99")
        shown = admin.get(f"{LIST}/{reference}").text
        assert "What your force corrected" in shown
        assert "20/5/26" in shown
        assert "Force Administrator Example" in shown

    def test_a_wrong_correction_is_said_at_its_field(self, world: World, admin: FlaskClient) -> None:
        refer(world.app, world, force_reference="20/5/26")
        other = refer(world.app, world, force_reference="20/6/26")
        page = f"{LIST}/{other}/correct"
        assert errors_in(send(admin, page, collar_number="")).keys() == {"collar_number"}
        same = send(admin, page, force_reference="20/5/26", collar_number="1", officer_email="no")
        assert errors_in(same).keys() == {"officer_email"}
        assert 'value="20/5/26"' in same.text
        taken = send(admin, page, force_reference="20/5/26", collar_number="1")
        assert "See " in errors_in(taken)["force_reference"]

    def test_a_number_before_the_forces_own_is_not_shown(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        reference = refer(world.app, world)
        with app.app_context(), transaction():
            db.session.execute(sa.text("UPDATE phone_numbers SET as_given = '07700 900999'"))
        key = {"Authorization": f"Bearer {world.keys['midshire']}"}
        sent = {"person": {"mobile": "07700 900555"}}
        assert (
            app.test_client().patch(f"/api/v1/referrals/{reference}", json=sent, headers=key).status_code
            == 200
        )
        page = admin.get(f"{LIST}/{reference}").text
        assert "07700 900555" in page
        assert "900999" not in page

    def test_it_is_withdrawn_with_a_reason_after_being_asked(self, world: World, admin: FlaskClient) -> None:
        reference = refer(world.app, world)
        page = f"{LIST}/{reference}/withdraw"
        assert "It cannot be undone" in admin.get(page).text
        assert errors_in(send(admin, page)) == {"reason": "Choose why it is withdrawn"}
        assert referral_of(world.app, reference).status == "accepted"
        assert send(admin, page, reason="charged").status_code == 302
        assert referral_of(world.app, reference).status == "withdrawn"
        shown = admin.get(f"{LIST}/{reference}").text
        assert "Your force took it back." in shown
        assert "Withdraw this referral" not in shown

    def test_one_that_ended_meanwhile_is_not_withdrawn(
        self, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        reference = ended(world, clock)
        answer = send(admin, f"{LIST}/{reference}/withdraw", reason="other")
        assert "This referral has already ended." in answer.text
        assert referral_of(world.app, reference).status == "not_engaged"

    @pytest.mark.parametrize("path", ["", "/correct", "/withdraw"])
    @pytest.mark.parametrize("reference", ["2222-2222", "nonsense", "%00", "x" * 300])
    def test_one_that_is_not_there_is_not_found(self, admin: FlaskClient, reference: str, path: str) -> None:
        assert admin.get(f"{LIST}/{reference}{path}").status_code == 404


class TestTheReviewOfABar:
    def test_it_is_asked_for_and_its_answer_read(
        self, app: Flask, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        reference = ended(world, clock)
        page = f"{LIST}/{reference}"
        assert errors_in(send(admin, page, f"{page}/review", words="")).keys() == {"words"}
        assert send(admin, page, f"{page}/review", words="We have new facts.").status_code == 302
        shown = section(admin.get(page).text, "review")
        assert "A review was asked for on 24 November 2026." in shown
        assert "Your force wrote: We have new facts." in shown
        assert "Ask for a review" not in shown
        assert reference in admin.get("/force/reviews").text
        decide(app, world, clock, Decision.KEEP)
        shown = section(admin.get(page).text, "review")
        assert "Reviewed on 24 November 2026: the bar stays until 24 November 2027." in shown
        assert "Because of what they said" not in admin.get(page).text
        assert "The bar stays until" in admin.get("/force/reviews").text

    def test_what_the_person_said_is_never_read_here(
        self, app: Flask, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        reference = ended(world, clock)
        with app.app_context(), transaction():
            referral = db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()
            by = Actor("account", world.accounts["drug_worker"])
            reviewing.ask(referral, words="In hospital", through="desk", by=by, now=clock.now())
        for page in (f"{LIST}/{reference}", "/force/reviews", "/force"):
            assert "hospital" not in admin.get(page).text
        assert "A review was asked for" in admin.get(f"{LIST}/{reference}").text
        decide(app, world, clock, Decision.LIFT)
        for page in (f"{LIST}/{reference}", "/force/reviews", "/force", "/force/corrections"):
            text = admin.get(page).text
            assert "hospital" not in text
            assert "Because of what they said" not in text

    def test_where_nothing_bars_them_there_is_nothing_to_ask(
        self, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        reference = refer(world.app, world, person=somebody(1))
        page = f"{LIST}/{reference}"
        assert "Review of the bar" not in admin.get(page).text
        answer = send(admin, LIST, f"{page}/review", words="Please.")
        assert "There is no bar to review" in answer.text

    def test_two_ask_at_once_and_the_second_reads_so(
        self, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        page = f"{LIST}/{ended(world, clock)}"
        assert send(admin, page, f"{page}/review", words="One").status_code == 302
        assert "A review has been asked for already" in send(admin, LIST, f"{page}/review", words="Two").text


def decide(app: Flask, world: World, clock: MovableClock, decision: Decision) -> None:
    with app.app_context(), transaction():
        review_id = db.session.scalars(sa.text("SELECT id FROM bar_reviews")).one()
        by, why = Actor("account", world.accounts["team_lead"]), "Because of what they said"
        reviewing.decide(review_id, decision=decision, reason=why, by=by, now=clock.now())
