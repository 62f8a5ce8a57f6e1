"""Whatever order Twilio's callbacks come in, however often, before or after our own call was answered: one end."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider.domain.messaging.models import Redaction, Text
from provider.domain.messaging.receipts import FORWARD
from provider.kernel.database import db, transaction
from provider.pathway import answering
from tests.builders import World, build_world
from tests.cases import Known
from tests.fakes import A_TUESDAY
from tests.texting import add_to_ring

Said = tuple[str, int | None]

ON_THE_WAY: tuple[Said, ...] = (("accepted", None), ("queued", None), ("sending", None), ("sent", None))
ENDS: tuple[tuple[Said, ...], ...] = (
    (),
    (("delivered", None),),
    (("undelivered", 30003),),
    (("undelivered", 30004),),
    (("undelivered", 30005),),
    (("undelivered", 30007),),
    (("undelivered", 30036),),
    (("failed", 30008),),
    (("delivered", None), ("read", None)),
    (("delivered", None), ("undelivered", 30003)),
    (("delivered", None), ("failed", 30004)),
)
"""What Twilio may say at the end of one message; a network that says both has seen it arrive."""


@pytest.fixture
def world(app: Any) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_to_ring(world)


def on_its_way(known: Known, **values: Any) -> Text:
    """A text that a worker has taken: whether its own call was answered already is for the test to say."""
    with transaction():
        text = Text(
            **{
                "public_id": "txt_" + secrets.token_hex(12),
                "case_id": known.case_id,
                "kind": "assessment_booked",
                "once_key": secrets.token_hex(8),
                "due_at": A_TUESDAY,
                "expires_at": A_TUESDAY + timedelta(days=2),
                "state": "claimed",
                "claimed_by": "worker.1",
                "claimed_at": A_TUESDAY,
                "lease_until": A_TUESDAY + timedelta(minutes=2),
                "tries": 1,
                **values,
            }
        )
        db.session.add(text)
    return text


def tell(text: Text, *said: Said, sid: str = "SM1", attempt: int | None = 1) -> None:
    for status, code in said:
        with transaction():
            answering.text_status(
                text.public_id, attempt=attempt, provider_id=sid, status=status, code=code, now=A_TUESDAY
            )


def end_of(text: Text) -> tuple[Any, ...]:
    db.session.rollback()
    row = db.session.scalars(
        sa.select(Text).where(Text.id == text.id).execution_options(populate_existing=True)
    ).one()
    again_at = row.due_at if row.state == "planned" else None
    return row.state, row.state_because, row.error_code, row.provider_id, row.tries, again_at


@st.composite
def told(draw: st.DrawFn) -> tuple[list[Said], list[Said]]:
    """Some of what is said of one message, in Twilio's order; and the same in any order, with repeats."""
    said = [*draw(st.lists(st.sampled_from(ON_THE_WAY), unique=True)), *draw(st.sampled_from(ENDS))]
    said = said or [("sent", None)]
    again = draw(st.lists(st.sampled_from(said), max_size=4))
    return said, draw(st.permutations([*said, *again]))


@pytest.mark.parametrize("answered", [True, False], ids=["after our call was answered", "before"])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(orders=told())
def test_any_order_with_repeats_comes_to_the_same_end(
    world: World, known: Known, answered: bool, orders: tuple[Sequence[Said], Sequence[Said]]
) -> None:
    state = {"state": "sent", "provider_id": "SM1", "sent_at": A_TUESDAY} if answered else {}
    with world.app.app_context():
        ends = []
        for order in orders:
            text = on_its_way(known, **state)
            tell(text, *order)
            ends.append(end_of(text))
        assert ends[0] == ends[1]


@pytest.mark.parametrize("end", ["delivered", "failed", "dropped", "cancelled", "planned"])
@pytest.mark.parametrize("status", [status for status in FORWARD if status not in ("delivered", "read")])
def test_what_was_said_of_an_earlier_try_changes_nothing(
    world: World, known: Known, end: str, status: str
) -> None:
    with world.app.app_context():
        text = on_its_way(known, state=end, tries=2, provider_id="SM1", settled_at=A_TUESDAY)
        before = end_of(text)
        tell(text, (status, 30003), attempt=1)
        assert end_of(text) == before


@pytest.mark.parametrize("state", ["claimed", "unknown", "sent", "delivered", "failed", "planned"])
@pytest.mark.parametrize(
    ("sid", "status"),
    [("", "delivered"), ("SM1", ""), ("SM1", "DELIVERED"), ("SM1", "arrived"), ("SM1", "delivered ")],
)
def test_what_twilio_does_not_say_changes_nothing(
    world: World, known: Known, state: str, sid: str, status: str
) -> None:
    with world.app.app_context():
        text = on_its_way(known, state=state)
        before = end_of(text)
        tell(text, (status, None), sid=sid)
        assert end_of(text) == before
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Redaction)) == 0


def test_a_text_that_never_went_out_is_not_changed_by_anything(world: World, known: Known) -> None:
    with world.app.app_context():
        text = on_its_way(known, state="planned", tries=0, claimed_by=None)
        before = end_of(text)
        tell(text, *((status, 30005) for status in FORWARD))
        assert end_of(text) == before


def test_a_second_try_is_followed_by_its_own_name_alone(world: World, known: Known) -> None:
    with world.app.app_context():
        text = on_its_way(known)
        tell(text, ("sent", None), ("undelivered", 30003), sid="SM1", attempt=1)
        assert end_of(text)[0] == "planned"
        with transaction():
            row = db.session.get_one(Text, text.id)
            row.state, row.tries, row.provider_id, row.error_code = "sent", 2, "SM2", None
        tell(text, ("undelivered", 30003), ("failed", 30008), ("sent", None), sid="SM1", attempt=1)
        assert end_of(text)[:4] == ("sent", "error_30003", None, "SM2")
        tell(text, ("delivered", None), sid="SM2", attempt=2)
        tell(text, ("undelivered", 30004), sid="SM1", attempt=1)
        assert end_of(text)[0] == "delivered"
