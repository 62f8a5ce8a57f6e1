"""What was said in an assessment, as the plain facts that advice and the pathway are chosen from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from provider.domain.assessments.answers import Answers
from provider.domain.assessments.questions import SECTIONS

FLAGS: Mapping[str, str] = {
    "under_18": "is under 18",
    "drinks_alcohol": "drinks alcohol",
    "higher_risk_drinking": "drinks at a level that risks harm",
    "dependent_alcohol": "may depend on alcohol",
    "dependent_sedatives": "may depend on benzodiazepines, gabapentinoids or GHB",
    "heart_condition": "has had heart trouble",
    "breathing_condition": "has trouble breathing",
    "fits": "has had fits or blackouts",
    "numbness": "has numbness or trouble walking",
    "bladder_symptoms": "has bladder symptoms",
    "pregnant": "is or could be pregnant",
    "takes_antidepressants": "takes medicine for mood",
    "overdose_before": "has overdosed before",
    "recent_break": "has had a break lately",
    "in_treatment": "is in treatment elsewhere",
    "low_mood": "has felt low",
    "anxiety": "has felt anxious",
    "suicidal_thoughts": "has had thoughts of suicide or self-harm",
    "psychosis": "has had psychosis or signs of it",
    "psychosis_in_family": "has psychosis in the family",
    "mixes_substances": "takes more than one at a time",
    "uses_alone": "uses alone",
    "shares_equipment": "has shared equipment",
    "unknown_pills": "takes pills or vapes of unknown content",
    "cannabis_with_tobacco": "mixes cannabis with tobacco",
    "drives": "drives or works with machines",
    "children_at_home": "has children at home",
    "unsafe_with_others": "is frightened, hurt or made to do things",
    "interpreter_needed": "needs an interpreter",
    "no_video": "cannot use video",
    "no_private_place": "has no private place",
    "hearing_need": "needs help to follow speech",
    "reading_need": "finds reading or writing on a screen hard",
}
"""Every fact beside substances, with the words that finish "the person …"."""

HIGHER_RISK_FROM = 8
POSSIBLE_DEPENDENCE_FROM = 20


@dataclass(frozen=True)
class Use:
    """One substance used in the last year; codes of ``answers``. ``frequency`` is None where it was left unsaid."""

    substance: str
    routes: frozenset[str] = frozenset()
    frequency: str | None = None


@dataclass(frozen=True)
class Facts:
    """What is known. A flag that is absent was denied, not asked or not answered: which, nobody can tell."""

    age: int
    uses: tuple[Use, ...] = ()
    flags: frozenset[str] = frozenset()
    audit_score: int | None = None
    dependent_on: frozenset[str] = field(default_factory=frozenset)

    @property
    def substances(self) -> frozenset[str]:
        """Substance codes, alcohol included where the person drinks at all."""
        said = frozenset(use.substance for use in self.uses)
        drinks = "drinks_alcohol" in self.flags or bool(self.audit_score)
        return said | {"alcohol"} if drinks else said

    def has(self, flag: str) -> bool:
        """Whether a flag holds, those included that follow from age, substances and AUDIT."""
        score = self.audit_score or 0
        follows = {
            "under_18": self.age < 18,
            "drinks_alcohol": "alcohol" in self.substances,
            "higher_risk_drinking": score >= HIGHER_RISK_FROM,
            "dependent_alcohol": score >= POSSIBLE_DEPENDENCE_FROM or "alcohol" in self.dependent_on,
        }
        return flag in self.flags or follows.get(flag, False)


def facts_of(
    sections: Mapping[str, Answers],
    *,
    age: int,
    uses: Collection[Use] = (),
    drinks: bool | None = None,
    audit_score: int | None = None,
    dependent_on: Collection[str] = (),
) -> Facts:
    """The facts stated in the answers of ``questions.SECTIONS``; sections that are missing or unknown state nothing.

    ``drinks`` is ``audit.drinks``; ``audit_score`` the full AUDIT; ``dependent_on`` the substances whose SDS reached
    its cut-off.
    """
    flags = set(flags_from(sections))
    if drinks:
        flags.add("drinks_alcohol")
    return Facts(age, tuple(uses), frozenset(flags), audit_score, frozenset(dependent_on))


def flags_from(sections: Mapping[str, Answers]) -> frozenset[str]:
    """The flags that the answers raise."""
    return frozenset(
        question.raises[answer]
        for name, questions in SECTIONS.items()
        for question in questions
        if (answer := str(sections.get(name, {}).get(question.code))) in question.raises
    )
