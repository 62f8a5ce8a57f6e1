"""The questions of the survey, in words that say nothing to whoever looks over a shoulder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RATHER_NOT = "rather_not_say"


@dataclass(frozen=True)
class Question:
    """``name`` is the column of the answer; ``about`` how the desk calls it; ``answers`` are code and words."""

    name: str
    asks: str
    about: str
    answers: Mapping[str, str]


def _question(name: str, asks: str, about: str, **answers: str) -> Question:
    return Question(name, asks, about, {**answers, RATHER_NOT: "I would rather not say"})


QUESTIONS = (
    _question(
        "since_then",
        "Thinking of what we talked about: since then I",
        "Since then they",
        stopped="Have stopped",
        reduced="Do it less",
        no_change="Have not changed much",
        more="Do it more",
    ),
    _question(
        "feeling",
        "Compared with then, how are you in yourself?",
        "In themselves",
        better="Better",
        the_same="About the same",
        worse="Worse",
    ),
    _question(
        "was_useful",
        "Was the time with us useful to you?",
        "The time with us was useful",
        very="Very",
        somewhat="Somewhat",
        not_really="Not really",
    ),
    _question(
        "other_help",
        "Have you had help from anybody else since then?",
        "Help from anybody else",
        yes="Yes",
        no="No",
    ),
)
SINCE_THEN = QUESTIONS[0]
