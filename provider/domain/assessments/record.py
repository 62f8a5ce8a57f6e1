"""What an assessment holds once it was written down: answers by section, and the facts that follow from them.

``answers``: ``alcohol`` and each section of ``questions.SECTIONS`` by question code; ``severity``, the five answers
of the Severity of Dependence Scale for each substance in its order; ``words``, what else was said, by section.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provider.domain.assessments.answers import Answers
from provider.domain.assessments.audit import SexForUnits, drinks, score_audit
from provider.domain.assessments.facts import Facts, Use, facts_of
from provider.domain.assessments.questions import SECTIONS
from provider.domain.assessments.severity import Severity, score_sds

Record = Mapping[str, Any]
_UNITS: Mapping[str, SexForUnits] = {"male": "male", "female": "female"}


def sex_for_units(gender: str) -> SexForUnits | None:
    """Whose units AUDIT asks about; None where the gender recorded does not say, and then the lower number is asked."""
    return _UNITS.get(gender)


def alcohol_of(record: Record) -> Answers:
    found: Answers = record.get("alcohol", {})
    return found


def severities(record: Record, substances: Sequence[str], *, age: int) -> tuple[Severity, ...]:
    """The scale for each substance, in their order."""
    said: Sequence[Answers] = record.get("severity", ())
    return tuple(
        score_sds(said[place] if place < len(said) else {}, substance=substance, age=age)
        for place, substance in enumerate(substances)
    )


def facts_from(record: Record, uses: Sequence[Use], *, age: int) -> Facts:
    """The facts that advice and the pathway are chosen from."""
    alcohol = alcohol_of(record)
    audit = score_audit(alcohol)
    scales = severities(record, [use.substance for use in uses], age=age)
    dependent = {scale.substance for scale in scales if scale.discuss}
    if audit.advise_treatment:
        dependent.add("alcohol")
    return facts_of(
        {name: record.get(name, {}) for name in SECTIONS},
        age=age,
        uses=uses,
        drinks=drinks(alcohol),
        audit_score=audit.score,
        dependent_on=dependent,
    )
