"""An officer's draft at the door: opened and sealed with our data keys, and read back as the forms it was typed on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from provider.domain.referrals.drafts import Kept, keep_draft, lock_draft
from provider.kernel.calendar import age_on
from provider.kernel.errors import Refusal
from provider.web.context import now, secret_box, signed_in
from provider.web.controls import leaves
from provider.web.forms import CheckboxesField, DateParts
from provider.web.officer.forms import AgreementForm, ContactForm, EventForm, PersonForm

Typed = Sequence[Sequence[str]]
"""What one screen sent: pairs of a field's name and what was typed in it."""

FORMS = {"event": EventForm, "person": PersonForm, "contact": ContactForm, "agreement": AgreementForm}
ADULT = 18
LONGEST = 5_000


@dataclass(frozen=True)
class Draft:
    """What was typed so far, by screen; once sent, nothing but the reference it became."""

    token: str
    typed: Mapping[str, Typed]
    sent_as: str | None
    updated_at: datetime

    @cached_property
    def forms(self) -> dict[str, Any]:
        """The forms of the screens that were filled in, holding what was typed."""
        return {screen: typed_form(screen, pairs) for screen, pairs in self.typed.items()}

    @property
    def unfilled(self) -> str | None:
        """The first screen that is still to be filled in."""
        return next((screen for screen in FORMS if screen not in self.typed), None)

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


def opened(kept: Kept) -> Draft:
    typed = _unsealed(kept.sealed) if kept.sealed is not None else {}
    return Draft(kept.token, typed, kept.sent_as, kept.updated_at)


def _unsealed(sealed_: str) -> dict[str, Typed]:
    typed: dict[str, Typed] = json.loads(secret_box().open(sealed_))
    return typed


def sealed(typed: Mapping[str, Typed]) -> str:
    return secret_box().seal(json.dumps(dict(typed)))


def typed_form(screen: str, pairs: Typed) -> Any:
    """The form of a screen holding what was typed; it is for reading, and has no token."""
    return FORMS[screen](formdata=MultiDict([(name, value) for name, value in pairs]), meta={"csrf": False})


def typed_in(form: Any) -> Typed:
    """What was typed in a form that has been found sound: its own fields and nothing else that was sent."""
    return [[name, value[:LONGEST]] for field in leaves(form) for name, value in _sent(field)]


def _sent(field: Any) -> list[tuple[str, str]]:
    if field.name == "csrf_token":
        return []
    if isinstance(field, DateParts):
        return [(part.name, part.value) for part in field.parts]
    sent = [str(value) for value in field.raw_data or []]
    one_or_all = dict.fromkeys(sent) if isinstance(field, CheckboxesField) else sent[:1]
    return [(field.name, value) for value in one_or_all]


class DraftGone(Refusal):
    code = "draft_gone"
    sentence = "This referral was sent or thrown away meanwhile. See My referrals before you start again."


def keep_screen(token: str, screen: str, pairs: Typed) -> Draft:
    """Keep what a screen sent beside what the others sent. Needs a transaction; raises DraftGone."""
    row = lock_draft(token, account_id=signed_in().account_id, now=now())
    if row is None or row.sealed is None:
        raise DraftGone
    typed = _unsealed(row.sealed) | {screen: pairs}
    keep_draft(row, sealed=sealed(typed), now=now())
    return Draft(token, typed, None, now())
