"""What people answered, counted; small counts are not shown to who may not know the people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging.models import Text
from provider.domain.referrals.status import Status
from provider.domain.surveys.models import SurveyAnswer
from provider.kernel.database import db, transaction
from provider.reporting.months import Month
from provider.reporting.surveys import COUNTED, surveys
from tests.builders import World, build_world
from tests.cases import add_case
from tests.desk import sign_in
from tests.fakes import A_TUESDAY
from tests.queries import queries_of

NOVEMBER = Month(2026, 11)
SAID = ("stopped",) * 6 + ("reduced",) * 2 + (None,) * 5
"""What each of thirteen people said; two more did not answer at all."""


@pytest.fixture
def world(app: Flask) -> World:
    world = build_world(app)
    for nth in range(len(SAID) + 2):
        known = add_case(
            world, status=Status.COMPLETED, mobile=f"+44770090{nth:04}", family_name=f"Number{nth}"
        )
        with app.app_context(), transaction():
            _asked(known.case_id)
            if nth < len(SAID):
                db.session.add(
                    SurveyAnswer(case_id=known.case_id, answered_at=A_TUESDAY, since_then=SAID[nth])
                )
    return world


def _asked(case_id: int) -> None:
    db.session.add(
        Text(
            public_id=f"txt_{case_id}",
            case_id=case_id,
            kind="survey",
            once_key=f"case:{case_id}:survey",
            due_at=A_TUESDAY,
            expires_at=A_TUESDAY + timedelta(days=2),
            state="delivered",
            sent_at=A_TUESDAY,
        )
    )


def counts(*, small_hidden: bool) -> dict[str, str]:
    [one] = surveys(NOVEMBER, small_hidden=small_hidden)
    return dict(zip(COUNTED, one.counts, strict=True))


@pytest.mark.usefixtures("world")
class TestCounted:
    def test_in_full(self, app: Flask) -> None:
        with app.app_context():
            assert counts(small_hidden=False) == {
                "asked": "15",
                "replied": "13",
                "stopped": "6",
                "reduced": "2",
                "no_change": "0",
                "more": "0",
                "not_said": "5",
            }
            assert surveys(Month(2026, 10), small_hidden=False) == ()

    def test_nothing_small_can_be_seen_or_worked_out(self, app: Flask) -> None:
        with app.app_context():
            shown = counts(small_hidden=True)
        assert (shown["reduced"], shown["replied"]) == ("Fewer than 5", "Not shown")
        assert (shown["asked"], shown["stopped"]) == ("15", "6")

    def test_in_one_query(self, app: Flask) -> None:
        with app.app_context(), queries_of(app) as sent:
            surveys(NOVEMBER, small_hidden=True)
        assert len(sent) == 1


@pytest.mark.parametrize(("who", "seen"), [("team_lead", ">2<"), ("commissioner", "Fewer than 5")])
def test_on_the_page_of_numbers(world: World, client: FlaskClient, who: str, seen: str) -> None:
    sign_in(client, world, who)
    page = client.get("/numbers?month=2026-11").text
    assert "How things were some weeks later" in page
    assert seen in page.split("How things were")[1].split("Places")[0]
