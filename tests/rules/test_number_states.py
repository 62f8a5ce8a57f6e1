"""What happens to a number moves what is known of it: the whole table, and nothing beside it."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.messaging.receipts import Action, what_to_do
from provider.domain.people.models import PhoneNumber
from provider.domain.people.number_states import (
    MOVES,
    TEXTED,
    NumberEvent,
    NumberState,
    after,
    may_follow,
)
from provider.domain.people.records import add_number, add_person, confirm_number, learn, takes_texts
from provider.kernel.database import transaction
from provider.pathway.failing import SAYS
from tests.fakes import A_TUESDAY

PERSON = {
    "given_name": "Sam",
    "family_name": "Example",
    "date_of_birth": date(2000, 5, 14),
    "gender": "male",
}
GOOD, SUSPECT, BAD, OPTED_OUT, NOT_A_MOBILE = NumberState
TABLE = """
                  good          suspect       bad      opted_out     not_a_mobile
delivered         good          good          bad      opted_out     not_a_mobile
unreachable       good          suspect       bad      opted_out     not_a_mobile
blocked           good          suspect       bad      opted_out     not_a_mobile
unknown_handset   suspect       bad           bad      opted_out     not_a_mobile
takes_no_texts    not_a_mobile  not_a_mobile  bad      not_a_mobile  not_a_mobile
invalid           bad           bad           bad      opted_out     not_a_mobile
stopped           opted_out     opted_out     bad      opted_out     not_a_mobile
started           good          suspect       bad      good          not_a_mobile
theirs            good          good          good     opted_out     not_a_mobile
not_theirs        bad           bad           bad      bad           bad
given_again       good          suspect       suspect  opted_out     not_a_mobile
"""


def rows() -> list[tuple[str, str, str]]:
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    return [(state, event, then) for event, *cells in lines for state, then in zip(head, cells, strict=True)]


@pytest.mark.parametrize(("state", "event", "then"), rows())
def test_every_state_and_every_event(state: str, event: str, then: str) -> None:
    assert after(state, NumberEvent(event)) == then
    assert may_follow(state, then)


def test_the_table_leaves_nothing_out() -> None:
    assert {(state, event) for state, event, _ in rows()} == {
        (str(state), str(event)) for state, event in product(NumberState, NumberEvent)
    }


CODES = {
    30003: (Action.RETRY_ONCE_THEN_CALL, GOOD, True),
    30004: (Action.NO_MORE_TEXTS_CALL, GOOD, False),
    30005: (Action.NUMBER_SUSPECT, SUSPECT, True),
    30006: (Action.NEVER_TEXT, NOT_A_MOBILE, True),
    21614: (Action.NEVER_TEXT, NOT_A_MOBILE, True),
    21635: (Action.NEVER_TEXT, NOT_A_MOBILE, True),
    30007: (Action.ALERT_ON_TEMPLATE, GOOD, True),
    30008: (Action.RETRY_ONCE, GOOD, True),
    30036: (Action.EXPECTED, GOOD, True),
    21610: (Action.OPTED_OUT, OPTED_OUT, False),
    21211: (Action.FIX_NUMBER, BAD, True),
    21612: (Action.CONFIGURATION_ALARM, GOOD, True),
    21212: (Action.CONFIGURATION_ALARM, GOOD, True),
    20429: (Action.BACK_OFF, GOOD, True),
    30001: (Action.BACK_OFF, GOOD, True),
}


@pytest.mark.parametrize("code", CODES)
def test_what_a_code_of_twilios_says_of_a_good_number(code: int) -> None:
    action, state, wanted = CODES[code]
    number = a_number()
    assert what_to_do(code) is action
    if action in SAYS:
        learn(number, SAYS[action])
    assert (number.state, number.texts_wanted) == (state, wanted)


def a_number(state: str = "good", *, e164: str | None = "+447700900123") -> PhoneNumber:
    return PhoneNumber(state=state, e164=e164, texts_wanted=True)


@pytest.mark.parametrize(("before", "then"), list(product(NumberState, NumberState)))
def test_a_move_that_is_in_no_row_is_impossible(before: str, then: str) -> None:
    allowed = before == then or then in {moved for (state, _), moved in MOVES.items() if state == before}
    allowed = allowed or (before in {SUSPECT, BAD} and then == NOT_A_MOBILE)
    number = a_number(before)
    if allowed:
        number.state = then
    else:
        with pytest.raises(ValueError, match="is never"):
            number.state = then


def test_what_is_no_state_at_all_is_impossible() -> None:
    with pytest.raises(ValueError, match="is never"):
        a_number().state = "dead"


def test_stop_outlives_that_the_number_was_thought_wrong() -> None:
    """Somebody says that it is not theirs, STOP comes from it, and then their own voice says that it is theirs."""
    number = a_number()
    for event in (NumberEvent.NOT_THEIRS, NumberEvent.STOPPED, NumberEvent.THEIRS):
        learn(number, event)
    assert number.state == GOOD
    assert not takes_texts(number)
    learn(number, NumberEvent.STARTED)
    assert takes_texts(number)


def test_what_is_not_theirs_is_confirmed_no_more() -> None:
    number = a_number()
    confirm_number(number, by="officer", now=A_TUESDAY)
    learn(number, NumberEvent.NOT_THEIRS)
    assert (number.state, number.confirmed_at, number.confirmed_by) == (BAD, None, None)
    confirm_number(number, by="voice", now=A_TUESDAY)
    assert (number.state, number.confirmed_by) == (GOOD, "voice")


def test_an_invented_number_that_is_theirs_after_all_is_rung_and_not_texted() -> None:
    number = a_number("suspect", e164=None)
    confirm_number(number, by="voice", now=A_TUESDAY)
    assert number.state == NOT_A_MOBILE


def test_the_database_keeps_no_state_that_is_none(app: Flask) -> None:
    with app.app_context():
        with transaction():
            person = add_person(PERSON, now=A_TUESDAY)
            number = add_number_for(person.id, None)
        with pytest.raises(sa.exc.IntegrityError), transaction() as session:
            session.execute(sa.update(PhoneNumber).where(PhoneNumber.id == number.id).values(state="dead"))


def test_a_person_has_one_number_of_their_own_and_one_of_an_adults(app: Flask) -> None:
    with app.app_context():
        with transaction():
            person_id = add_person(PERSON, now=A_TUESDAY).id
            for relation in (None, "mother"):
                add_number_for(person_id, relation)
        for relation in (None, "aunt"):
            with pytest.raises(sa.exc.IntegrityError), transaction():
                add_number_for(person_id, relation)


def add_number_for(person_id: int, relation: str | None) -> PhoneNumber:
    return add_number(
        person_id,
        "07700 900123",
        texts_wanted=True,
        voicemail_wanted=False,
        confirmed_by=None,
        relation=relation,
        now=A_TUESDAY,
    )


@pytest.mark.parametrize("state", NumberState)
def test_texts_go_to_what_works_or_may(state: NumberState) -> None:
    assert takes_texts(a_number(state)) is (state in TEXTED)
