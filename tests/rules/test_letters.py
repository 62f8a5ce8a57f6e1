"""Every letter in every language: what it says, and that it is held to the words of texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from provider.domain.messaging.asking import asked_in
from provider.domain.messaging.forbidden import forbidden_in, promises_in
from provider.domain.messaging.languages import TEMPLATES, languages
from provider.domain.messaging.letters import LETTERS, LetterFacts, shipped_letter, word

STARTS = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
FACTS = LetterFacts(
    name="Siân",
    service="Waymark",
    phone="0121 496 0000",
    starts_at=STARTS,
    minutes=150,
    where="Community Hall, 5 High Street, CV1 1AA",
    dial_in="0330 088 5830, then 123456789#",
)
EVERY = [(kind, language) for language in languages() for kind in LETTERS]


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_each_is_filled_neutral_and_says_how_to_reach_us(kind: str, language: str) -> None:
    letter = word(kind, FACTS, language=language, written_on=STARTS)
    said = "\n".join((letter.dear, *letter.paragraphs, letter.yours, letter.service, letter.phone))
    assert letter.language == language
    assert not re.search("[{}]", said)
    assert forbidden_in(said, language=language) == ()
    assert promises_in(said, language=language) == ()
    assert not asked_in(said, language=language).keywords
    assert "0121 496 0000" in " ".join(letter.paragraphs)
    assert "Siân" in letter.dear, "a letter has its circumflex"


def test_every_language_has_every_letter_and_no_other() -> None:
    for language in languages():
        assert {path.stem for path in (TEMPLATES / language / "letters").glob("*.txt")} == set(LETTERS)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("session_by_telephone", "0330 088 5830, then 123456789#"),
        ("session_in_a_room", "Community Hall, 5 High Street, CV1 1AA"),
        ("appointment", "Tuesday 1 December at 6pm"),
        ("session_online", "2 hours 30 minutes"),
    ],
)
def test_a_letter_says_when_where_and_how_long(kind: str, said: str) -> None:
    assert said in " ".join(word(kind, FACTS, language="en", written_on=STARTS).paragraphs)


def test_a_language_there_is_none_of_is_english() -> None:
    assert word("missed", FACTS, language="pl", written_on=STARTS).language == "en"
    assert shipped_letter("missed", "../en") is None


def test_without_its_facts_there_is_no_letter() -> None:
    with pytest.raises(ValueError, match="day"):
        word("appointment", LetterFacts("Sam", "Waymark", "0121 496 0000"), language="en", written_on=STARTS)


def test_other_words_have_another_digest() -> None:
    one, two = (
        word("missed", LetterFacts("Sam", "Waymark", phone, STARTS), language="en", written_on=STARTS)
        for phone in ("0121 496 0000", "0121 496 0001")
    )
    assert one.digest != two.digest
