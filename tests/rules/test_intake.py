"""The door: who is taken, who is held, who is declined, and what an officer is told beforehand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from provider.domain.people.matching import Match
from provider.domain.referrals.rules import (
    Accept,
    Decline,
    DeclineReason,
    Eligibility,
    Hold,
    PastReferral,
    Recognition,
    SchemeRules,
    eligibility,
    screen,
)

TODAY = date(2026, 11, 22)
DIVERT = SchemeRules("while_engaging")
UNLIMITED = SchemeRules("unlimited")
TWICE = SchemeRules("up_to", repeat_limit=2)
LOCAL = SchemeRules("while_engaging", areas=("Birmingham", "Walsall"))


def ended(
    outcome: str,
    *,
    closed: str = "2026-06-01",
    bar: str | None = None,
    same_scheme: bool = True,
    same_force: bool = True,
    shared: bool = False,
) -> PastReferral:
    return PastReferral(
        outcome=outcome,
        closed_at=datetime.fromisoformat(closed).replace(tzinfo=UTC),
        may_reoffer=bar is None,
        bar_until=date.fromisoformat(bar) if bar else None,
        is_open=False,
        same_force=same_force,
        shared=shared,
        same_scheme=same_scheme,
    )


OPEN = PastReferral("open", None, may_reoffer=True, bar_until=None, is_open=True, same_force=True)
OPEN_ELSEWHERE = replace(OPEN, same_force=False)
OPEN_SHARED = replace(OPEN_ELSEWHERE, shared=True)
ENGAGED = ended("completed")
BARRED = ended("not_engaged", bar="2027-06-01")
BAR_ENDS_TODAY = ended("not_engaged", closed="2025-11-22", bar="2026-11-22")
BAR_ENDS_TOMORROW = ended("not_engaged", closed="2025-11-23", bar="2026-11-23")
BARRED_ELSEWHERE = ended("not_engaged", bar="2027-06-01", same_force=False)
BARRED_SHARED = ended("not_engaged", bar="2027-06-01", same_force=False, shared=True)
NOT_REACHED = ended("not_reached")
WITHDRAWN = ended("withdrawn")
REVIEWED = PastReferral("not_engaged", ENGAGED.closed_at, True, None, is_open=False, same_force=True)

DID_NOT_ENGAGE = Decline(DeclineReason.DID_NOT_ENGAGE, date(2027, 6, 1))
LIMIT_REACHED = Decline(DeclineReason.LIMIT_REACHED)


def screened(
    rules: SchemeRules,
    *,
    past: list[PastReferral],
    area: str | None = "Birmingham",
    recognition: Recognition = Recognition.EXACT,
) -> Accept | Hold | Decline:
    return screen(rules, area=area, recognition=recognition, history=past, on=TODAY)


@pytest.mark.parametrize(
    ("rules", "past", "decision"),
    [
        (DIVERT, [], Accept()),
        (DIVERT, [ENGAGED], Accept()),
        (DIVERT, [ENGAGED] * 20, Accept()),
        (DIVERT, [BARRED], DID_NOT_ENGAGE),
        (DIVERT, [ended("not_engaged", bar="2027-06-01", same_scheme=False)], DID_NOT_ENGAGE),
        (DIVERT, [BAR_ENDS_TODAY], Accept()),
        (DIVERT, [BAR_ENDS_TOMORROW], Decline(DeclineReason.DID_NOT_ENGAGE, date(2026, 11, 23))),
        (DIVERT, [REVIEWED], Accept()),
        (DIVERT, [BARRED, ended("completed", closed="2026-10-01")], Accept()),
        (DIVERT, [ended("completed", closed="2026-10-01"), BARRED], Accept()),
        (DIVERT, [ended("completed", closed="2025-10-01"), BARRED], DID_NOT_ENGAGE),
        (DIVERT, [NOT_REACHED] * 5, Accept()),
        (DIVERT, [BARRED, ended("not_reached", closed="2026-10-01")], DID_NOT_ENGAGE),
        (DIVERT, [WITHDRAWN, ended("declined")], Accept()),
        (DIVERT, [BARRED, OPEN], Accept(link=True)),
        (DIVERT, [BARRED, OPEN_SHARED], Accept(link=True)),
        (DIVERT, [BARRED, OPEN_ELSEWHERE], DID_NOT_ENGAGE),
        (DIVERT, [OPEN_ELSEWHERE], Accept(link=True)),
        (DIVERT, [BARRED_ELSEWHERE], Accept()),
        (DIVERT, [BARRED_SHARED], DID_NOT_ENGAGE),
        (UNLIMITED, [BARRED] * 5, Accept()),
        (UNLIMITED, [OPEN], Accept(link=True)),
        (TWICE, [ENGAGED], Accept()),
        (TWICE, [ENGAGED, ended("not_engaged")], LIMIT_REACHED),
        (TWICE, [ENGAGED, NOT_REACHED, WITHDRAWN], Accept()),
        (TWICE, [ENGAGED, ended("completed", same_scheme=False)], Accept()),
        (TWICE, [ENGAGED, ENGAGED, OPEN], Accept(link=True)),
        (TWICE, [BARRED], DID_NOT_ENGAGE),
        (SchemeRules("up_to"), [ENGAGED] * 9, Accept()),
    ],
)
def test_who_comes_again_is_taken_as_the_schemes_repeat_rule_says(
    rules: SchemeRules, past: list[PastReferral], decision: Accept | Decline
) -> None:
    assert screened(rules, past=past) == decision


@pytest.mark.parametrize(
    ("area", "past", "decision"),
    [
        ("Birmingham", [], Accept()),
        (" walsall ", [], Accept()),
        (None, [], Accept()),
        (" ", [], Accept()),
        ("Coventry", [], Decline(DeclineReason.OUT_OF_AREA)),
        ("Coventry", [BARRED], Decline(DeclineReason.OUT_OF_AREA)),
        ("Coventry", [OPEN], Accept(link=True)),
    ],
)
def test_out_of_area_is_declined_unless_a_referral_is_open(
    area: str | None, past: list[PastReferral], decision: Accept | Decline
) -> None:
    assert screened(LOCAL, past=past, area=area) == decision


@pytest.mark.parametrize("recognition", [Recognition.EXACT_NAME_ONLY, Recognition.NEAR])
@pytest.mark.parametrize("rules", [DIVERT, UNLIMITED, LOCAL])
@pytest.mark.parametrize("past", [[OPEN], [BARRED], [NOT_REACHED], [BARRED_SHARED]])
def test_somebody_who_may_be_known_is_held_before_anything_is_decided(
    rules: SchemeRules, past: list[PastReferral], recognition: Recognition
) -> None:
    assert screened(rules, past=past, area="Coventry", recognition=recognition) == Hold()


@pytest.mark.parametrize("recognition", [Recognition.EXACT_NAME_ONLY, Recognition.NEAR])
def test_a_force_does_not_learn_that_another_may_know_somebody(recognition: Recognition) -> None:
    for past in ([BARRED_ELSEWHERE], [OPEN_ELSEWHERE]):
        assert screened(DIVERT, past=past, recognition=recognition) == Accept(look=True)
        told = eligibility(DIVERT, recognition=recognition, history=past, on=TODAY)
        assert told == NO_PREVIOUS
    outside = screened(LOCAL, past=[BARRED_ELSEWHERE], area="Coventry", recognition=recognition)
    assert outside == Decline(DeclineReason.OUT_OF_AREA)


NO_PREVIOUS = Eligibility("offer", "no_previous", 0)
ASK = Eligibility("ask_provider", "not_certain_same_person", 0)


@pytest.mark.parametrize(
    ("rules", "match", "past", "told"),
    [
        (DIVERT, Match.DIFFERENT, [], NO_PREVIOUS),
        (DIVERT, Match.EXACT, [], NO_PREVIOUS),
        (DIVERT, Match.EXACT, [ENGAGED], Eligibility("offer", "engaged_before", 1)),
        (DIVERT, Match.EXACT, [ENGAGED, ENGAGED], Eligibility("offer", "engaged_before", 2)),
        (DIVERT, Match.EXACT, [NOT_REACHED, WITHDRAWN], NO_PREVIOUS),
        (DIVERT, Match.EXACT, [BARRED], Eligibility("do_not_offer", "did_not_engage", 1, date(2027, 6, 1))),
        (DIVERT, Match.EXACT, [BAR_ENDS_TODAY], Eligibility("offer", "did_not_engage", 1)),
        (DIVERT, Match.EXACT, [OPEN], NO_PREVIOUS),
        (DIVERT, Match.EXACT, [BARRED, OPEN], Eligibility("offer", "did_not_engage", 1)),
        (DIVERT, Match.EXACT, [BARRED_ELSEWHERE, OPEN_ELSEWHERE], NO_PREVIOUS),
        (
            DIVERT,
            Match.EXACT,
            [BARRED_SHARED],
            Eligibility("do_not_offer", "did_not_engage", 1, date(2027, 6, 1)),
        ),
        (DIVERT, Match.EXACT_NAME_ONLY, [BARRED], ASK),
        (DIVERT, Match.EXACT_NAME_ONLY, [ENGAGED], Eligibility("offer", "engaged_before", 1)),
        *(
            (rules, Match.NEAR, [past], ASK)
            for rules in (DIVERT, UNLIMITED)
            for past in (BARRED, ENGAGED, OPEN)
        ),
        (DIVERT, Match.NEAR, [NOT_REACHED], ASK),
        (DIVERT, Match.NEAR, [ENGAGED, BARRED_ELSEWHERE], ASK),
        (DIVERT, Match.NEAR, [BARRED_SHARED], ASK),
        (DIVERT, Match.NEAR, [BARRED_ELSEWHERE], NO_PREVIOUS),
        (DIVERT, Match.NEAR, [], NO_PREVIOUS),
        (UNLIMITED, Match.EXACT, [BARRED], Eligibility("offer", "did_not_engage", 1)),
        (TWICE, Match.EXACT, [ENGAGED, ENGAGED], Eligibility("do_not_offer", "limit_reached", 2)),
        (TWICE, Match.EXACT_NAME_ONLY, [ENGAGED, ENGAGED], ASK),
    ],
)
def test_an_officer_is_told_no_only_about_somebody_certain(
    rules: SchemeRules, match: Match, past: list[PastReferral], told: Eligibility
) -> None:
    assert eligibility(rules, recognition=Recognition(match), history=past, on=TODAY) == told


def test_the_door_and_the_check_agree() -> None:
    for rules in (DIVERT, UNLIMITED, TWICE):
        for past in (
            [],
            [ENGAGED],
            [BARRED],
            [BAR_ENDS_TODAY],
            [ENGAGED, ENGAGED],
            [BARRED, OPEN],
            [NOT_REACHED],
        ):
            taken = isinstance(screened(rules, past=past), Accept)
            told = eligibility(rules, recognition=Recognition.EXACT, history=past, on=TODAY).answer
            assert taken == (told == "offer")


def test_recognition_has_the_values_of_match() -> None:
    assert [recognition.value for recognition in Recognition] == [match.value for match in Match]
