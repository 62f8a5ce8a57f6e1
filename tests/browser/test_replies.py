"""A participant's reply is read and answered at the desk, at a desk and on a phone; one that is nobody's is sorted."""

from __future__ import annotations

import os

import pytest

from tests.browser.conftest import Site, Visitor
from tests.stand_ins.twilio import signed
from tests.texting import MOBILE, add_to_ring, book


@pytest.fixture(params=["desk", "phone"])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    found: Visitor = request.getfixturevalue(request.param)
    return found


def hear(site: Site, body: str, *, sid: str, number: str = MOBILE) -> str:
    """What a telephone sends us by way of Twilio; what Twilio is answered."""
    form = {"MessageSid": sid, "From": number, "To": "+447700900999", "Body": body}
    said = site.app.test_client().post(**signed(f"{site.url}/webhooks/twilio/inbound", form))
    assert said.status_code == 200
    site.work()
    return said.text


def picture(visitor: Visitor, name: str) -> None:
    """Kept only where somebody wants to look."""
    folder = os.environ.get("PICTURES")
    if folder:
        width = (visitor.page.viewport_size or {"width": 0})["width"]
        visitor.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_a_reply_is_read_and_answered(site: Site, visitor: Visitor) -> None:
    known = add_to_ring(site.world)
    book(site.world, known)
    site.work()
    hear(site, "Can I bring my sister?", sid="SM1")
    visitor.sign_in(site.world.emails["drug_worker"])
    visitor.go("/my-day")
    picture(visitor, "my-day")
    visitor.press("Read it", role="link")
    assert "Can I bring my sister?" in visitor.text()
    assert "Unread" in visitor.text()
    words = visitor.page.get_by_label("Your answer")
    words.focus()
    words.press_sequentially("It is about drugs")
    visitor.page.get_by_text("“drugs” must not stand in a text.").wait_for()
    picture(visitor, "thread-fault")
    visitor.look()
    words.fill("Yes, bring her. Speak soon.")
    visitor.page.locator("#preview").get_by_text("Yes, bring her. Speak soon.").wait_for()
    words.press("Tab")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("Your answer is on its way.").wait_for()
    site.work()
    visitor.go(visitor.page.url)
    picture(visitor, "thread")
    assert "Yes, bring her. Speak soon. Waymark" in visitor.text()
    assert "Unread" not in visitor.text()
    visitor.go(f"/sandbox/texts?number={MOBILE.replace('+', '%2B')}")
    assert "Yes, bring her." in visitor.text()


def test_danger_stands_first_and_what_is_nobodys_is_sorted(site: Site, visitor: Visitor) -> None:
    known = add_to_ring(site.world)
    assert "999" in hear(site, "I want to die", sid="SM2", number="+447700900777")
    hear(site, "i cant go on", sid="SM3")
    visitor.sign_in(site.world.emails["drug_worker"])
    visitor.go("/my-day")
    picture(visitor, "urgent")
    assert "Urgent: somebody may be in danger" in visitor.text()
    visitor.press("say whose they are", role="link")
    picture(visitor, "queue")
    visitor.page.get_by_label("Somebody else, by the reference of their referral").check()
    visitor.press("Save")
    assert "Enter the reference" in visitor.text()
    picture(visitor, "queue-fault")
    visitor.page.get_by_label("Reference, where it is somebody else’s").fill(known.reference)
    visitor.press("Save")
    assert "No reply waits to be sorted" in visitor.text()
    visitor.go("/my-day")
    visitor.press("Seen to Sam Example")
    visitor.go("/my-day")
    assert "Urgent" not in visitor.text()
