"""What the network's list says of a text of which nobody knows whether it went out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from provider.domain.messaging.doubts import Verdict, decide, digest
from provider.domain.messaging.gateways import Listed
from provider.domain.messaging.pace import STEADY
from tests.fakes import A_TUESDAY

BODY = "Hello. Waymark will ring you. To change this: https://way.example/p/abc or ring 0121 496 0100."
OURS = Listed("SM1", BODY, "sent", A_TUESDAY)
AGAIN = Listed("SM2", BODY, "queued", A_TUESDAY)
ANOTHER = Listed("SM3", BODY.replace("abc", "abd"), "delivered", A_TUESDAY)
EMPTY = Listed("SM4", "", "delivered", A_TUESDAY)
SOON, AFTER_THE_LAG, TOO_LONG = timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=15)


@pytest.mark.parametrize(
    ("listed", "explained", "doubted_for", "verdict"),
    [
        pytest.param([OURS], set(), SOON, Verdict.WENT_OUT, id="it is there"),
        pytest.param([ANOTHER, OURS], set(), AFTER_THE_LAG, Verdict.WENT_OUT, id="among others"),
        pytest.param([AGAIN, OURS], set(), SOON, Verdict.WENT_OUT, id="twice"),
        pytest.param([OURS], set(), TOO_LONG, Verdict.WENT_OUT, id="there at last"),
        pytest.param([], set(), SOON, Verdict.WAIT, id="not there yet"),
        pytest.param([], set(), AFTER_THE_LAG - timedelta(seconds=1), Verdict.WAIT, id="a second too soon"),
        pytest.param([], set(), AFTER_THE_LAG, Verdict.DID_NOT, id="not there although it must be by now"),
        pytest.param([ANOTHER], set(), AFTER_THE_LAG, Verdict.DID_NOT, id="only another, by one letter"),
        pytest.param([], set(), TOO_LONG, Verdict.DID_NOT, id="asked late, and not there"),
        pytest.param(None, set(), SOON, Verdict.WAIT, id="no list"),
        pytest.param(None, set(), AFTER_THE_LAG, Verdict.WAIT, id="no list after the lag"),
        pytest.param(None, set(), TOO_LONG, Verdict.ASK, id="no list for too long"),
        pytest.param([OURS], {"SM1"}, AFTER_THE_LAG, Verdict.DID_NOT, id="the same words, of another try"),
        pytest.param([EMPTY], set(), SOON, Verdict.WAIT, id="words that were taken out"),
        pytest.param(
            [EMPTY], set(), AFTER_THE_LAG, Verdict.WAIT, id="words that were taken out, after the lag"
        ),
        pytest.param([EMPTY], set(), TOO_LONG, Verdict.ASK, id="words that were taken out, for too long"),
        pytest.param([EMPTY], {"SM4"}, AFTER_THE_LAG, Verdict.DID_NOT, id="taken out of what is known"),
        pytest.param(
            [EMPTY, OURS], set(), SOON, Verdict.WENT_OUT, id="there beside words that were taken out"
        ),
    ],
)
def test_what_the_list_says(
    listed: Sequence[Listed] | None, explained: set[str], doubted_for: timedelta, verdict: Verdict
) -> None:
    said = decide(digest(BODY), listed=listed, explained=explained, doubted_for=doubted_for, pace=STEADY)
    assert said.verdict is verdict
    assert bool(said.found) is (verdict is Verdict.WENT_OUT)


def test_whoever_looks_sees_that_it_went_out_twice() -> None:
    said = decide(digest(BODY), listed=[AGAIN, OURS], explained=(), doubted_for=SOON, pace=STEADY)
    assert said.found == (AGAIN, OURS)


def test_one_letter_more_is_another_text() -> None:
    assert digest(BODY) != digest(BODY + " ")
