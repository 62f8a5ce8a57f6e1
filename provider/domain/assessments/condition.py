"""The closed language that says when a piece of advice is given.

    opioids and (alcohol or benzodiazepines)      any:inject or steroids      cannabis:daily and not under_18

A name is a substance, a group of substances, a flag, ``any`` (some substance) or ``everyone``. After a colon stands a
route, a frequency or ``dependent``. ``not`` binds closest, then ``and``, then ``or``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from provider.domain.assessments.answers import FREQUENCIES, ROUTES, SUBSTANCES
from provider.domain.assessments.facts import FLAGS, Facts, Use

Groups = Mapping[str, tuple[str, ...]]
DEPENDENT = "dependent"
RESERVED = frozenset({"any", "everyone", "and", "or", "not"})
QUALIFIERS = frozenset({*ROUTES, *FREQUENCIES, DEPENDENT})
DEEPEST = 20
_TOKEN = re.compile(r"\s*(?:(\(|\))|([a-z0-9_]+(?::[a-z_]+)?))")


@dataclass(frozen=True)
class Atom:
    name: str
    qualifier: str | None = None


@dataclass(frozen=True)
class Not:
    part: Condition


@dataclass(frozen=True)
class Joined:
    """Parts joined by one ``word``: and, or."""

    word: str
    parts: tuple[Condition, ...]


Condition = Atom | Not | Joined


@lru_cache(maxsize=1024)
def parse(text: str) -> Condition:
    """Read a condition. Raises ValueError with a sentence for whoever edits it."""
    tokens = _tokens(text)
    condition = _either(tokens, 0)
    if tokens:
        raise ValueError(f"“{tokens[0]}” is not expected here: join names with and / or.")
    return condition


def names_wrong(condition: Condition, *, groups: Groups) -> tuple[str, ...]:
    """The names and qualifiers that mean nothing, in the order they stand in."""
    if isinstance(condition, Not):
        return names_wrong(condition.part, groups=groups)
    if isinstance(condition, Joined):
        return tuple(name for part in condition.parts for name in names_wrong(part, groups=groups))
    substance = condition.name in SUBSTANCES or condition.name in groups or condition.name == "any"
    if condition.qualifier is not None:
        return () if substance and condition.qualifier in QUALIFIERS else (_written(condition),)
    return () if substance or condition.name in FLAGS or condition.name == "everyone" else (condition.name,)


def holds(condition: Condition, facts: Facts, *, groups: Groups) -> tuple[str, ...] | None:
    """The facts it rests on, in words, where it holds; None where it does not. A *not* rests on nothing."""
    if isinstance(condition, Not):
        return () if holds(condition.part, facts, groups=groups) is None else None
    if isinstance(condition, Joined):
        found = [holds(part, facts, groups=groups) for part in condition.parts]
        held = [words for words in found if words is not None]
        enough = len(held) == len(found) if condition.word == "and" else bool(held)
        return tuple(dict.fromkeys(word for words in held for word in words)) if enough else None
    return _atom_holds(condition, facts, groups=groups)


def _atom_holds(atom: Atom, facts: Facts, *, groups: Groups) -> tuple[str, ...] | None:
    if atom.name == "everyone":
        return ()
    if atom.name in FLAGS:
        return (FLAGS[atom.name],) if facts.has(atom.name) else None
    wanted = facts.substances if atom.name == "any" else frozenset(groups.get(atom.name, (atom.name,)))
    if atom.qualifier is None or atom.qualifier == DEPENDENT:
        among = facts.dependent_on if atom.qualifier else facts.substances
        found = [SUBSTANCES[code] for code in SUBSTANCES if code in wanted & among]
    else:
        found = [
            SUBSTANCES[use.substance] for use in facts.uses if use.substance in wanted and _fits(use, atom)
        ]
    return tuple(f"{name}{_how(atom)}" for name in found) or None


def _fits(use: Use, atom: Atom) -> bool:
    return atom.qualifier in use.routes or atom.qualifier == use.frequency


def _how(atom: Atom) -> str:
    words = {**ROUTES, **FREQUENCIES, DEPENDENT: "signs of dependence"}
    return f" ({words[atom.qualifier]})" if atom.qualifier else ""


def _written(atom: Atom) -> str:
    return atom.name if atom.qualifier is None else f"{atom.name}:{atom.qualifier}"


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError("Only names in small letters, and / or / not, and brackets are understood.")
        tokens.append(match[1] or match[2])
        at = match.end()
    return tokens


def _either(tokens: list[str], depth: int) -> Condition:
    if depth > DEEPEST:
        raise ValueError("Too many brackets inside each other.")
    parts = [_every(tokens, depth)]
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        parts.append(_every(tokens, depth))
    return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))


def _every(tokens: list[str], depth: int) -> Condition:
    parts = [_single(tokens, depth)]
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        parts.append(_single(tokens, depth))
    return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))


def _single(tokens: list[str], depth: int) -> Condition:
    word = tokens.pop(0) if tokens else ""
    if word == "not":
        return Not(_single(tokens, depth))
    if word == "(":
        inner = _either(tokens, depth + 1)
        if not tokens or tokens.pop(0) != ")":
            raise ValueError("A bracket is not closed.")
        return inner
    if word in ("", ")", "and", "or"):
        raise ValueError("A name is missing.")
    name, _, qualifier = word.partition(":")
    return Atom(name, qualifier or None)
