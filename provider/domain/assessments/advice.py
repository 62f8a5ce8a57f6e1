"""Harm-reduction advice, chosen by rules from what was said.

The rules are data (``advice_rules.toml``) that a clinician reads and edits. A version is used only once the scheme's
clinical lead has signed it off; what the worker says in the end is the worker's to edit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from provider.domain.assessments.answers import SUBSTANCES
from provider.domain.assessments.condition import RESERVED, holds, names_wrong, parse
from provider.domain.assessments.facts import FLAGS, Facts
from provider.domain.assessments.reading import read_settings

Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
URGENCIES = ("life_at_risk", "soon", "useful")
SHIPPED = Path(__file__).with_name("advice_rules.toml")


class AdviceRule(BaseModel):
    """One piece of advice: when it is given, in which words, and where it comes from.

    ``instead_of`` names advice that this one already says in full, which is then left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    urgency: Literal["life_at_risk", "soon", "useful"]
    when: str = Field(min_length=1, max_length=400)
    text: str = Field(min_length=20, max_length=700)
    source: str = Field(min_length=1, max_length=300)
    instead_of: tuple[Code, ...] = ()

    @field_validator("when")
    @classmethod
    def _can_be_read(cls, when: str) -> str:
        parse(when)
        return when


class AdviceRules(BaseModel):
    """One version of the rules. Unsigned until ``signed_off_by`` and ``signed_off_on`` name who answers for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(pattern=r"^[0-9A-Za-z.-]{1,40}$")
    signed_off_by: str | None = Field(None, max_length=120)
    signed_off_on: date | None = None
    groups: Mapping[Code, tuple[str, ...]] = Field(default_factory=dict)
    rules: tuple[AdviceRule, ...] = Field(max_length=200)

    @property
    def signed_off(self) -> bool:
        return self.signed_off_by is not None and self.signed_off_on is not None

    @model_validator(mode="after")
    def _says_what_it_knows(self) -> AdviceRules:
        faults = [*_groups_wrong(self), *_rules_wrong(self)]
        if faults:
            raise ValueError(" ".join(faults))
        return self


@dataclass(frozen=True)
class SuggestedAdvice:
    """``text`` is said to the person; ``because`` tells the worker which of their answers it rests on."""

    code: str
    text: str
    because: str


def suggest(facts: Facts, rules: AdviceRules) -> tuple[SuggestedAdvice, ...]:
    """The advice that fits ``facts``, the most urgent first and then as the rules stand; nothing is said twice."""
    matched = [
        (rule, reasons)
        for rule in rules.rules
        if (reasons := holds(parse(rule.when), facts, groups=rules.groups)) is not None
    ]
    said_already = {code for rule, _ in matched for code in rule.instead_of}
    ordered = sorted(matched, key=lambda match: URGENCIES.index(match[0].urgency))
    return tuple(
        SuggestedAdvice(rule.code, rule.text, "; ".join(reasons) or "for everyone")
        for rule, reasons in ordered
        if rule.code not in said_already
    )


def read_rules(data: Mapping[str, object]) -> AdviceRules:
    """Rules as they were edited. Raises Invalid with every fault and the place it stands at, as ``/rules/3/when``."""
    return read_settings(AdviceRules, data)


@cache
def shipped_rules() -> AdviceRules:
    """The rules that come with the product, not signed off by anybody."""
    return read_rules(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))


def _groups_wrong(rules: AdviceRules) -> list[str]:
    taken = {*SUBSTANCES, *FLAGS, *RESERVED}
    faults = [f"Group {name}: the name has a meaning already." for name in rules.groups if name in taken]
    unknown = [
        (name, one) for name, members in rules.groups.items() for one in members if one not in SUBSTANCES
    ]
    return faults + [f"Group {name}: {one} is not a substance." for name, one in unknown]


def _rules_wrong(rules: AdviceRules) -> list[str]:
    codes = [rule.code for rule in rules.rules]
    texts = [rule.text for rule in rules.rules]
    faults = [
        f"Two rules are called {code}." for code in sorted({code for code in codes if codes.count(code) > 1})
    ]
    faults += [
        f"{rule.code}: another rule says the same." for rule in rules.rules if texts.count(rule.text) > 1
    ]
    for rule in rules.rules:
        wrong = names_wrong(parse(rule.when), groups=rules.groups)
        faults += [f"{rule.code}: {name} means nothing." for name in wrong]
        others = set(codes) - {rule.code}
        faults += [
            f"{rule.code}: there is no other rule {code}." for code in rule.instead_of if code not in others
        ]
    return faults
