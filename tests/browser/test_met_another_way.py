"""For whom a meeting online does not work: a need is noted, met, and written about, at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from provider.domain.messaging.models import Letter
from provider.domain.people.models import Person
from provider.kernel.database import db, transaction
from tests.browser.conftest import Site, Visitor
from tests.builders import add_session
from tests.cases import add_case
from tests.fakes import A_TUESDAY


@pytest.fixture(params=["desk", "phone"])
def window(request: pytest.FixtureRequest) -> Visitor:
    visitor: Visitor = request.getfixturevalue(request.param)
    return visitor


def test_a_need_is_noted_met_by_telephone_and_written_about(site: Site, window: Visitor) -> None:
    known = add_case(site.world)
    dial_in = "0330 088 5830, then 12345#"
    add_session(site.world, course="awareness", starts_at=A_TUESDAY + timedelta(days=7), dial_in=dial_in)
    with site.app.app_context(), transaction():
        where = {"address_line_1": "1 Example Street", "town": "Birmingham", "postcode": "B1 1AA"}
        db.session.execute(sa.update(Person).where(Person.id == known.person_id).values(where))
    window.sign_in(site.world.emails["drug_worker"])
    page = window.go(f"/referrals/{known.reference}")
    window.press("Note what they need", role="link")
    ways = page.get_by_label("How it is met: no data or internet")
    expect(ways).to_be_hidden()
    page.get_by_label("No data or internet", exact=True).check()
    expect(ways).to_be_visible()
    window.press("Record it")
    assert "nothing is arranged yet" in window.text()
    window.press("Say how it is met", role="link")
    ways.select_option("dial_in")
    window.press("Record it")
    assert "joins the session by telephone" in window.text()
    window.go(f"/referrals/{known.reference}/course")
    window.press("Give a place")
    window.go(f"/referrals/{known.reference}")
    window.press("Letters", role="link")
    window.press("A session, joined by telephone", role="link")
    assert dial_in in window.text()
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_hidden()
    expect(page.get_by_role("article")).to_contain_text("1 Example Street")
    page.emulate_media(media="screen")
    window.press("It is printed and in the post")
    assert "A session, joined by telephone" in window.text()
    with site.app.app_context():
        assert db.session.scalars(sa.select(Letter.kind)).all() == ["session_by_telephone"]
