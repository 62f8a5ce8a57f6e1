"""The form of a screen as it is put to the officer: with its lists, and with what was typed before or is likely."""

from __future__ import annotations

from typing import Any

from flask import request

from provider.caseload.officer_pages import Incident
from provider.domain.referrals.codes import DisposalOutcome, OffenceCode
from provider.domain.schemes.queries import SchemeNow
from provider.kernel.calendar import london
from provider.web.context import now
from provider.web.forms import options
from provider.web.officer.draft import FORMS, Screen, typed_pairs

Schemes = dict[str, SchemeNow]


def ask(screen: str, *, kept: Screen | None, schemes: Schemes, scheme: str | None) -> Any:
    """The form of a screen. What was just sent comes before what was kept, that before what is likely."""
    if kept is not None and request.method == "GET":
        form = FORMS[screen](formdata=typed_pairs(kept.pairs))
    else:
        form = FORMS[screen](data=_likely(screen, schemes))
    return _with_lists(screen, form, schemes=schemes, scheme=scheme)


def ask_again(incident: Incident, *, schemes: Schemes) -> Any:
    """The first screen for a second person from the same incident."""
    likely = _likely("event", schemes) | {
        "scheme": incident.scheme,
        "setting": incident.setting,
        "on": london(incident.occurred_at).date(),
        "at": london(incident.occurred_at).time(),
        "force_reference": incident.force_reference,
        "offence": incident.offence,
    }
    listed = incident.area in areas_of(schemes)
    likely["area" if listed else "area_other"] = incident.area
    return _with_lists("event", FORMS["event"](data=likely), schemes=schemes, scheme=None)


def areas_of(schemes: Schemes) -> list[str]:
    """Every area that a scheme of this force covers; none where all are open to everywhere."""
    return sorted({area for scheme in schemes.values() for area in scheme.terms.areas or ()})


def _likely(screen: str, schemes: Schemes) -> dict[str, Any]:
    if screen != "event":
        return {}
    here = london(now()).replace(second=0, microsecond=0)
    only = next(iter(schemes)) if len(schemes) == 1 else None
    return {"on": here.date(), "at": here.time(), "offence": OffenceCode.POSSESSION.value, "scheme": only}


def _with_lists(screen: str, form: Any, *, schemes: Schemes, scheme: str | None) -> Any:
    if screen == "event":
        form.scheme.choices = options({code: one.name for code, one in schemes.items()})
        form.area.choices = options({area: area for area in areas_of(schemes)}, blank="Not in this list")
    if screen == "agreement":
        known = schemes.get(scheme) if scheme is not None else None
        listed = dict(DisposalOutcome.choices())
        form.outcome.choices = options(
            {code: listed[code] for code in (known.terms.disposals if known is not None else listed)}
        )
    return form
