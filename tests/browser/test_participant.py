"""A person on a phone: from the text in the sandbox to another time, with nothing personal shown too early."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from provider.domain.people.models import Person
from provider.jobs.run import run_all_once
from provider.kernel.actors import Actor
from provider.kernel.database import transaction
from provider.pathway import allocating, offering
from tests.browser.conftest import Site, Visitor
from tests.builders import add_session
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY
from tests.texting import add_to_ring, book, change_number


def open_newest_text(visitor: Visitor) -> None:
    """Follow the link of the text that arrived last."""
    visitor.go("/sandbox/texts")
    visitor.go(visitor.page.locator(".app-phone__text a").first.get_attribute("href") or "")
    visitor.press("Open")


def prove(visitor: Visitor, *, day: str = "14", month: str = "5") -> None:
    visitor.page.get_by_label("Day").fill(day)
    visitor.page.get_by_label("Month").fill(month)
    visitor.press("Continue")


def test_a_person_moves_their_call_on_a_phone(site: Site, phone: Visitor) -> None:
    book(site.world, add_to_ring(site.world))
    run_all_once(site.app)
    open_newest_text(phone)
    prove(phone, day="1")
    assert "That is not what we have" in phone.text()
    prove(phone)
    assert "Wednesday 2 December 2026" in phone.text()
    phone.press("Choose another time", role="link")
    phone.press("Thursday 3 December 2026", role="link")
    phone.page.get_by_label("2pm", exact=True).check()
    phone.press("Change to this time")
    assert "Thursday 3 December 2026" in phone.text()
    phone.press("Ask us to ring me")
    phone.press("Back", role="link")
    phone.press("Finish")
    assert phone.page.context.cookies() == []


def test_somebody_who_speaks_welsh_moves_their_call_in_welsh(site: Site, phone: Visitor) -> None:
    known = add_to_ring(site.world)
    book(site.world, known)
    with site.app.app_context(), transaction() as session:
        session.execute(sa.update(Person).values(language="cy"))
    run_all_once(site.app)
    phone.go("/sandbox/texts")
    phone.go(phone.page.locator(".app-phone__text a").first.get_attribute("href") or "")
    phone.press("Agor")
    phone.press("Parhau")
    assert phone.page.title().startswith("Gwall: Ai chi sydd yno?")
    phone.page.get_by_label("Diwrnod").fill("14")
    phone.page.get_by_label("Mis").fill("Mai")
    phone.press("Parhau")
    phone.press("Dewis amser arall", role="link")
    phone.press("Dydd Iau 3 Rhagfyr 2026", role="link")
    phone.page.get_by_label("2pm", exact=True).check()
    phone.press("Newid i'r amser hwn")
    assert "Dydd Iau 3 Rhagfyr 2026" in phone.text()
    assert phone.page.locator("html").get_attribute("lang") == "cy"
    phone.press("Gorffen")


def test_an_offer_is_taken_and_the_way_in_appears(site: Site, phone: Visitor) -> None:
    known = add_case(site.world)
    starts_at = A_TUESDAY + timedelta(days=7)
    session_id = add_session(site.world, course="awareness", starts_at=starts_at)
    offer(site, known, session_id)
    run_all_once(site.app)
    open_newest_text(phone)
    prove(phone)
    phone.press("Take the place")
    site.clock.set(starts_at - timedelta(minutes=50))
    run_all_once(site.app)
    open_newest_text(phone)
    prove(phone)
    phone.press("Join")
    assert "You are early" in phone.text()
    assert "meet.example" not in phone.page.content()


def test_a_place_is_given_back_on_a_phone_after_it_was_thought_better_of(site: Site, phone: Visitor) -> None:
    known = add_case(site.world)
    session_id = add_session(site.world, course="awareness", starts_at=A_TUESDAY + timedelta(days=7))
    with site.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=Actor("account", 1), now=A_TUESDAY)
    run_all_once(site.app)
    open_newest_text(phone)
    prove(phone)
    phone.press("I cannot come", role="link")
    phone.press("Keep my place", role="link")
    assert "Tuesday 1 December 2026" in phone.text()
    phone.press("I cannot come", role="link")
    phone.press("Give my place back")
    assert "You are on the list" in phone.text()
    assert "Tuesday 1 December 2026" not in phone.text()


def offer(site: Site, known: Known, session_id: int) -> None:
    someone = Actor("account", 1)
    with site.app.app_context(), transaction():
        course_id = site.world.courses["awareness"]
        allocating.wait_for_place(known.case_id, course_id, by=someone, now=A_TUESDAY)
        offering.offer_free_places(session_id, by=someone, now=A_TUESDAY)


def test_before_the_number_is_confirmed_there_are_two_things_to_say(site: Site, phone: Visitor) -> None:
    known = add_to_ring(site.world)
    starts_at = book(site.world, known)
    change_number(site.world, known, confirmed_at=None)
    site.clock.set(starts_at - timedelta(minutes=45))
    run_all_once(site.app)
    open_newest_text(phone)
    phone.press("Ring me")
    phone.press("Back", role="link")
    phone.press("Wrong person")
    assert "send nothing more to this number" in phone.text()
