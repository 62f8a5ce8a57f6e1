"""How a call went, said and then corrected, in a browser: at a desk and on a phone, by mouse and by keys alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from provider.domain.diary.models import Appointment
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import booking
from tests.browser.conftest import Site, Visitor
from tests.cases import add_case
from tests.fakes import A_TUESDAY

AT = A_TUESDAY + timedelta(hours=1)


@pytest.fixture(params=["desk", "phone"])
def window(request: pytest.FixtureRequest) -> Visitor:
    """The same at a desktop-sized window and on a phone."""
    visitor: Visitor = request.getfixturevalue(request.param)
    return visitor


@dataclass(frozen=True)
class Over:
    """A call that is over, and nobody has said how it went."""

    site: Site
    reference: str
    case_id: int

    @property
    def stands(self) -> tuple[list[str], int]:
        """How each call of theirs went, and how many chances they have used."""
        with self.site.app.app_context():
            calls = sa.select(Appointment.state).where(Appointment.case_id == self.case_id)
            misses = db.session.get_one(Case, self.case_id).misses
            return list(db.session.scalars(calls.order_by(Appointment.id))), misses


@pytest.fixture
def over(site: Site) -> Over:
    known = add_case(site.world, status=Status.ACCEPTED)
    worker = Actor("account", site.world.accounts["drug_worker"])
    with site.app.app_context(), transaction():
        booking.book(
            known.case_id,
            starts_at=AT.replace(minute=30),
            worker_id=worker.account_id,
            by=worker,
            now=A_TUESDAY,
        )
    site.clock.set(A_TUESDAY + timedelta(hours=3))
    return Over(site, known.reference, known.case_id)


def test_it_is_said_and_then_corrected(over: Over, window: Visitor) -> None:
    window.sign_in(over.site.world.emails["drug_worker"])
    page = window.go("/my-day")
    page.get_by_role("link", name=re.compile("Another time, ours to blame")).click()
    window.press("Record")
    assert "Choose how it went" in window.text()
    new_time = page.get_by_label("New time")
    assert not new_time.is_visible()
    page.get_by_label("It was ours to blame").check()
    assert new_time.is_visible()
    page.get_by_label("They did not answer").check()
    assert not new_time.is_visible()
    window.press("Record")
    assert over.stands == (["did_not_answer"], 1)

    page.get_by_role("link", name=re.compile("Correct this")).click()
    assert "What was said" in window.text()
    page.get_by_label("It was ours to blame").check()
    window.press("Correct")
    assert "Say why it is corrected" in window.text()
    assert page.get_by_label("It was ours to blame").is_checked()
    page.get_by_label("Why it is corrected").fill("We rang another number")
    window.press("Correct")
    assert over.stands == (["ours_to_blame"], 0)
    assert "Assessment call corrected: ours to blame" in window.text()
    assert "We rang another number" in window.text()


def test_the_same_with_keys_alone(over: Over, window: Visitor) -> None:
    window.sign_in(over.site.world.emails["drug_worker"])
    page = window.go(f"/referrals/{over.reference}")
    tab_to(page, "Something else")
    page.keyboard.press("Enter")
    page.wait_for_url("**/outcome")
    tab_to(page, "They did not answer")
    page.keyboard.press("Space")
    tab_to(page, "Record")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/referrals/{over.reference}")
    assert over.stands == (["did_not_answer"], 1)
    tab_to(page, "Correct this")
    page.keyboard.press("Enter")
    page.wait_for_url("**/correct")
    # One of a group of radio buttons is a stop of the tab key, and arrows choose among them.
    tab_to(page, "It took place")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("They had asked for another time").is_checked()
    tab_to(page, "Why it is corrected")
    page.keyboard.type("They had rung on Monday")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/referrals/{over.reference}")
    assert over.stands == (["moved"], 0)


def tab_to(page: Page, name: str) -> None:
    """Go on with the tab key until what has the focus has this name, or begins with it."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(name):
            return
    raise AssertionError(f"the tab key does not reach {name}")


FOCUSED = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels[0];
  return (label || at).innerText.trim();
}"""
