"""The demo's forces and schemes. Nothing here but settings: the code knows no scheme by name."""

from __future__ import annotations

from provider.domain.schemes.terms import Terms

FORCES = {"midshire": "Midshire Police", "thamesford": "Thamesford Police"}

_LOG = (
    "The person did not take part in the activity offered under reference {reference}. "
    "The provider tried to reach them {times} ({dates}). "
    "This is not evidence of drug use, of an offence or of risk."
)

MIDSHIRE_AREAS = ("Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton")

SCHEMES: dict[str, dict[str, tuple[str, Terms]]] = {
    "midshire": {
        "divert-adult": (
            "Midshire Divert (adults)",
            Terms(
                age_from=18,
                areas=MIDSHIRE_AREAS,
                repeat_rule="while_engaging",
                level_that_counts="intervention",
                service_name="Waymark Midshire",
                phone="0121 496 0100",
                intelligence_sentence=_LOG,
                bar_months=12,
            ),
        ),
        "divert-young-people": (
            "Midshire Divert (young people)",
            Terms(
                age_from=10,
                age_to=17,
                areas=MIDSHIRE_AREAS,
                repeat_rule="while_engaging",
                level_that_counts="intervention",
                service_name="Waymark Young People",
                phone="0121 496 0101",
                intelligence_sentence=_LOG,
                bar_months=6,
                course_minutes=90,
                assessment_minutes=45,
                misses_allowed=2,
            ),
        ),
    },
    "thamesford": {
        "diversion-deferred": (
            "Thamesford deferred diversion",
            Terms(
                age_from=18,
                repeat_rule="unlimited",
                level_that_counts="intervention",
                may_prosecute=True,
                service_name="Waymark Thamesford",
                phone="0118 496 0100",
                intelligence_sentence=_LOG,
                bar_months=None,
            ),
        ),
        "custody-referral": (
            "Thamesford custody referral",
            Terms(
                age_from=18,
                basis="required_by_law",
                disposals=("none", "22", "8"),
                repeat_rule="unlimited",
                level_that_counts="assessment",
                service_name="Waymark Thamesford",
                phone="0118 496 0100",
                intelligence_sentence=_LOG,
                bar_months=None,
            ),
        ),
    },
}

COURSES = (
    ("awareness", "Looking forward", 150, 120, False),
    ("cannabis", "Looking forward: everyday use", 150, 120, False),
    ("stimulants", "Looking forward: weekends", 150, 120, False),
    ("young-people", "Straight talking", 90, 70, True),
)
"""Code, neutral name, minutes, minimum minutes, whether for young people. A name may stand in a text: no drug words."""
