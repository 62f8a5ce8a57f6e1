"""Somebody is away: a team lead spreads their calls from one screen, at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provider.kernel.database import transaction
from provider.pathway import booking
from tests.browser.conftest import Site, Visitor
from tests.desk import somebody
from tests.doors.test_spread import away, standing
from tests.pathway.walking import Walk


@pytest.fixture(params=["desk", "phone"])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    found: Visitor = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def calls(site: Site) -> list[int]:
    """Two calls of a worker who has been entered as away since."""
    walk = Walk(site.world, site.clock)
    worker_id = site.world.accounts["drug_worker"]
    made = []
    with site.app.app_context():
        for number in (1, 2):
            case = walk.case(walk.referred(person={**somebody(number), "gender": "male"}))
            starts_at = walk.now.replace(minute=0) + timedelta(hours=25 + number)
            with transaction():
                call = booking.book(
                    case.id, starts_at=starts_at, worker_id=worker_id, by=walk.worker, now=walk.now
                )
                assert call.worker_id == worker_id
                made.append(call.id)
        away(walk)
    return made


def test_calls_are_spread_and_somebody_rings_meanwhile(
    site: Site, visitor: Visitor, calls: list[int]
) -> None:
    visitor.sign_in(site.world.emails["team_lead"])
    visitor.go("/team")
    assert "Booked with somebody who is not there then" in visitor.text()
    visitor.press("Spread them", role="link")
    first, second = (visitor.page.locator(f"select[name=call_{call}]") for call in calls)
    assert first.locator("option:checked").inner_text().startswith("Same time, ")
    second.select_option(label="Leave it as it is")
    visitor.page.get_by_label("Who rings those that are due meanwhile").select_option(
        label="Drug Worker 2 Example"
    )
    visitor.press("Spread the calls")
    assert "1 call spread" in visitor.text()
    assert first.count() == 0
    assert second.count() == 1
    meanwhile = visitor.page.get_by_label("Who rings those that are due meanwhile")
    assert meanwhile.locator("option:checked").inner_text() == "Drug Worker 2 Example"
    with site.app.app_context():
        assert standing(calls[0]).worker_id != site.world.accounts["drug_worker"]
        assert standing(calls[1]).worker_id == site.world.accounts["drug_worker"]
