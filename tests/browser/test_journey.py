"""The whole journey in a real browser: from an officer's phone at the roadside to the event that tells the force."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from provider.domain.diary.models import Appointment
from provider.domain.referrals.models import Case, Referral
from provider.kernel.database import db
from tests.browser.conftest import PHONE, Site, Visitor, visiting
from tests.browser.test_participant import open_newest_text, prove
from tests.builders import add_session
from tests.zoom import joins_report

SAID = {
    "How often do you have a drink": "2 to 4 times a month",
    "How many units": "1 to 2",
    "How often have you had 8 or more units": "Less than monthly",
}
"""AUDIT-C: 2 + 0 + 1 = 3."""

STEPS = ["referral.accepted", "assessment.booked", "assessment.attended", "referral.completed"]


def test_from_the_roadside_to_completed(browser: Browser, site: Site, desk: Visitor, phone: Visitor) -> None:
    session_at = site.clock.now() + timedelta(days=12, hours=8, minutes=30)
    session_id = add_session(site.world, course="awareness", starts_at=session_at)
    with visiting(browser, site.url, PHONE, has_touch=True, is_mobile=True) as officer:
        reference = an_officer_refers(officer, site)
    site.work()

    it_is_taken_and_nobody_answers(desk, site, reference)
    they_are_reached_and_booked(desk, site, reference)
    site.work()
    they_move_it(phone)
    site.work()
    the_desk_shows_the_move(desk, site, reference)

    site.clock.set(appointment_at(site, reference))
    they_are_assessed(desk, site, reference)
    they_are_given_a_place(desk, reference)

    site.clock.set(session_at - timedelta(minutes=50))
    site.work()
    they_can_join(phone, site)

    site.clock.set(session_at + timedelta(minutes=160))
    with visiting(browser, site.url, PHONE, has_touch=True, is_mobile=True) as hand:
        the_register_is_confirmed(desk, hand, site, session_id, session_at)
    site.work()
    assert_the_force_was_told(site, reference)
    the_numbers_say_so(desk, site)


def an_officer_refers(officer: Visitor, site: Site) -> str:
    """Five screens on a phone; the reference that the last one shows."""
    officer.sign_in(site.world.emails["officer"])
    page = officer.page
    officer.press("Continue")
    page.get_by_label("Midshire Divert (adults)").check()
    page.get_by_label("Stop and search").check()
    page.get_by_label("Area (optional)", exact=True).select_option("Birmingham")
    page.select_option("[name=drugs-0-substance]", "cannabis")
    officer.press("Continue")
    page.get_by_label("First name").fill("Sam")
    page.get_by_label("Last name").fill("Example")
    for part, typed in (("Day", "14"), ("Month", "5"), ("Year", "2003")):
        page.get_by_label(part, exact=True).first.fill(typed)
    page.get_by_label("Gender").select_option("male")
    officer.press("Continue")
    page.get_by_label("Mobile number").fill("07700 900123")
    officer.press("Continue")
    page.get_by_label("I read this out").check()
    page.get_by_label("8 – community resolution").check()
    officer.press("Continue")
    officer.press("Send the referral")
    assert "Referral accepted" in officer.text()
    return page.locator(".app-reference").first.inner_text()


def it_is_taken_and_nobody_answers(worker: Visitor, site: Site, reference: str) -> None:
    worker.sign_in(site.world.emails["drug_worker"])
    first = worker.page.locator("#new tbody tr").first.inner_text()
    assert "Sam Example" in first
    worker.press("Take Sam Example")
    worker.page.get_by_label("No answer").check()
    worker.press("Record the call")
    assert "No answer in the morning: try the afternoon" in worker.text()
    due = next_call_at(site, reference)
    assert due is not None
    assert due.hour >= 12


def they_are_reached_and_booked(worker: Visitor, site: Site, reference: str) -> None:
    """At the time that was suggested: a note, the number confirmed, a call in the diary."""
    site.clock.set(next_call_at(site, reference) or site.clock.now())
    worker.sign_in(site.world.emails["drug_worker"])
    assert "Sam Example" in worker.page.locator("#ring").inner_text()
    worker.press("Sam Example", role="link")
    worker.page.get_by_text("Add a note").click()
    worker.page.get_by_label("Note", exact=True).fill("Works nights: ring after midday.")
    worker.page.get_by_label("Sensitive").check()
    worker.press("Add the note")
    assert "Works nights: ring after midday." in worker.text()
    worker.page.get_by_label("Spoke and booked").check()
    worker.page.get_by_label("Their own voice confirmed").check()
    worker.press("Record the call")
    assert "Book a call" in worker.text()
    worker.press("1:30pm on Tuesday 1 December 2026")
    assert "Booked for Tuesday 1 December 2026 at 1:30pm" in worker.text()
    assert "Confirmed by their own voice" in worker.text()


def they_move_it(person: Visitor) -> None:
    """From the text to another time, with the right day and month of birth."""
    open_newest_text(person)
    prove(person)
    assert "Tuesday 1 December 2026" in person.text()
    person.press("Choose another time", role="link")
    person.press("Wednesday 2 December 2026", role="link")
    person.page.get_by_label("2pm", exact=True).check()
    person.press("Change to this time")
    assert "Wednesday 2 December 2026" in person.text()


def the_desk_shows_the_move(worker: Visitor, site: Site, reference: str) -> None:
    worker.go(f"/referrals/{reference}")
    assert "In the diary: assessment, Wed 2 Dec, 2pm" in worker.text()
    worker.go("/diary?day=2026-12-02")
    day = worker.page.get_by_role("region", name="Wednesday 2 December")
    assert "2pm Sam Example" in day.inner_text()
    with site.app.app_context():
        told = db.session.scalars(sa.text("SELECT body FROM sandbox_texts ORDER BY id DESC LIMIT 1")).one()
    assert "is now on Wednesday 2 December at 2pm" in told


def they_are_assessed(worker: Visitor, site: Site, reference: str) -> None:
    """Two substances, AUDIT-C, advice in the worker's own words, the pathway with its reason."""
    worker.sign_in(site.world.emails["drug_worker"])
    worker.press("Record the assessment", role="link")
    page = worker.page
    page.get_by_label("I explained the limits").check()
    uses(worker, 0, substance="cannabis", route="smoke", frequency="weekly")
    worker.press("Add another substance")
    uses(worker, 1, substance="cocaine", route="sniff", frequency="monthly")
    for question, answer in SAID.items():
        page.get_by_role("radiogroup", name=question).get_by_label(answer, exact=True).check()
    worker.press("Save and work out AUDIT-C")
    assert "AUDIT-C is 3, below 5" in worker.text()
    worker.press("advice")
    advice = page.get_by_role("textbox", name="Advice 1", exact=True)
    advice.fill("As I said on the telephone: keep two days a week without it.")
    assert "covers all that you told me about" in worker.text()
    worker.press("Finish the assessment")
    assert "keep two days a week without it" in worker.go(f"/referrals/{reference}/assessment").content()


def uses(worker: Visitor, row: int, **chosen: str) -> None:
    for part, value in chosen.items():
        worker.page.select_option(f"[name=substances-{row}-{part}]", value)


def they_are_given_a_place(worker: Visitor, reference: str) -> None:
    worker.go(f"/referrals/{reference}/course")
    worker.press("Give a place")
    assert "They have a place" in worker.text()


def they_can_join(person: Visitor, site: Site) -> None:
    open_newest_text(person)
    prove(person)
    person.press("Join")
    assert "You are early" in person.text()


def the_register_is_confirmed(
    desk: Visitor, hand: Visitor, site: Site, session_id: int, session_at: datetime
) -> None:
    """Marked on a phone, Zoom's report taken in at a desk, and confirmed there."""
    email = site.world.emails["facilitator"]
    hand.sign_in(email)
    hand.go(f"/sessions/{session_id}/register")
    sam = hand.page.locator('[data-name="Sam E"]')
    sam.get_by_role("button", name=re.compile("^Here")).click()
    expect(hand.page.get_by_text("Everybody is marked").first).to_be_visible()

    desk.sign_in(email)
    desk.go(f"/sessions/{session_id}/register")
    report = joins_report(("Sam E", "", session_at, 150), ("Ruth Kemp", "", session_at, 150))
    upload: Any = {"name": "participants.csv", "mimeType": "text/csv", "buffer": report}
    desk.page.get_by_label("report").set_input_files(upload)
    desk.press("Import the report")
    desk.page.get_by_label("Whose was Ruth Kemp").select_option(label="Nobody on this register")
    assert "The name is the one given for this place." in desk.text()
    desk.press("Settle Ruth Kemp")
    desk.press("Settle Sam E")
    assert "Everybody in the report is settled." in desk.text()
    desk.press("Save and go on to confirm")
    assert "each force hears “completed”" in desk.text()
    desk.press("Confirm the register")
    assert "confirmed" in desk.text()
    hand.go(f"/sessions/{session_id}/register")
    assert "confirmed" in hand.text()


def assert_the_force_was_told(site: Site, reference: str) -> None:
    """As a police system reads it: over HTTP, with its key."""
    with httpx.Client(
        base_url=site.url, headers={"Authorization": f"Bearer {site.world.keys['midshire']}"}
    ) as police:
        answer = police.get("/api/v1/compliance-events")
    events = answer.raise_for_status().json()["events"]
    assert [event["type"] for event in events] == STEPS
    assert {event["reference"] for event in events} == {reference}
    assert (events[-1]["compliance"]["outcome"], events[-1]["compliance"]["level"]) == (
        "completed",
        "intervention",
    )
    assert "cocaine" not in answer.text


def the_numbers_say_so(lead: Visitor, site: Site) -> None:
    lead.sign_in(site.world.emails["team_lead"])
    lead.press("Numbers", role="link")
    lead.press("Previous", role="link")
    print(lead.text())
    counted = lead.page.get_by_role("table", name="Midshire Divert (adults), referred in November 2026")
    lines = counted.inner_text().splitlines()
    for step in ("Referred", "Reached", "Assessed", "Placed", "Completed"):
        assert f"{step}\t1" in lines


def next_call_at(site: Site, reference: str) -> datetime | None:
    """When the ladder says to ring next."""
    with site.app.app_context():
        of = sa.select(Case.next_call_at).join(Referral, Referral.case_id == Case.id)
        return db.session.scalars(of.where(Referral.reference == reference)).one()


def appointment_at(site: Site, reference: str) -> datetime:
    with site.app.app_context():
        of = sa.select(Appointment.starts_at).join(Referral, Referral.case_id == Appointment.case_id)
        return db.session.scalars(
            of.where(Referral.reference == reference, Appointment.state == "booked")
        ).one()
