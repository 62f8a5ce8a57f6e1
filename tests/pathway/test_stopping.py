"""STOP: the texts that went to the number which said it go out no more, and no others."""

from __future__ import annotations

import pytest

from provider.domain.people.reach import Competence, TextsTo
from provider.domain.referrals.models import Referral
from provider.kernel.database import transaction
from provider.pathway import hearing, reaching
from provider.pathway.reaching import Agreed
from tests.pathway.walking import YOUNG, Walk, checked, tasks, texts

CHILDS, ADULTS = "+447700900123", "+447700900555"


def young(walk: Walk, to: TextsTo) -> Referral:
    sent = checked(date_of_birth="2010-01-05", mobile="07700 900123")
    referral = walk.referred(**YOUNG, person=sent)
    agreed = Agreed(to, Competence.COMPETENT, relation="mother", mobile="07700 900555", heard=True)
    with transaction():
        reaching.agree(walk.case(referral).id, agreed, by=walk.worker, now=walk.now)
    walk.booked(referral, nth=60)
    assert texts(walk.case(referral))
    return referral


def says_stop(walk: Walk, e164: str) -> None:
    with transaction():
        hearing.reply("SM1", from_e164=e164, body="STOP", opt_out="STOP", now=walk.now)


def test_a_childs_own_leaves_the_adults_texts(walk: Walk) -> None:
    referral = young(walk, TextsTo.ADULT)
    before = texts(walk.case(referral))
    says_stop(walk, CHILDS)
    assert texts(walk.case(referral)) == before
    assert not {"text_failed", "letter", "letter_no_address"} & tasks(walk.case(referral))


@pytest.mark.parametrize(("to", "from_"), [(TextsTo.ADULT, ADULTS), (TextsTo.CHILD, CHILDS)])
def test_that_of_the_number_which_is_texted_ends_them(walk: Walk, to: TextsTo, from_: str) -> None:
    referral = young(walk, to)
    says_stop(walk, from_)
    assert texts(walk.case(referral)) == {}
    assert "text_failed" in tasks(walk.case(referral))
