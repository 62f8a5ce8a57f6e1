"""What the pages behind the link in a text say, in the language of whoever it leads to.

Sentences are data, ``templates/participant/languages/<code>.toml``: a language that has no file is answered in
English. Every other page is in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import g, has_app_context, request
from markupsafe import Markup, escape

from provider.domain.messaging.languages import FALLBACK, Language, languages
from provider.domain.surveys.questions import Question
from provider.kernel.calendar import london
from provider.kernel.errors import Refusal

FILES = Path(__file__).parents[2] / "templates" / "participant" / "languages"


@dataclass(frozen=True)
class Speech:
    """``code`` is the page's ``lang``. What is put into a sentence is escaped, unless it is markup already."""

    code: str
    said: Mapping[str, Any]
    language: Language

    def say(self, key: str, **facts: object) -> Markup:
        """The sentence of a ``part.name``; KeyError where there is none."""
        part, _, name = key.rpartition(".")
        found: Any = self.said
        for step in part.split("."):
            found = found[step]
        return escape(found[name]).format(**facts)

    def many(self, key: str, number: int) -> Markup:
        forms = self.said[key.partition(".")[0]][key.partition(".")[2]]
        return self.say(f"{key}.{number if str(number) in forms else 'other'}", n=number)

    def day(self, day: date | datetime) -> Markup:
        there = london(day) if isinstance(day, datetime) else day
        months = self.language.words["moment"]["months"]
        date_ = self.language.words["moment"]["date"].format(number=there.day, month=months[there.month - 1])
        return self.say(
            "moment.day", day=self.said["moment"]["days"][there.weekday()], date=date_, year=there.year
        )

    def time(self, moment: datetime) -> Markup:
        """In the hour that comes twice in October also which of the two."""
        return escape(self.language.time(london(moment)))

    def moment(self, moment: datetime) -> Markup:
        return self.say("moment.at", day=self.day(moment), time=self.time(moment))

    def length(self, minutes: int) -> str:
        return self.language.length(minutes)

    def asks(self, question: Question) -> str:
        return self._of(question, "asks") or question.asks

    def answers(self, question: Question) -> dict[str, str]:
        return {code: self._of(question, code) or words for code, words in question.answers.items()}

    def _of(self, question: Question, name: str) -> str | None:
        found: Mapping[str, str] = self.said.get("questions", {}).get(question.name, {})
        return found.get(name)

    def refusal(self, refusal: Refusal) -> str:
        said: Mapping[str, str] = self.said.get("refusals", {})
        return said.get(refusal.code) or said.get("other") or refusal.sentence

    def fault(self, message: str) -> str:
        """A form names what is wrong by its key; what a field says by itself, in English, is said more plainly."""
        if message.partition(".")[0] in self.said:
            return str(self.say(message))
        return message if self.code == FALLBACK else str(self.say("page.again"))


@cache
def speeches() -> Mapping[str, Speech]:
    """Every language that pages are written in, by its code."""
    return {
        path.stem: Speech(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), languages()[path.stem])
        for path in sorted(FILES.glob("*.toml"))
    }


def speech() -> Speech:
    """The language of this answer."""
    return speeches()[g.get("language", FALLBACK) if has_app_context() else FALLBACK]


def speak(language: str) -> None:
    """Answer in this language, or in English where pages are not written in it."""
    g.language = language if language in speeches() else FALLBACK


def speak_as_their_phone() -> None:
    """Where nobody is known: the language that the phone asks for."""
    codes = sorted(speeches(), key=lambda code: code != FALLBACK)
    speak(request.accept_languages.best_match(codes, default=FALLBACK) or FALLBACK)


def speak_english() -> None:
    g.pop("language", None)
