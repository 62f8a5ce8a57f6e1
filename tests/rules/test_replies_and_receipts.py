"""What people answer, what Twilio reports, and what is to be done about it."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.messaging.receipts import (
    FINAL,
    FORWARD,
    SENDS_AGAIN,
    SENTENCES,
    Action,
    advance,
    what_to_do,
)
from provider.domain.messaging.replies import read_reply


@pytest.mark.parametrize(
    ("current", "incoming", "after"),
    [
        (None, "queued", "queued"),
        (None, "nonsense", None),
        ("claimed", "queued", "queued"),
        ("queued", "sent", "sent"),
        ("sent", "queued", "sent"),
        ("sent", "delivered", "delivered"),
        ("delivered", "sent", "delivered"),
        ("delivered", "delivered", "delivered"),
        ("sent", "undelivered", "undelivered"),
        ("undelivered", "sent", "undelivered"),
        ("undelivered", "delivered", "delivered"),
        ("delivered", "undelivered", "delivered"),
        ("delivered", "read", "read"),
        ("failed", "queued", "failed"),
        ("sent", "nonsense", "sent"),
    ],
)
def test_a_status_moves_only_forward(current, incoming, after):
    assert advance(current, incoming) == after


def settled(incoming: tuple[str, ...]) -> str | None:
    current: str | None = None
    for status in incoming:
        current = advance(current, status)
    return current


@given(st.lists(st.sampled_from(FORWARD), min_size=1, max_size=5))
def test_callbacks_in_any_order_and_number_give_the_same_end(statuses):
    ends = {settled(order) for order in permutations(statuses)} | {settled((*statuses, *statuses))}
    assert len(ends) == 1


def test_an_end_is_never_left_for_something_that_is_no_end():
    assert all(advance(end, status) in FINAL for end in FINAL for status in FORWARD)


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (30003, Action.RETRY_ONCE_THEN_CALL),
        (30004, Action.NO_MORE_TEXTS_CALL),
        (30005, Action.NUMBER_SUSPECT),
        (30006, Action.NEVER_TEXT),
        (21614, Action.NEVER_TEXT),
        (21635, Action.NEVER_TEXT),
        (30007, Action.ALERT_ON_TEMPLATE),
        (30008, Action.RETRY_ONCE),
        (30036, Action.EXPECTED),
        (21610, Action.OPTED_OUT),
        (21211, Action.FIX_NUMBER),
        (21612, Action.CONFIGURATION_ALARM),
        (21212, Action.CONFIGURATION_ALARM),
        (20429, Action.BACK_OFF),
        (30001, Action.BACK_OFF),
        ("30003", Action.RETRY_ONCE_THEN_CALL),
        (99999, Action.LOOK),
        (None, Action.LOOK),
        ("", Action.LOOK),
        ("9" * 5000, Action.LOOK),
    ],
)
def test_each_error_has_its_action(code, action):
    assert what_to_do(code) is action


def test_every_action_is_said_in_a_sentence_and_only_three_send_again():
    assert set(SENTENCES) == set(Action)
    assert {Action.RETRY_ONCE, Action.RETRY_ONCE_THEN_CALL, Action.BACK_OFF} == SENDS_AGAIN


@given(st.text(max_size=200))
def test_any_answer_is_read(body):
    assert read_reply(body)
