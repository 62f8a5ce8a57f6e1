"""What is known of a number, and how what happens to it moves that: one table, and nothing else moves it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class NumberState(StrEnum):
    """``bad`` is neither rung nor texted; ``not_a_mobile`` and ``opted_out`` are rung and never texted."""

    GOOD = "good"
    SUSPECT = "suspect"
    BAD = "bad"
    OPTED_OUT = "opted_out"
    NOT_A_MOBILE = "not_a_mobile"


class NumberEvent(StrEnum):
    """What a text, a call or somebody's word says about a number."""

    DELIVERED = "delivered"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    UNKNOWN_HANDSET = "unknown_handset"
    TAKES_NO_TEXTS = "takes_no_texts"
    INVALID = "invalid"
    STOPPED = "stopped"
    STARTED = "started"
    THEIRS = "theirs"
    NOT_THEIRS = "not_theirs"
    GIVEN_AGAIN = "given_again"


_S, _E = NumberState, NumberEvent

MOVES: Mapping[tuple[NumberState, NumberEvent], NumberState] = {
    # 30005: doubt at first; the second time somebody asks for another number.
    (_S.GOOD, _E.UNKNOWN_HANDSET): _S.SUSPECT,
    (_S.SUSPECT, _E.UNKNOWN_HANDSET): _S.BAD,
    # It arrived after all. Whether it is theirs is another matter: a bad number stays bad.
    (_S.SUSPECT, _E.DELIVERED): _S.GOOD,
    **dict.fromkeys(((_S.GOOD, _E.INVALID), (_S.SUSPECT, _E.INVALID)), _S.BAD),
    **{(state, _E.TAKES_NO_TEXTS): _S.NOT_A_MOBILE for state in (_S.GOOD, _S.SUSPECT, _S.OPTED_OUT)},
    # STOP is kept beside the state as well, so that a number found to be theirs after all is still not texted.
    **{(state, _E.STOPPED): _S.OPTED_OUT for state in (_S.GOOD, _S.SUSPECT)},
    (_S.OPTED_OUT, _E.STARTED): _S.GOOD,
    # Their voice, their reply, the officer at the scene.
    **{(state, _E.THEIRS): _S.GOOD for state in (_S.SUSPECT, _S.BAD)},
    **{(state, _E.NOT_THEIRS): _S.BAD for state in _S if state is not _S.BAD},
    # A force gives it a second time: it is tried once more, in doubt.
    (_S.BAD, _E.GIVEN_AGAIN): _S.SUSPECT,
}
"""Every move there is. A pair that is not here changes nothing; no other pair of states can follow each other."""

TEXTED = frozenset({NumberState.GOOD, NumberState.SUSPECT})
DOUBTED = frozenset({NumberState.BAD, NumberState.SUSPECT, NumberState.OPTED_OUT})
"""States on which silence says nothing about the person."""

NO_MORE_TEXTS = frozenset({NumberEvent.BLOCKED, NumberEvent.STOPPED})
"""After these no text is wanted there, whatever the number turns out to be."""


def after(state: str, event: NumberEvent, *, mobile: bool = True) -> NumberState:
    """The state that ``event`` leaves behind. ``mobile``: it can be texted at all; one that cannot is never good."""
    moved = MOVES.get((NumberState(state), event), NumberState(state))
    return NumberState.NOT_A_MOBILE if moved in TEXTED and not mobile and event is _E.THEIRS else moved


def may_follow(before: str, then: str) -> bool:
    """Whether a number may be ``then`` next."""
    if before == then:
        return True
    reached = {moved for (state, _), moved in MOVES.items() if state == before}
    # What is found to be theirs and can take no text.
    theirs = {_S.NOT_A_MOBILE} if (NumberState(before), _E.THEIRS) in MOVES else set()
    return then in reached | theirs
