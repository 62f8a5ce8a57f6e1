"""What is asked for when the calls of somebody who is away are spread."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from provider.caseload.spread_page import CallToSpread, SpreadPage
from provider.domain.diary.spreading import Choice
from provider.pathway.standing_in import Instead
from provider.web.addresses import a_stamp, stamp
from provider.web.forms import Needed, PageForm, SelectField, options
from provider.web.words import london_short

STANDS, RING = "stands", "ring"
LONGEST_SPAN = timedelta(days=1)


def read_span(begins: str | None, ends: str | None) -> tuple[datetime, datetime] | None:
    """A stretch of time in an address; None where none is there, or none that could be one."""
    from_at, until_at = a_stamp(begins), a_stamp(ends)
    if from_at is None or until_at is None:
        return None
    return (from_at, until_at) if from_at < until_at <= from_at + LONGEST_SPAN else None


class WhatBecomesField(SelectField):
    """A time and a worker. One that was open when the page was drawn may be taken by now: the diary says so, of that
    call alone, and the others are done.
    """

    def __init__(self, *args: Any, workers: Collection[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._workers = workers

    def pre_validate(self, form: Any) -> None:
        if not _is_time_of(self.data or "", self._workers):
            super().pre_validate(form)


class SpreadCallsForm(PageForm):
    """One choice for each call, named after its appointment; and who rings meanwhile."""

    stand_in = SelectField("Who rings those that are due meanwhile")

    def __init__(self, page: SpreadPage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stand_in.choices = options({str(one.id): one.name for one in page.others}, blank="Nobody")
        if not self.is_submitted():
            self.stand_in.data = str(page.stand_in_id or "")
        self._calls = {call.appointment_id: call for call in page.calls}

    @property
    def calls(self) -> list[tuple[CallToSpread, Any]]:
        """Each call with its field."""
        return [(call, self[_name(appointment_id)]) for appointment_id, call in self._calls.items()]

    @property
    def chosen(self) -> list[tuple[CallToSpread, Instead]]:
        """What is to become of the calls that do not stand. Only after it has been validated."""
        return [
            (call, _read(call.appointment_id, field.data))
            for call, field in self.calls
            if field.data != STANDS
        ]


def spread_form(page: SpreadPage) -> SpreadCallsForm:
    """The form of a page, with a field for each of its calls."""
    workers = {one.id for one in (*page.others, page.worker)}
    fields = {_name(call.appointment_id): _field(call, workers) for call in page.calls}
    return type("SpreadCallsForm", (SpreadCallsForm,), fields)(page)  # type: ignore[no-any-return]


def _field(call: CallToSpread, workers: Collection[int]) -> Any:
    said = {
        f"{stamp(choice.starts_at)}.{choice.worker_id}": _words(call, choice, name)
        for choice, name in call.choices
    }
    said |= {RING: "Call it off, and ring to agree a time", STANDS: "Leave it as it is"}

    return WhatBecomesField(
        f"{call.who.name}, {london_short(call.starts_at)}",
        [Needed("Choose what becomes of this call")],
        choices=options(said),
        default=next(iter(said)),
        workers=workers,
    )


def _words(call: CallToSpread, choice: Choice, name: str) -> str:
    when = "Same time" if choice.starts_at == call.starts_at else london_short(choice.starts_at)
    return f"{when}, {name}"


def _name(appointment_id: int) -> str:
    return f"call_{appointment_id}"


def _is_time_of(said: str, workers: Collection[int]) -> bool:
    starts_at, _, worker_id = said.partition(".")
    if a_stamp(starts_at) is None:
        return False
    return worker_id.isascii() and worker_id.isdigit() and int(worker_id) in workers


def _read(appointment_id: int, said: str) -> Instead:
    if said == RING:
        return Instead(appointment_id)
    starts_at, _, worker_id = said.partition(".")
    return Instead(appointment_id, a_stamp(starts_at), int(worker_id))
