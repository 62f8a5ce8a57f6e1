"""What is asked about health, mental health, safety and taking part, in the order of the call."""

from __future__ import annotations

from provider.domain.assessments.answers import Option, Question

_YES_UNSURE_NO = (Option("yes", "Yes"), Option("unsure", "Not sure"), Option("no", "No"))


def _raised_by_yes(code: str, text: str) -> Question:
    return Question(code, text, raises={"yes": code})


HEALTH = (
    _raised_by_yes(
        "heart_condition", "Have you ever had a heart problem, high blood pressure or chest pain?"
    ),
    _raised_by_yes("breathing_condition", "Do you have asthma or any other trouble with your breathing?"),
    _raised_by_yes("fits", "Have you ever had a fit or a blackout?"),
    _raised_by_yes("numbness", "Have you had numbness, pins and needles, or trouble walking?"),
    _raised_by_yes("bladder_symptoms", "Do you pass water often, or with pain or blood?"),
    Question(
        "pregnant",
        "Are you pregnant, or could you be?",
        options=_YES_UNSURE_NO,
        raises={"yes": "pregnant", "unsure": "pregnant"},
    ),
    _raised_by_yes(
        "takes_antidepressants", "Do you take an antidepressant or any other medicine for your mood?"
    ),
    _raised_by_yes("overdose_before", "Have you ever overdosed, or passed out and been hard to wake?"),
    _raised_by_yes(
        "recent_break",
        "Have you lately had a break from anything you use: in hospital or custody, in detox, or by choice?",
    ),
    _raised_by_yes(
        "dependent_alcohol",
        "If you go a day without alcohol, do you shake, sweat, feel sick or need a drink?",
    ),
    _raised_by_yes(
        "dependent_sedatives",
        "If you go without benzodiazepines, gabapentinoids or GHB, do you shake, sweat, or feel very anxious?",
    ),
    _raised_by_yes("in_treatment", "Is another service already treating you for drugs or alcohol?"),
)

MENTAL_HEALTH = (
    _raised_by_yes("low_mood", "Over the last two weeks, have you often felt down or hopeless?"),
    _raised_by_yes("anxiety", "Over the last two weeks, have you often felt anxious or panicky?"),
    _raised_by_yes(
        "suicidal_thoughts", "Have you lately thought of ending your life, or of hurting yourself?"
    ),
    _raised_by_yes(
        "psychosis",
        "Have you ever seen or heard things that others did not, felt watched or followed,"
        " or been told you have psychosis, schizophrenia or bipolar disorder?",
    ),
    _raised_by_yes("psychosis_in_family", "Has a parent, brother or sister ever had any of those?"),
)

SAFETY = (
    _raised_by_yes(
        "mixes_substances", "Do you ever take more than one thing at a time, or within a few hours?"
    ),
    _raised_by_yes("uses_alone", "Do you ever use when you are on your own?"),
    _raised_by_yes(
        "shares_equipment", "Have you ever shared needles, spoons, water, straws, notes or pipes?"
    ),
    _raised_by_yes(
        "unknown_pills", "Do you take pills or vapes that did not come from a pharmacy or a shop?"
    ),
    _raised_by_yes("cannabis_with_tobacco", "Do you mix cannabis with tobacco?"),
    _raised_by_yes("drives", "Do you drive, ride, or work with machines?"),
    _raised_by_yes("children_at_home", "Do any children live with you or stay with you?"),
    _raised_by_yes(
        "unsafe_with_others", "Does anybody frighten or hurt you, or make you carry, keep or sell things?"
    ),
)

TAKING_PART = (
    _raised_by_yes("interpreter_needed", "Would you need an interpreter to take part?"),
    Question(
        "video",
        "Do you have a phone or computer with a camera, and enough data or wifi, for two to three hours?",
        raises={"no": "no_video"},
    ),
    Question(
        "private_place", "Is there somewhere private you could join from?", raises={"no": "no_private_place"}
    ),
    _raised_by_yes(
        "hearing_need", "Do you need anything to follow what people say, such as captions or signing?"
    ),
    _raised_by_yes("reading_need", "Would reading or writing on a screen be hard for you?"),
)

SECTIONS = {"health": HEALTH, "mental_health": MENTAL_HEALTH, "safety": SAFETY, "taking_part": TAKING_PART}
"""Sections by the name they have in the stored answers."""
