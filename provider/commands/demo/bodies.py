"""What the demo's forces send: bodies of referrals, as their systems and officers would write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from provider.commands.demo.people import Invented

STATIONS = {"midshire": "20", "thamesford": "43"}
_DRUGS = {
    "cannabis": ("B", "g", 62),
    "cocaine": ("A", "wraps", 18),
    "ketamine": ("B", "g", 7),
    "mdma": ("A", "tablets", 5),
    "nitrous_oxide": ("C", "canisters", 4),
    "heroin": ("A", "wraps", 4),
}
_TIMES = ("evenings", "mornings", "after 4pm", "lunchtime", None, None, None)


@dataclass(frozen=True)
class Event:
    """What happened: by which force, when, to whom. ``checked``: the officer rang the number there and then."""

    force: str
    scheme: str
    person: Invented
    at: datetime
    number: int
    collar_number: str
    officer: str
    checked: bool = False
    area: str | None = None


def body(event: Event, random: Random) -> dict[str, Any]:
    """A body for POST /referrals."""
    custody = event.scheme == "custody-referral"
    later = event.number % 17 == 0
    return {
        "force_reference": None if later else f"{STATIONS[event.force]}/{400000 + event.number}/26",
        "scheme": event.scheme,
        "occurred_at": event.at.isoformat(),
        "setting": "custody"
        if custody
        else random.choice(("stop_and_search", "stop_and_search", "vehicle_stop")),
        "area": event.area or event.person.town,
        "disposal": _disposal(custody, random),
        "officer": {
            "collar_number": event.collar_number,
            "name": event.officer,
            "email": f"{event.collar_number}@{event.force}.example",
        },
        "person": _person(event, random),
        "offence": _offence(custody, random),
        "agreement": {
            "given": True,
            "at": (event.at + timedelta(minutes=5)).isoformat(),
            "notice_version": "2026-1",
        },
        "risk": {"markers": ["lone_working"] if random.random() < 0.08 else [], "note": None},
    }


def _disposal(custody: bool, random: Random) -> dict[str, Any]:
    if custody:
        return {"outcome": "none"}
    outcome = random.choice("8882")
    if outcome == "8":
        return {"outcome": "8", "responsibility_accepted": True if random.random() < 0.9 else None}
    return {"outcome": "22"}


def _person(event: Event, random: Random) -> dict[str, Any]:
    person = event.person
    adult = {"name": f"Pat {person.family_name}", "relationship": "parent", "mobile": None}
    under_age = person.date_of_birth > (event.at - timedelta(days=18 * 365.25)).date()
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "date_of_birth": person.date_of_birth.isoformat(),
        "gender": person.gender,
        "self_defined_ethnicity": person.self_defined_ethnicity,
        "officer_observed_ethnicity": person.officer_observed_ethnicity,
        "mobile": person.mobile,
        "address": {"line_1": person.street, "town": person.town, "postcode": person.postcode},
        "language": person.language,
        "interpreter_needed": person.language != "en" and random.random() < 0.6,
        "accessibility_needs": "Reads slowly: say it rather than send it."
        if random.random() < 0.05
        else None,
        "contact": {
            "voicemail_ok": random.random() < 0.6,
            "text_ok": True,
            "number_checked": event.checked,
            "best_times": random.choice(_TIMES),
        },
        "responsible_adult": adult if under_age and random.random() < 0.7 else None,
    }


def _offence(custody: bool, random: Random) -> dict[str, Any]:
    if custody:
        return {"code": "drug_test_positive", "drugs": []}
    names = random.choices(
        list(_DRUGS), [drug[2] for drug in _DRUGS.values()], k=2 if random.random() < 0.12 else 1
    )
    drugs = [
        {"substance": name, "class": _DRUGS[name][0], "quantity": f"{random.randint(1, 5)} {_DRUGS[name][1]}"}
        for name in dict.fromkeys(names)
    ]
    return {"code": "possession_controlled_drug", "drugs": drugs}
