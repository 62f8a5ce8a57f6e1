"""A force's file of referrals over HTTP: looked at, sent all or nothing or the good rows, and uploaded again."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.referrals.models import Referral
from provider.domain.referrals.sheet.columns import COLUMNS
from provider.domain.uploads.models import RowState, Upload, UploadRow
from provider.jobs.run import run_all_once
from provider.kernel.database import db, transaction
from provider.pathway import receiving, uploading
from tests.builders import World, add_account, build_world, count
from tests.desk import csrf_of, refer, sign_in, somebody
from tests.fakes import MovableClock, Phones
from tests.queries import queries_of
from tests.roadside import errors_in
from tests.sheets import NAMES, row, rows_of, send, start, upload, uploaded, written


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def admin(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "force_administrator")
    return client


def plain(page: str) -> str:
    """The words of a page's main part."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def lines_on(client: FlaskClient, page: str) -> dict[str, str]:
    """Each row of the file by its number, as the page says it."""
    text = client.get(f"{page}?show=all").text
    table = text.partition("Rows of the file")[2]
    rows = re.findall(r'<th scope="row"[^>]*>Row (.*?)</th>(.*?)</tr>', table, re.DOTALL)
    return {number: " ".join(re.sub(r"<[^>]+>", " ", cells).split()) for number, cells in rows}


def states(app: Flask) -> list[str]:
    return [found["state"] for found in rows_of(app)]


def received(app: Flask) -> list[Referral]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Referral).order_by(Referral.id)))


def results(client: FlaskClient, page: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"{page}/results.csv").text)))


def do(client: FlaskClient, page: str, app: Flask, mode: str = "good") -> None:
    start(client, page, mode)
    run_all_once(app)


class TestTemplate:
    def test_it_is_what_the_upload_reads(self, app: Flask, admin: FlaskClient) -> None:
        answer = admin.get("/force/uploads/template.csv")
        assert answer.headers["Content-Disposition"] == "attachment; filename=referrals.csv"
        heading = answer.data.decode("utf-8-sig").splitlines()[0]
        assert [cell.strip('"') for cell in heading.split(",")] == list(NAMES)
        cells = row(1)
        filled = heading + "\r\n" + ",".join(cells.get(name, "") for name in NAMES)
        assert upload(admin, filled).status_code == 302
        assert states(app) == ["ready"]

    def test_the_page_says_what_each_column_takes_and_which_are_needed(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        page = admin.get("/force/uploads/columns").text
        named = set(re.findall(r'<th scope="row"[^>]*><code>(\w+)</code>', page))
        further = {column.name for column in COLUMNS if re.match("drug_[2-5]_", column.name)}
        assert named == set(NAMES) - further
        for code in ("stop_and_search", "ketamine", "B1", "drug_test_positive", "divert-adult"):
            assert f"<code>{code}</code>" in page or f">{code}<" in page, code
        needed = re.findall(r'<code>(\w+)</code></th>\s*<td[^>]*data-label="Needed">Yes', page)
        assert {column.name for column in COLUMNS if column.needed} <= set(needed)
        assert "custody-referral" not in page


class TestReading:
    def test_nothing_is_sent_before_the_rows_are_looked_at(self, app: Flask, admin: FlaskClient) -> None:
        rows = [row(1), row(2, mobile="7700900123"), row(3, gender="x", date_of_birth="05/14/2003")]
        page = uploaded(admin, rows)
        run_all_once(app)
        text = plain(admin.get(page).text)
        assert "Nothing has been sent" in text
        assert "1 good 1 doubtful, and can be sent 1 to put right 0 sent before" in text
        assert received(app) == []
        lines = lines_on(admin, page)
        assert list(lines) == ["2", "3", "4"]
        assert "mobile : The spreadsheet had taken away the first 0" in lines["3"]
        assert "date_of_birth : There is no such date. The day comes first" in lines["4"]
        assert "gender : This must be one of" in lines["4"]
        assert list(lines_on_shown(admin, page, "wrong")) == ["4"]
        assert list(lines_on_shown(admin, page, "doubtful")) == ["3"]

    def test_what_several_cells_show_together_is_said_too(self, app: Flask, admin: FlaskClient) -> None:
        rows = [
            row(1, mobile=""),
            row(2, agreement_given=""),
            row(3, drug_1_substance="", drug_1_class=""),
            row(4, date_of_birth="14/05/2012"),
            row(5, scheme="custody-referral"),
            row(6, occurred_at="25/11/2026 10:00"),
        ]
        lines = lines_on(admin, uploaded(admin, rows))
        for number, said in (
            ("2", "mobile : Give a mobile number"),
            ("3", "agreement_given : This scheme is only for people who have agreed"),
            ("4", "drug_1_substance : Name at least one drug."),
            ("5", "date_of_birth : Midshire Divert (adults) is not for this age"),
            ("6", "scheme : This force has no scheme with this code."),
            ("7", "occurred_at : This is still to come."),
        ):
            assert said in lines[number], lines[number]

    @pytest.mark.parametrize(
        ("encoding", "delimiter"),
        [("utf-8-sig", ","), ("utf-16", "\t"), ("cp1252", ";")],
    )
    def test_a_file_as_a_spreadsheet_writes_it(
        self, app: Flask, admin: FlaskClient, encoding: str, delimiter: str
    ) -> None:
        text = written([row(1, given_name="Zoë", risk_note="Two\nlines")], delimiter=delimiter)
        page = upload(admin, text.encode(encoding)).location
        do(admin, page, app)
        (referral,) = received(app)
        assert (referral.sent_name, referral.risk_note) == ("Zoë Sonba", "Two\nlines")

    @pytest.mark.parametrize(
        ("sheet", "said"),
        [
            (b"", "The file is empty"),
            (b"PK\x03\x04 ", "CSV UTF-8"),
            ("Sam,Example\n1,2\n", "Start from the template"),
            (written([row(1)]).replace("gender", "gendre", 1), "Did you mean gender?"),
            (written([row(1)] * 2_001), "more than 2,000 rows"),
            (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
            (written([]), "no row under the heading"),
        ],
        ids=["empty", "workbook", "no heading", "slip", "rows", "bytes", "only a heading"],
    )
    def test_a_file_that_cannot_be_read_is_refused_at_its_field(
        self, app: Flask, admin: FlaskClient, sheet: str | bytes, said: str
    ) -> None:
        answer = upload(admin, sheet)
        assert answer.status_code == 200
        assert said in errors_in(answer)["file"]
        with app.app_context():
            assert count("uploads") == 0

    def test_no_file_and_no_token_are_asked_for(self, admin: FlaskClient) -> None:
        answer = admin.post("/force/uploads", data={"csrf_token": csrf_of(admin, "/force/uploads")})
        assert errors_in(answer) == {"file": "Choose a file"}
        assert admin.post("/force/uploads", data={}).status_code in (200, 400)

    def test_columns_of_their_own_are_left_out_when_that_is_ticked(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        text = written([{**row(1), "notes": "tall"}], names=[*NAMES, "notes"])
        assert "There is no column notes" in errors_in(upload(admin, text))["file"]
        assert upload(admin, text, leave_out="y").status_code == 302

    def test_one_scheme_is_chosen_for_the_whole_file(self, app: Flask, admin: FlaskClient) -> None:
        rows = [{name: value for name, value in row(1).items() if name != "scheme"}]
        text = written(rows, names=[name for name in NAMES if name != "scheme"])
        assert "choose one scheme" in errors_in(upload(admin, text))["file"]
        page = upload(admin, text, scheme="divert-adult").location
        do(admin, page, app)
        assert len(received(app)) == 1
        assert errors_in(upload(admin, text, scheme="custody-referral")).keys() == {"scheme"}

    def test_rows_that_repeat_each_other_are_named(self, app: Flask, admin: FlaskClient) -> None:
        rows = [row(1), row(1), row(1, area="Dudley"), row(2, force_reference=""), row(2, force_reference="")]
        lines = lines_on(admin, uploaded(admin, rows))
        assert lines["2"].startswith("Good")
        assert "Row 2 says the same" in lines["3"]
        assert "Row 2 refers the same person with the same reference" in lines["4"]
        assert "Row 5 says the same" in lines["6"]


def tag_of(line: str) -> str:
    return next(
        tag for tag in ("Sent before", "Good", "Doubtful", "Sent", "To put right") if line.startswith(tag)
    )


def lines_on_shown(client: FlaskClient, page: str, show: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*>Row (\d+)</th>', client.get(f"{page}?show={show}").text)


class TestKeeping:
    def test_what_the_rows_say_is_sealed_and_gone_when_they_are_sent(
        self, app: Flask, admin: FlaskClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            page = uploaded(
                admin, [row(1, given_name="Marigold"), row(2, given_name="Bellflower", gender="x")]
            )
            kept = rows_of(app)
            opened = json.loads(app.extensions["secret_box"].open(kept[0]["sealed"]))
            assert opened["person"]["given_name"] == "Marigold"
            assert kept[1]["sealed"] is None
            stored = stored_about_uploads(app)
            assert "Marigold" not in stored
            assert "Bellflower" not in stored
            assert "20/000001/26" not in stored
            do(admin, page, app)
        assert [found["sealed"] for found in rows_of(app)] == [None, None]
        assert not [
            word for word in ("Marigold", "Bellflower", "07700", "20/000001/26") if word in caplog.text
        ]

    def test_a_file_that_nobody_sends_is_gone_after_a_day(
        self, app: Flask, admin: FlaskClient, clock: MovableClock
    ) -> None:
        page = uploaded(admin, [row(1)])
        clock.advance(hours=23, minutes=59)
        run_all_once(app)
        assert states(app) == ["ready"]
        clock.advance(minutes=2)
        run_all_once(app)
        with app.app_context():
            assert (count("uploads"), count("upload_rows")) == (0, 0)
        sign_in(admin, World(app, emails={"x": "force_administrator@provider.example"}), "x")
        assert admin.get(page).status_code == 404

    def test_what_could_not_be_sent_in_a_day_is_erased_and_said(
        self, app: Flask, admin: FlaskClient, clock: MovableClock
    ) -> None:
        page = uploaded(admin, [row(1), row(2)])
        start(admin, page)
        clock.advance(hours=25)
        with app.app_context(), transaction():
            uploading.forget_uploads(now=clock.now())
        run_all_once(app)
        assert [(found["state"], found["sealed"]) for found in rows_of(app)] == [("not_sent", None)] * 2
        assert received(app) == []
        sign_in(admin, World(app, emails={"x": "force_administrator@provider.example"}), "x")
        text = plain(admin.get(page).text)
        assert "Stopped after a day" in text
        assert "0 sent 0 sent before 0 to put right 2 not sent" in text

    def test_it_is_thrown_away_before_it_is_sent_and_not_after(self, app: Flask, admin: FlaskClient) -> None:
        page = uploaded(admin, [row(1)])
        token = {"csrf_token": csrf_of(admin, page)}
        assert admin.post(f"{page}/discard", data=token).location == "/force/uploads"
        assert admin.get(page).status_code == 404
        page = uploaded(admin, [row(1)])
        start(admin, page)
        admin.post(f"{page}/discard", data=token)
        assert "being sent already" in admin.get(page).text
        run_all_once(app)
        assert states(app) == ["sent"]
        with app.app_context():
            assert count("audit_entries", action="upload.discarded") == 1

    def test_erasing_a_person_takes_the_mark_of_their_row(self, app: Flask, admin: FlaskClient) -> None:
        from provider.kernel.actors import SYSTEM
        from provider.pathway import closing, erasing

        do(admin, uploaded(admin, [row(1)]), app)
        (referral,) = received(app)
        now = app.extensions["clock"].now()
        with app.app_context(), transaction():
            closing.withdraw(db.session.get_one(Referral, referral.id), reason="other", by=SYSTEM, now=now)
        with app.app_context(), transaction():
            erasing.erase(referral.reference, by=SYSTEM, now=now)
        assert [found["content_hash"] for found in rows_of(app)] == [None]


def stored_about_uploads(app: Flask) -> str:
    with app.app_context():
        tables = [db.metadata.tables[name] for name in ("uploads", "upload_rows", "audit_entries")]
        return "\n".join(str(found) for table in tables for found in db.session.execute(sa.select(table)))


class TestGoodRowsOnly:
    def test_they_become_referrals_and_the_others_stay_behind(
        self, app: Flask, admin: FlaskClient, world: World, phones: Phones
    ) -> None:
        page = uploaded(admin, [row(1), row(2, gender="x"), row(3, force_reference="")])
        answer = start(admin, page)
        assert answer.location == page
        shown = admin.get(page)
        assert shown.headers["Refresh"] == "2"
        assert "0 of 2 rows are done" in shown.text
        assert "Refresh" not in admin.get(f"{page}?still=yes").headers
        run_all_once(app)
        shown = admin.get(page)
        assert "Refresh" not in shown.headers
        assert "2 sent 0 sent before 1 to put right 0 not sent" in plain(shown.text)
        first, second = received(app)
        assert {first.received_by, second.received_by} == {"upload"}
        assert (first.officer_collar_number, first.force_reference) == ("4312", "20/000001/26")
        assert [doubt["code"] for doubt in second.warnings] == ["no_force_reference"]
        lines = lines_on(admin, page)
        assert lines["2"].startswith(f"Sent – {first.reference} Accepted")
        assert "force_reference" in lines["4"]
        with app.app_context():
            assert count("compliance_events", type="referral.accepted") == 2
            actor = f"account:{world.accounts['force_administrator']}"
            assert count("audit_entries", action="upload.started", actor=actor) == 1
            assert count("audit_entries", action="upload.ended", actor=actor) == 1
        assert {text.to for text in phones.arrived} == {"+447700900001", "+447700900003"}

    def test_held_and_declined_are_said(self, app: Flask, admin: FlaskClient, world: World) -> None:
        refer(
            app, world, person={"given_name": "Perab", "family_name": "Sonba", "date_of_birth": "1990-02-07"}
        )
        page = uploaded(admin, [row(1, mobile="07700 900777"), row(2, area="Elsewhere")])
        do(admin, page, app)
        lines = lines_on(admin, page)
        assert "Held" in lines["2"]
        assert "Declined" in lines["3"]
        assert [found["status"] for found in results(admin, page)] == ["held", "declined"]

    def test_somebody_with_an_open_referral_is_doubtful(
        self, app: Flask, admin: FlaskClient, world: World
    ) -> None:
        do(admin, uploaded(admin, [row(1)]), app)
        page = uploaded(admin, [row(1, force_reference="20/7/26")])
        do(admin, page, app)
        assert "given_name : Somebody of this name" in lines_on(admin, page)["2"].replace(
            "mobile :", "given_name :"
        )

    def test_the_results_are_a_sheet_without_names_that_is_safe_to_open(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        page = uploaded(admin, [row(1, force_reference="=1+1"), row(2, gender="x")])
        do(admin, page, app)
        sent, faulty = results(admin, page)
        assert (sent["row"], sent["result"], sent["force_reference"]) == ("2", "sent", "'=1+1")
        assert sent["reference"] == received(app)[0].reference
        assert faulty["to_put_right"].startswith("gender: This must be one of")
        text = admin.get(f"{page}/results.csv").text
        assert not [word for word in ("Perab", "Sonba", "07700") if word in text]
        with app.app_context():
            assert count("audit_entries", action="upload.results_read") == 2

    def test_terms_that_changed_meanwhile_refuse_the_row(
        self, app: Flask, admin: FlaskClient, world: World
    ) -> None:
        page = uploaded(admin, [row(1), row(2)])
        with app.app_context(), transaction():
            db.session.execute(sa.text("UPDATE schemes SET code = 'other' WHERE code = 'divert-adult'"))
        do(admin, page, app)
        assert states(app) == ["refused", "refused"]
        assert "scheme : This force has no scheme with this code." in lines_on(admin, page)["2"]

    def test_a_row_that_fails_does_not_stand_in_the_way_of_the_others(
        self,
        app: Flask,
        admin: FlaskClient,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        from provider.pathway import sending_rows

        page = uploaded(admin, [row(1), row(2), row(3)])
        whole = receiving.receive

        def fails_once(submission: Any, **more: Any) -> Any:
            if submission.person.mobile == "07700 900002":
                raise RuntimeError(submission.person.mobile)
            return whole(submission, **more)

        monkeypatch.setattr(sending_rows, "receive", fails_once)
        do(admin, page, app)
        assert states(app) == ["sent", "ready", "sent"]
        assert "07700" not in caplog.text
        monkeypatch.undo()
        run_all_once(app)
        assert states(app) == ["sent"] * 3
        assert len(received(app)) == 3


class TestAllOrNothing:
    def test_all_are_sent_together(self, app: Flask, admin: FlaskClient) -> None:
        page = uploaded(admin, [row(number) for number in range(5)])
        start(admin, page, "all")
        assert "0 of 5 rows are checked. Nothing is sent yet." in plain(admin.get(page).text)
        run_all_once(app)
        assert states(app) == ["sent"] * 5
        assert "5 sent" in plain(admin.get(page).text)

    def test_while_they_are_being_sent_nobody_is_told_how_many(self, app: Flask, admin: FlaskClient) -> None:
        page = uploaded(admin, [row(1), row(2)])
        start(admin, page, "all")
        with app.app_context(), transaction():
            db.session.execute(sa.update(Upload).values(state="sending"))
        shown = admin.get(page)
        assert "Every row is checked. They are being sent together" in shown.text
        assert '<progress class="app-progress__bar" id="progress"></progress>' in shown.text
        assert shown.headers["Refresh"] == "2"

    def test_it_is_not_offered_and_not_done_where_a_row_is_faulty(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        page = uploaded(admin, [row(1), row(2, gender="x")])
        assert "Not possible while a row is to be put right" in admin.get(page).text
        assert 'value="all"' not in admin.get(page).text
        do(admin, page, app, "all")
        assert "Not every row can be sent" in admin.get(page).text
        assert received(app) == []
        assert states(app) == ["ready", "faulty"]

    def test_it_takes_so_many_rows_and_no_more(
        self, app: Flask, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploading, "MOST_AT_ONCE", 2)
        page = uploaded(admin, [row(1), row(2), row(3)])
        do(admin, page, app, "all")
        assert "rows at most" in admin.get(page).text
        assert received(app) == []

    def test_a_row_that_was_sent_some_other_way_since_stops_all(
        self, app: Flask, admin: FlaskClient, world: World
    ) -> None:
        page = uploaded(admin, [row(1), row(2), row(3)])
        known = refer(app, world, force_reference="20/000002/26", person=person_of(2))
        do(admin, page, app, "all")
        assert states(app) == ["not_sent", "refused", "not_sent"]
        assert [referral.reference for referral in received(app)] == [known]
        text = plain(admin.get(page).text)
        assert "Nothing was sent" in text
        line = lines_on(admin, page)["3"]
        assert "already referred with this reference" in line
        assert f"Already sent on 24 November 2026 as {known}" in line
        assert [found["sealed"] for found in rows_of(app)] == [None] * 3

    def test_a_refusal_after_others_were_written_takes_those_back(
        self, app: Flask, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the check finds is hidden from it: as if it had come in between the check and the sending."""
        from provider.pathway import sending_rows

        do(admin, uploaded(admin, [row(3)]), app)
        page = uploaded(admin, [row(1), row(2), row(4)])
        say_instead(
            app, 4, row_body(app, number=4) | {"force_reference": "20/000003/26", "person": body_person(3)}
        )
        monkeypatch.setattr(sending_rows, "check_row", check_and_find_nothing)
        do(admin, page, app, "all")
        assert states(app)[1:] == ["not_sent", "not_sent", "refused"]
        assert [referral.force_reference for referral in received(app)] == ["20/000003/26"]
        with app.app_context():
            assert count("compliance_events") == 1
            assert count("people") == 1

    def test_one_that_is_in_already_by_an_upload_is_no_refusal(self, app: Flask, admin: FlaskClient) -> None:
        do(admin, uploaded(admin, [row(1)]), app)
        page = uploaded(admin, [row(1), row(2)])
        do(admin, page, app, "all")
        assert states(app)[1:] == ["sent_before", "sent"]
        assert len(received(app)) == 2


class TestUploadedTwice:
    def test_the_same_file_again_makes_no_second_referral(self, app: Flask, admin: FlaskClient) -> None:
        rows = [row(1), row(2, force_reference=""), row(3, gender="x")]
        do(admin, uploaded(admin, rows), app)
        page = uploaded(admin, rows)
        text = plain(admin.get(page).text)
        assert "0 good 0 doubtful, and can be sent 1 to put right 2 sent before" in text
        first, second = received(app)
        lines = lines_on(admin, page)
        assert f"Already sent on 24 November 2026 as {first.reference}" in lines["2"]
        assert f"Already sent on 24 November 2026 as {second.reference}" in lines["3"]
        assert "There is no row that can be sent" in text
        do(admin, page, app)
        assert "There is no row that can be sent" in admin.get(page).text
        assert len(received(app)) == 2

    def test_mended_and_in_another_order_only_what_is_new_is_sent(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        rows = [row(1, force_reference=""), row(2, gender="x"), row(3)]
        do(admin, uploaded(admin, rows), app)
        mended = [
            row(3, mobile="7700900003"),
            row(2),
            row(1, force_reference="", text_ok="JA", gender="male"),
        ]
        page = uploaded(admin, mended)
        assert [tag_of(line) for line in lines_on(admin, page).values()] == [
            "Sent before",
            "Good",
            "Sent before",
        ]
        do(admin, page, app)
        assert [referral.force_reference for referral in received(app)] == [
            None,
            "20/000003/26",
            "20/000002/26",
        ]

    def test_what_was_sent_by_another_door_is_named_and_not_sent(
        self, app: Flask, admin: FlaskClient, world: World
    ) -> None:
        known = refer(app, world, force_reference="20/000001/26", person=person_of(1))
        page = uploaded(admin, [row(1), row(2)])
        assert f"Already sent on 24 November 2026 as {known}" in lines_on(admin, page)["2"]
        do(admin, page, app)
        assert len(received(app)) == 2

    def test_two_files_waiting_with_the_same_rows_send_them_once(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        rows = [row(1), row(2, force_reference="")]
        first, second = uploaded(admin, rows), uploaded(admin, rows)
        start(admin, first)
        start(admin, second)
        run_all_once(app)
        assert states(app) == ["sent", "sent", "sent_before", "sent_before"]
        assert len(received(app)) == 2

    def test_pressed_twice_it_is_started_once(self, app: Flask, admin: FlaskClient) -> None:
        page = uploaded(admin, [row(1)])
        token = csrf_of(admin, page)
        for _ in range(2):
            admin.post(f"{page}/start", data={"csrf_token": token, "mode": "good"})
        assert "It is sent once" in admin.get(page).text
        run_all_once(app)
        admin.post(f"{page}/start", data={"csrf_token": token, "mode": "good"})
        run_all_once(app)
        assert len(received(app)) == 1
        with app.app_context():
            assert count("audit_entries", action="upload.started") == 1

    @pytest.mark.parametrize("mode", [None, "", "some", "ALL"])
    def test_how_must_be_said(self, app: Flask, admin: FlaskClient, mode: str | None) -> None:
        page = uploaded(admin, [row(1)])
        sent = {"csrf_token": csrf_of(admin, page)} | ({"mode": mode} if mode is not None else {})
        admin.post(f"{page}/start", data=sent)
        assert "Say whether all rows" in admin.get(page).text
        with app.app_context():
            assert db.session.scalars(sa.select(Upload.state)).one() == "read"


def row_body(app: Flask, *, number: int) -> dict[str, Any]:
    (found,) = [found for found in rows_of(app) if found["number"] == number and found["sealed"]]
    return dict(json.loads(app.extensions["secret_box"].open(found["sealed"])))


def say_instead(app: Flask, number: int, body: dict[str, Any]) -> None:
    """As if the row had said something else."""
    sealed = app.extensions["secret_box"].seal(json.dumps(body))
    with app.app_context(), transaction():
        table = db.metadata.tables["upload_rows"]
        waits = table.c.sealed.is_not(None)
        change = sa.update(table).where(table.c.number == number, waits).values(sealed=sealed)
        db.session.connection().execute(change)


def check_and_find_nothing(row_id: int, **_more: Any) -> None:
    db.session.get_one(UploadRow, row_id).state = RowState.CHECKED


def body_person(number: int) -> dict[str, Any]:
    return {**person_of(number), "gender": "male"}


def person_of(number: int) -> dict[str, Any]:
    return somebody(number)


class TestAnotherForce:
    @pytest.fixture
    def theirs(self, app: Flask, world: World) -> str:
        with app.app_context(), transaction():
            add_account(
                world, "their_administrator", Role.FORCE_ADMINISTRATOR, force_id=world.forces["thamesford"]
            )
        client = app.test_client()
        sign_in(client, world, "their_administrator")
        page = uploaded(client, [row(1, scheme="diversion-deferred"), row(2, scheme="divert-adult")])
        do(client, page, app)
        return page

    def test_their_uploads_are_as_if_they_were_missing(
        self, app: Flask, admin: FlaskClient, theirs: str
    ) -> None:
        token = csrf_of(admin, "/force/uploads")
        for path in ("", "/results.csv"):
            assert admin.get(theirs + path).status_code == 404
        for path in ("/start", "/discard"):
            answer = admin.post(theirs + path, data={"csrf_token": token, "mode": "good"})
            assert answer.status_code == 404
        assert theirs not in admin.get("/force/uploads").text

    def test_that_they_sent_the_same_is_not_told(self, app: Flask, admin: FlaskClient, theirs: str) -> None:
        page = uploaded(admin, [row(1)])
        assert lines_on(admin, page)["2"].startswith("Good –")
        do(admin, page, app)
        assert len(received(app)) == 2
        assert lines_on(admin, page)["2"].split()[0] == "Sent"


class TestPages:
    def test_an_empty_list_says_so(self, admin: FlaskClient) -> None:
        assert "No file has been uploaded yet." in admin.get("/force/uploads").text
        assert 'href="/force/uploads" aria-current="page">Upload</a>' in admin.get("/force/uploads").text

    def test_rows_come_fifty_a_page_in_a_fixed_number_of_queries(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        asked, page = [], ""
        for rows in ([row(0)], [row(number) for number in range(1, 121)]):
            page = uploaded(admin, rows)
            with queries_of(app) as sent:
                admin.get(f"{page}?show=all")
            asked.append(len(sent))
        assert asked[0] == asked[1] <= 8
        assert "1 to 50 of 120" in admin.get(page).text
        last = admin.get(f"{page}?show=all&page=3").text
        assert "101 to 120 of 120" in last
        with queries_of(app) as sent:
            admin.get("/force/uploads")
        assert len(sent) <= 7

    @pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=99999999999999999999", "show=x"])
    def test_an_address_that_is_none_is_no_fault_of_ours(self, admin: FlaskClient, query: str) -> None:
        page = uploaded(admin, [row(1)])
        assert admin.get(f"{page}?{query}").status_code == 200
        assert admin.get(f"/force/uploads?{query}").status_code == 200

    def test_two_thousand_rows_are_read_in_a_few_queries(self, app: Flask, admin: FlaskClient) -> None:
        text = written([row(number, force_reference=f"20/{number}/26") for number in range(2_000)])
        token = csrf_of(admin, "/force/uploads")
        with queries_of(app) as sent_to_it:
            assert send(admin, text, csrf_token=token).status_code == 302
        assert len(sent_to_it) < 30
        assert len(states(app)) == 2_000

    def test_an_upload_is_shown_in_london_time_and_by_whom(
        self, app: Flask, admin: FlaskClient, clock: MovableClock
    ) -> None:
        clock.advance(hours=1)
        page = uploaded(admin, [row(1)])
        assert "10:30am by Force Administrator Example" in plain(admin.get(page).text)
        clock.set(clock.now() + timedelta(minutes=1))
        do(admin, page, app)
        assert "Ended Tuesday 24 November 2026 at 10:31am" in plain(admin.get(page).text)
