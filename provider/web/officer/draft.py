"""An officer's draft at the door: opened and sealed with our data keys, and read back as the forms it was typed on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from provider.domain.referrals.drafts import Kept, keep_draft
from provider.domain.referrals.models import ReferralDraft
from provider.kernel.calendar import age_on
from provider.web.context import secret_box
from provider.web.controls import leaves
from provider.web.forms import CheckboxesField, DateParts
from provider.web.officer.forms import AgreementForm, ContactForm, EventForm, PersonForm

Pairs = Sequence[Sequence[str]]

FORMS = {"event": EventForm, "person": PersonForm, "contact": ContactForm, "agreement": AgreementForm}
ADULT = 18
LONGEST = 5_000
MOST_TICKS = 50


@dataclass(frozen=True)
class Screen:
    """What one screen sent: names of fields with what was typed in them, and whether each was sound by itself."""

    pairs: Pairs
    sound: bool


@dataclass(frozen=True)
class Draft:
    """What was typed so far, by screen; once sent, nothing but the reference it became."""

    token: str
    screens: Mapping[str, Screen]
    phone_key: str | None
    sent_as: str | None
    updated_at: datetime

    @cached_property
    def forms(self) -> dict[str, Any]:
        """The forms of the screens that are sound, holding what was typed."""
        return {name: _form(name, kept.pairs) for name, kept in self.screens.items() if kept.sound}

    @property
    def unfilled(self) -> str | None:
        """The first screen that is still to be filled in."""
        return next((name for name in FORMS if name not in self.forms), None)

    @property
    def name(self) -> str | None:
        form = self.forms.get("person")
        return f"{form.given_name.data} {form.family_name.data}" if form is not None else None

    @property
    def scheme(self) -> str | None:
        return self.forms["event"].scheme.data if "event" in self.forms else None

    @property
    def is_child(self) -> bool:
        """Whether they were under 18 on the day; False while that is not known."""
        person, event = self.forms.get("person"), self.forms.get("event")
        born: date | None = person.date_of_birth.data if person is not None else None
        on: date | None = event.on.data if event is not None else None
        return born is not None and on is not None and age_on(born, on) < ADULT


def opened(kept: Kept | ReferralDraft) -> Draft:
    sent_as = kept.sent_as if isinstance(kept, Kept) else None
    return Draft(kept.token, unsealed(kept.sealed), kept.phone_key, sent_as, kept.updated_at)


def keep_screen(row: ReferralDraft, name: str, sent: Screen, *, now: datetime) -> Draft:
    """Keep what a screen sent beside what the others sent. Needs a transaction, and the draft locked."""
    keep_draft(row, sealed=sealed(unsealed(row.sealed) | {name: sent}), now=now)
    return opened(row)


def sealed(screens: Mapping[str, Screen]) -> str:
    return secret_box().seal(json.dumps({name: [kept.pairs, kept.sound] for name, kept in screens.items()}))


def unsealed(text: str | None) -> dict[str, Screen]:
    kept = json.loads(secret_box().open(text)) if text is not None else {}
    return {name: Screen(pairs, sound) for name, (pairs, sound) in kept.items()}


def typed_pairs(pairs: Pairs) -> MultiDict[str, str]:
    """What was typed as a browser would send it."""
    return MultiDict([(name, value) for name, value in pairs])


def _form(name: str, pairs: Pairs) -> Any:
    """For reading: it has no token against forgery."""
    return FORMS[name](formdata=typed_pairs(pairs), meta={"csrf": False})


def typed_in(form: Any) -> Pairs:
    """What was typed in a form's own fields; whatever else was sent is left out, and no value grows without end."""
    return [[name, value[:LONGEST]] for field in leaves(form) for name, value in _sent(field)]


def _sent(field: Any) -> list[tuple[str, str]]:
    if field.name == "csrf_token":
        return []
    if isinstance(field, DateParts):
        return [(part.name, part.value) for part in field.parts]
    sent = [str(value) for value in field.raw_data or []]
    several = list(dict.fromkeys(sent))[:MOST_TICKS] if isinstance(field, CheckboxesField) else sent[:1]
    return [(field.name, value) for value in several]
