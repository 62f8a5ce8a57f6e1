"""What a force is told at each status, when it may offer again, and the one sentence for its intelligence log."""

from __future__ import annotations

from datetime import date

import pytest

from provider.commands.demo.schemes import SCHEMES
from provider.domain.compliance.outcomes import (
    LEVELS,
    LOG_SENTENCE,
    OUTCOMES,
    compliance,
    intelligence_log_text,
    level_for_force,
    log_sentence_faults,
    reoffer,
    status_for_force,
)

TABLE = [
    # status, what a force reads, outcome, level where nothing / the assessment / everything was done
    ("held", "held", "open", ("none", "none", "none")),
    ("declined", "declined", "declined", ("none", "none", "none")),
    ("accepted", "accepted", "open", ("none", "none", "none")),
    ("assessment_booked", "accepted", "open", ("none", "none", "none")),
    ("assessed", "accepted", "open", ("assessment", "assessment", "assessment")),
    ("waiting", "accepted", "open", ("assessment", "assessment", "assessment")),
    ("placed", "accepted", "open", ("assessment", "assessment", "assessment")),
    ("completed", "completed", "completed", ("none", "assessment", "intervention")),
    ("not_engaged", "not_engaged", "not_engaged", ("none", "assessment", "intervention")),
    ("not_reached", "not_reached", "not_reached", ("none", "assessment", "intervention")),
    ("withdrawn", "withdrawn", "withdrawn", ("none", "assessment", "intervention")),
]


@pytest.mark.parametrize(("status", "read", "outcome", "levels"), TABLE)
def test_each_status_tells_a_force_one_thing(status, read, outcome, levels):
    assert status_for_force(status) == read
    assert OUTCOMES[status] == outcome
    reached = ("none", "assessment", "intervention")
    assert tuple(level_for_force(status, reached=level) for level in reached) == levels


def test_the_tables_know_the_same_statuses():
    assert set(OUTCOMES) == set(LEVELS) == {row[0] for row in TABLE}
    with pytest.raises(ValueError, match="no status"):
        status_for_force("asleep")


def test_the_object_has_its_five_fields_and_no_more():
    told = compliance(
        status="not_engaged",
        level="assessment",
        may_reoffer=False,
        bar_until=date(2027, 5, 1),
        rule="divert-adult v3",
    )
    assert told == {
        "level": "assessment",
        "outcome": "not_engaged",
        "may_reoffer": False,
        "bar_until": "2027-05-01",
        "rule": "divert-adult v3",
    }


ENDS = date(2027, 5, 1)


@pytest.mark.parametrize(
    ("status", "rule", "times", "limit", "bar_ends", "may", "until"),
    [
        ("not_engaged", "while_engaging", 1, None, ENDS, False, ENDS),
        ("not_engaged", "while_engaging", 1, None, None, True, None),
        ("completed", "while_engaging", 5, None, ENDS, True, None),
        ("not_engaged", "unlimited", 9, None, ENDS, True, None),
        ("completed", "unlimited", 9, None, None, True, None),
        ("completed", "up_to", 2, 3, None, True, None),
        ("completed", "up_to", 3, 3, None, False, None),
        ("not_engaged", "up_to", 3, 3, ENDS, False, None),
        ("not_engaged", "up_to", 1, 3, ENDS, True, None),
        ("not_reached", "while_engaging", 1, None, ENDS, True, None),
        ("not_reached", "up_to", 3, 3, ENDS, True, None),
        ("withdrawn", "while_engaging", 1, None, ENDS, True, None),
    ],
)
def test_an_ending_means_for_next_time_what_the_scheme_says(status, rule, times, limit, bar_ends, may, until):
    found = reoffer(status, repeat_rule=rule, times=times, limit=limit, bar_ends=bar_ends)
    assert (found.may_reoffer, found.bar_until) == (may, until)


DAYS = (date(2026, 11, 3), date(2026, 11, 5), date(2026, 11, 9))


@pytest.mark.parametrize(
    ("attempts", "days", "said"),
    [
        (3, DAYS, "contact was attempted 3 times (3 November 2026, 5 November 2026 and 9 November 2026);"),
        (4, DAYS[:2], "contact was attempted 4 times (3 November 2026 and 5 November 2026);"),
        (1, DAYS[:1], "contact was attempted once (3 November 2026);"),
        (0, (), "contact was attempted no times (no date);"),
    ],
)
def test_the_log_says_how_often_and_when_contact_was_tried(attempts, days, said):
    text = intelligence_log_text(LOG_SENTENCE, reference="K7QM-2X4D", attempts=attempts, days=days)
    assert said in text
    assert "under reference K7QM-2X4D;" in text
    assert text.endswith("this is not evidence of drug use, offending or risk.")
    assert log_sentence_faults(LOG_SENTENCE) == ()


def test_every_scheme_of_the_demo_says_it_in_one_sentence():
    for force in SCHEMES.values():
        for _, terms in force.values():
            assert terms.intelligence_sentence.count(". ") == 0
            assert terms.intelligence_sentence.endswith("not evidence of drug use, offending or risk.")


@pytest.mark.parametrize(
    ("sentence", "faults"),
    [
        ("{reference} {attempts} {dates} not evidence", 0),
        ("{reference} {times} {dates} Not Evidence", 0),
        ("{times} {dates} not evidence", 1),
        ("{reference} {dates} not evidence", 1),
        ("{reference} {times} not evidence", 1),
        ("{reference} {times} {dates}", 1),
        ("{reference} {times} {dates} {name} not evidence", 1),
        ("", 3),
    ],
)
def test_a_schemes_own_sentence_is_checked_before_it_is_used(sentence, faults):
    assert len(log_sentence_faults(sentence)) == faults


@pytest.mark.parametrize("sentence", ["{name}", "{reference.__class__}", "{0}", "{}"])
def test_a_sentence_reaches_nothing_but_what_it_is_given(sentence):
    with pytest.raises(ValueError, match="unknown placeholders"):
        intelligence_log_text(sentence, reference="K7QM-2X4D", attempts=1, days=DAYS)
