"""A person's rights: an export that pauses for review, and erasure that leaves counts intact."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.contact.models import Note
from provider.domain.diary.moves import AskedBy, MovedBecause, Why
from provider.domain.diary.outcomes import CallOutcome, said_of
from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.kernel.actors import Actor
from provider.kernel.database import Base, db, transaction
from provider.pathway import booking, contacting, ending, hearing, keeping, restating, reviewing
from tests.builders import build_world, count
from tests.commands.running import read, run
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import Walk

SECRET_WORDS = (
    "Marigold",
    "Featherstone",
    "07700 900123",
    "+447700900123",
    "1 Example Street",
    "afraid of the dog",
)


@pytest.fixture
def reference(app: Flask, clock: MovableClock) -> str:
    """Somebody who never answered; a note says something that only they told us."""
    walk = Walk(build_world(app), clock)
    with app.app_context():
        named = {"given_name": "Marigold", "family_name": "Featherstone", "contact": {"number_checked": True}}
        referral = walk.referred(person=named, risk={"markers": [], "note": "Marigold is afraid of the dog"})
        walk.rung(referral)
        with transaction():
            text = "Marigold is afraid of the dog next door"
            contacting.write_note(
                walk.case(referral).id, kind="safeguarding", text=text, by=walk.worker, now=clock.now()
            )
        return referral.reference


def closed(app: Flask, clock: MovableClock, reference: str) -> None:
    """The force takes it back, so that nothing is open."""
    from provider.kernel.actors import SYSTEM
    from provider.pathway.closing import withdraw

    with app.app_context(), transaction():
        referral = db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()
        withdraw(referral, reason="other", by=SYSTEM, now=clock.now())


def everything(app: Flask) -> str:
    """Every word in the database."""
    with app.app_context():
        tables = Base.metadata.sorted_tables
        rows = [
            [str(value) for value in row] for table in tables for row in db.session.execute(sa.select(table))
        ]
        return "\n".join(" ".join(row) for row in rows)


def test_an_export_pauses_for_review_and_says_what_to_look_at(
    app: Flask, reference: str, tmp_path: Path
) -> None:
    file = tmp_path / "export.json"
    result = run(app, "people", "export", reference.lower(), "--file", str(file))
    assert result.exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert "FOR REVIEW" in read(file)["state"]
    assert "safeguarding note" in result.output
    assert "referrals:" in result.output
    held = read(file)["held"]
    assert held["people"][0]["family_name"] == "Featherstone"
    assert held["contact_attempts"][0]["outcome"] == "no_answer"
    assert [event["type"] for event in held["told_to_forces"]] == ["referral.accepted"]
    assert "name_key" not in held["people"][0]
    with app.app_context():
        assert count("audit_entries", action="subject_access.paused") == 1


def test_once_reviewed_it_leaves_without_what_was_found(app: Flask, reference: str, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    with app.app_context():
        note_id = db.session.scalar(sa.select(Note.id))
    arguments = ("--reviewed", "--leave-out", f"notes:{note_id}", "--file", str(file))
    assert run(app, "people", "export", reference, *arguments).exit_code == 0
    content = read(file)
    assert (content["state"], content["left_out"], content["held"]["notes"]) == ("reviewed", 1, [])
    with app.app_context():
        assert count("audit_entries", action="subject_access.exported") == 1
    assert (
        run(app, "people", "export", reference, "--leave-out", "notes:999", "--file", str(file)).exit_code
        == 2
    )
    assert run(app, "people", "export", "K7QM-2X4D", "--file", str(file)).exit_code == 1


def test_erasure_removes_every_word_and_leaves_the_counts(
    app: Flask, clock: MovableClock, reference: str
) -> None:
    before = everything(app)
    assert all(word in before for word in SECRET_WORDS)
    closed(app, clock, reference)
    with app.app_context():
        counts = {table.name: count(table.name) for table in Base.metadata.sorted_tables}
    assert run(app, "people", "erase", reference, "--yes").exit_code == 0
    after = everything(app)
    assert not [word for word in SECRET_WORDS if word.lower() in after.lower()]
    with app.app_context():
        changed = {table for table, rows in counts.items() if count(table) != rows}
        assert changed <= {"audit_entries", "sandbox_texts"}
        person = db.session.scalars(sa.select(Person)).one()
        assert (person.date_of_birth, person.gender) == (date(2003, 1, 1), "male")
        assert count("audit_entries", action="person.erased") == 1
    assert "erased before" in run(app, "people", "erase", reference, "--yes").output


def test_what_was_said_for_a_review_of_the_bar_is_exported_and_erased(
    app: Flask, clock: MovableClock, reference: str, tmp_path: Path
) -> None:
    by, file = Actor("account", 1), tmp_path / "export.json"
    with app.app_context(), transaction():
        referral = db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()
        ending.end_declined(referral.case_id or 0, by=by, now=clock.now())
        reviewing.ask(referral, words="Marigold was afraid", through="force", by=by, now=clock.now())
    result = run(app, "people", "export", reference, "--file", str(file))
    assert read(file)["held"]["bar_reviews"][0]["words"] == "Marigold was afraid"
    assert "What an officer wrote of a bar." in result.output
    assert run(app, "people", "erase", reference, "--yes").exit_code == 0
    assert "Marigold" not in everything(app)
    with app.app_context():
        referral = db.session.get_one(Referral, referral.id, populate_existing=True)
        assert (referral.force_reference, referral.crime_number) == (None, None)


def test_why_a_call_was_moved_or_corrected_is_exported_and_erased(
    app: Flask, clock: MovableClock, reference: str, tmp_path: Path
) -> None:
    by, file = Actor("account", 1), tmp_path / "export.json"
    with app.app_context(), transaction():
        referral = db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()
        call = booking.book(
            referral.case_id or 0, starts_at=A_TUESDAY + timedelta(hours=1), by=by, now=clock.now()
        )
        why = Why(AskedBy.PARTICIPANT, MovedBecause.CLASH, "Marigold is at the vet’s")
        later = A_TUESDAY + timedelta(hours=3)
        moved = booking.move_appointment(call.id, starts_at=later, why=why, by=by, now=clock.now())
        clock.advance(days=1)
        keeping.record_missed(moved.id, by=by, now=clock.now())
        seen = said_of([moved.id])[-1].id
        reason = "Marigold had rung before"
        restating.correct(moved.id, CallOutcome.MOVED, seen=seen, reason=reason, by=by, now=clock.now())
    closed(app, clock, reference)
    assert run(app, "people", "export", reference, "--file", str(file)).exit_code == 0
    held = read(file)["held"]
    assert held["appointments"][0]["moved_words"] == "Marigold is at the vet’s"
    assert [said["reason"] for said in held["how_calls_went"]] == [None, reason]
    assert run(app, "people", "erase", reference, "--yes").exit_code == 0
    assert "Marigold" not in everything(app)


def test_what_they_texted_after_the_end_is_exported_and_erased(
    app: Flask, clock: MovableClock, reference: str, tmp_path: Path
) -> None:
    closed(app, clock, reference)
    with app.app_context(), transaction():
        words = "Marigold here, the dog is gone"
        hearing.reply("SM1", from_e164="+447700900123", body=words, opt_out=None, now=clock.now())
    file = tmp_path / "export.json"
    assert run(app, "people", "export", reference, "--file", str(file)).exit_code == 0
    assert [reply["body"] for reply in read(file)["held"]["replies"]] == ["Marigold here, the dog is gone"]
    assert run(app, "people", "erase", reference, "--yes").exit_code == 0
    assert "the dog is gone" not in everything(app)


def test_erasure_is_refused_while_a_referral_is_open(app: Flask, reference: str) -> None:
    result = run(app, "people", "erase", reference, "--yes")
    assert (result.exit_code, "open" in result.output) == (1, True)


def test_erasure_is_refused_under_legal_hold(app: Flask, clock: MovableClock, reference: str) -> None:
    closed(app, clock, reference)
    assert run(app, "people", "hold", reference).exit_code == 0
    result = run(app, "people", "erase", reference, "--yes")
    assert (result.exit_code, "legal hold" in result.output) == (1, True)
    assert run(app, "people", "release", reference).exit_code == 0
    assert run(app, "people", "erase", reference, "--yes").exit_code == 0


def test_erasure_asks_first(app: Flask, clock: MovableClock, reference: str) -> None:
    closed(app, clock, reference)
    assert run(app, "people", "erase", reference, answers="n\n").exit_code == 1
    assert "Marigold" in everything(app)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE notes SET text = 'other words'",
        "UPDATE notes SET text = '', kind = 'ordinary'",
        "DELETE FROM notes",
    ],
)
def test_a_note_can_be_emptied_and_nothing_else(app: Flask, reference: str, change: str) -> None:
    with (
        app.app_context(),
        pytest.raises(sa.exc.DBAPIError, match="only ever added to"),
        transaction() as session,
    ):
        session.connection().execute(sa.text(change))


def test_the_export_is_plain_json(app: Flask, reference: str, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    run(app, "people", "export", reference, "--file", str(file))
    assert json.loads(file.read_text())["held"]["referrals"][0]["reference"] == reference
