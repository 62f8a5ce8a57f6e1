"""What pages behind a link say: whole in every language, the same placeholders, and neutral words alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from config import ROOT
from provider.domain.diary.appointments import SlotTaken
from provider.domain.messaging.forbidden import forbidden_in
from provider.domain.messaging.languages import languages
from provider.domain.surveys.questions import QUESTIONS
from provider.pathway.allocating import NothingHeld
from provider.pathway.booking import NoMoreMoves, NothingBooked
from provider.pathway.giving_back import GivenBackTooOften, TooLateToGiveBack
from provider.pathway.offering import NoOffer
from provider.pathway.opening import TooLateToMove
from provider.pathway.placing import NotPlaceable
from provider.web.speech import FILES, speeches

PAGES = ROOT / "templates" / "participant"
ENGLISH, WELSH = speeches()["en"], speeches()["cy"]
REACHED = (
    *(SlotTaken, NoMoreMoves, NothingBooked, NoOffer, TooLateToMove),
    *(NothingHeld, TooLateToGiveBack, GivenBackTooOften),
)
"""What a person may be refused on their own pages."""


def sentences(said: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, found in said.items():
        key = f"{above}{name}"
        if isinstance(found, Mapping):
            yield from sentences(found, f"{key}.")
        else:
            yield from ([(key, found)] if isinstance(found, str) else [(key, " ".join(found))])


def of_pages(code: str) -> dict[str, str]:
    """What every language has to say: without what only a further language says itself."""
    said = tomllib.loads((FILES / f"{code}.toml").read_text(encoding="utf-8"))
    return {key: words for key, words in sentences(said) if not key.startswith(("questions.", "refusals."))}


@pytest.mark.parametrize("code", speeches())
def test_a_language_says_everything_with_the_same_facts_in_it(code: str) -> None:
    here, english = of_pages(code), of_pages("en")
    assert set(here) == set(english)
    for key, words in here.items():
        facts = set(re.findall(r"{\w+}", words))
        assert facts == set(re.findall(r"{\w+}", english[key])), key
    assert code in languages()


@pytest.mark.parametrize("code", speeches())
def test_nothing_that_is_said_tells_what_it_is_about(code: str) -> None:
    for key, words in sentences(speeches()[code].said):
        assert forbidden_in(words) == (), key


@pytest.mark.parametrize("code", [code for code in speeches() if code != "en"])
def test_a_further_language_asks_every_question_and_words_every_refusal(code: str) -> None:
    here = speeches()[code]
    for question in QUESTIONS:
        assert here.asks(question) != question.asks
        assert set(here.answers(question)) == set(question.answers)
        assert not set(here.answers(question).values()) & set(question.answers.values())
    for refusal in REACHED:
        assert here.refusal(refusal()) == here.said["refusals"][refusal.code]
    assert here.refusal(NotPlaceable()) == here.said["refusals"]["other"]


def test_english_says_a_refusal_in_its_own_words() -> None:
    assert ENGLISH.refusal(SlotTaken()) == SlotTaken.sentence


def test_no_page_has_words_of_its_own() -> None:
    """Where a sentence stood in a page it would be in English to everybody."""
    for path in PAGES.rglob("*.html"):
        written = path.read_text(encoding="utf-8")
        shown = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", " ", written, flags=re.DOTALL)
        assert not re.search(r"[^\W\d_]{2,}", shown), (path.name, shown.split())
        assert not re.search(r"(submit|label|hint)=\"|(details|button)\(\"", written), path.name


def test_every_sentence_is_said_somewhere() -> None:
    written = "\n".join(
        path.read_text(encoding="utf-8")
        for folder, kind in (("templates", "html"), ("provider/web", "py"))
        for path in (ROOT / folder).rglob(f"*.{kind}")
    )
    for key in of_pages("en"):
        name = key.rpartition(".")[0] if key.startswith(("next.working.", "next.calendar.")) else key
        assert f'"{name}"' in written or key == "moment.days", key


def test_what_is_put_in_is_escaped_and_not_looked_at_again() -> None:
    assert ENGLISH.say("home.hello", name="<b>{x}") == "Hello &lt;b&gt;{x}"


@pytest.mark.parametrize(
    ("moment", "english", "welsh"),
    [
        (
            datetime(2026, 12, 2, 10, tzinfo=UTC),
            "Wednesday 2 December 2026 at 10am",
            "Dydd Mercher 2 Rhagfyr 2026 am 10am",
        ),
        (
            datetime(2027, 5, 1, 11, 30, tzinfo=UTC),
            "Saturday 1 May 2027 at 12:30pm",
            "Dydd Sadwrn 1 Mai 2027 am 12:30pm",
        ),
        (
            datetime(2026, 12, 6, 12, tzinfo=UTC),
            "Sunday 6 December 2026 at midday",
            "Dydd Sul 6 Rhagfyr 2026 am hanner dydd",
        ),
        (
            datetime(2026, 10, 25, 1, 15, tzinfo=UTC),
            "Sunday 25 October 2026 at 1:15am (after the clocks go back)",
            "Dydd Sul 25 Hydref 2026 am 1:15am (wedi troi&#39;r clociau)",
        ),
    ],
)
def test_moments_are_said_on_londons_clock_in_the_words_of_the_language(
    moment: datetime, english: str, welsh: str
) -> None:
    assert (ENGLISH.moment(moment), WELSH.moment(moment)) == (english, welsh)


def test_days_and_numbers_of_days() -> None:
    assert WELSH.day(date(2026, 11, 30)) == "Dydd Llun 30 Tachwedd 2026"
    assert [ENGLISH.many("next.working", number) for number in (1, 2)] == ["1 working day", "2 working days"]
    assert WELSH.many("next.calendar", 3) == "3 diwrnod"
