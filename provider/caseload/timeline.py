"""Everything that happened around one referral, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.case_bookings import AppointmentLine, PlaceLine, SaidLine
from provider.caseload.case_history import CaseHistory, NoteLine, TextLine
from provider.caseload.text_words import Became, became
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.referrals.models import Referral, ReferralChange, ReferralEvent
from provider.domain.referrals.status import SENTENCES, Status
from provider.kernel.database import db

FOR_ALL = "ordinary"
NOTE_TITLES = {"ordinary": "Note", "sensitive": "Sensitive note", "safeguarding": "Safeguarding note"}
SETTLED = frozenset({"sent", "delivered", "failed", "unknown", "dropped"})
RECEIVED = "Received"
ASKED = {"participant": "They asked", "staff": "We asked", "service": "We had to"}
CALLS = {"assessment": "Assessment", "one_to_one": "One-to-one", "treatment": "Treatment"}
WENT = {
    "took_place": "took place",
    "did_not_answer": "did not answer",
    "ours_to_blame": "ours to blame",
    "moved": "they had asked for another time",
}
OUTCOMES = dict(AttemptOutcome.choices())


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``kind``: move, change, call, note, text, reply, diary or place.

    ``by`` is who did it, in words; ``about`` a moment that it speaks of; ``alarm`` that it went wrong; ``hidden`` a
    note whose words the reader may not see; ``became`` what became of a text; ``call`` the appointment of which it says
    how it went, where that stands and can be corrected.
    """

    at: datetime
    kind: str
    title: str
    by: str | None = None
    text: str | None = None
    tag: str | None = None
    about: datetime | None = None
    alarm: bool = False
    hidden: bool = False
    became: Became | None = None
    call: int | None = None


def timeline(
    referral_id: int, case_id: int | None, history: CaseHistory, *, reads_sensitive: bool
) -> tuple[Entry, ...]:
    """What happened, newest first, in three queries; a note's words only where the reader may see them."""
    entries = [
        *_moves(referral_id, case_id),
        *_changes(referral_id),
        *_done(history, reads_sensitive=reads_sensitive),
    ]
    names = names_of(entry.by for entry in entries if entry.by)
    named = [replace(entry, by=names[entry.by]) if entry.by else entry for entry in entries]
    return tuple(sorted(named, key=_order)[::-1])


def _order(entry: Entry) -> tuple[datetime, bool]:
    """What was done stands before the move that it led to: both happened at one moment."""
    return entry.at, entry.kind == "move" and entry.title != RECEIVED


def _moves(referral_id: int, case_id: int | None) -> Iterable[Entry]:
    """The moves of the referral and of those that the same case serves."""
    served = Referral.id == referral_id if case_id is None else Referral.case_id == case_id
    rows = db.session.execute(
        sa.select(ReferralEvent, Referral.id.label("of"), Referral.reference)
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .where(sa.or_(served, Referral.id == referral_id))
        .order_by(ReferralEvent.id)
    )
    for event, of, reference in rows:
        title = RECEIVED if event.from_status is None else SENTENCES[Status(event.to_status)]
        other = None if of == referral_id else reference
        reason = event.reason.replace("_", " ") if event.reason else None
        yield Entry(event.at, "move", title, by=event.by, text=reason, tag=other)


def _changes(referral_id: int) -> Iterable[Entry]:
    rows = db.session.scalars(
        sa.select(ReferralChange).where(ReferralChange.referral_id == referral_id).order_by(ReferralChange.id)
    )
    for row in rows:
        changed = f"{row.before or 'nothing'} → {row.after or 'nothing'}"
        title = f"The force corrected: {row.field.strip('/').replace('/', ' ').replace('_', ' ')}"
        yield Entry(row.at, "change", title, by=row.by, text=changed)


def _done(history: CaseHistory, *, reads_sensitive: bool) -> Iterable[Entry]:
    for call in history.calls:
        title = f"Call: {OUTCOMES.get(call.outcome, call.outcome)}"
        yield Entry(call.at, "call", title, by=f"account:{call.by_id}", about=call.call_back_at)
    yield from (_note(note, reads_sensitive=reads_sensitive) for note in history.notes)
    yield from (_text(text) for text in history.texts if text.state in SETTLED or text.sent_at is not None)
    for reply in history.replies:
        yield Entry(reply.received_at, "reply", "Reply", text=reply.body)
    told = {said.appointment_id for said in history.said}
    yield from (_appointment(line) for line in history.appointments if line.id not in told)
    yield from _said(history.said)
    for place in history.places:
        yield from _place(place)


def _note(note: NoteLine, *, reads_sensitive: bool) -> Entry:
    hidden = note.kind != FOR_ALL and not reads_sensitive
    return Entry(
        note.at,
        "note",
        NOTE_TITLES[note.kind],
        by=f"account:{note.by_id}",
        text=None if hidden else note.text,
        hidden=hidden,
    )


def text_title(kind: str) -> str:
    """What a text is about: ``assessment_reminder_7d`` → ``Assessment reminder, 7 days before``."""
    about, _, when = kind.rpartition("_")
    words = kind.replace("_", " ").capitalize()
    if when == "1h":
        return f"{about.replace('_', ' ').capitalize()}, an hour before"
    if when.endswith("d") and when[:-1].isdecimal():
        days = "1 day" if when == "1d" else f"{when[:-1]} days"
        return f"{about.replace('_', ' ').capitalize()}, {days} before"
    return words


def _text(text: TextLine) -> Entry:
    now = became(
        text.state, text.because, due_at=text.due_at, sent_at=text.sent_at, settled_at=text.settled_at
    )
    return Entry(
        text.sent_at or text.settled_at or text.due_at,
        "text",
        f"Text: {text_title(text.kind)}",
        text=text.body,
        tag=now.tag,
        alarm=now.alarm,
        became=now,
    )


def _appointment(line: AppointmentLine) -> Entry:
    how = {"ours_to_blame": "called off by us", "cancelled": "called off", "did_not_answer": "did not answer"}
    state = how.get(line.state, line.state.replace("_", " "))
    by = line.booked_by if line.state == "booked" else None
    why = _why_moved(line) if line.moved_because else None
    return Entry(
        line.state_at, "diary", f"{CALLS[line.kind]} call {state}", by=by, text=why, about=line.starts_at
    )


def _said(lines: Sequence[SaidLine]) -> Iterable[Entry]:
    """How calls went, as it was said; a correction with its reason."""
    before: set[int] = set()
    for line in lines:
        corrected = " corrected" if line.reason or line.appointment_id in before else ""
        before.add(line.appointment_id)
        yield Entry(
            line.at,
            "diary",
            f"{CALLS[line.kind]} call{corrected}: {WENT[line.outcome]}",
            by=f"account:{line.by_id}",
            text=line.reason,
            about=line.starts_at,
            call=line.appointment_id if line.last else None,
        )


def _why_moved(line: AppointmentLine) -> str:
    """``They asked: clash. At the dentist’s then``"""
    said = f"{ASKED[line.moved_asked_by or '']}: {(line.moved_because or '').replace('_', ' ')}."
    return f"{said} {line.moved_words}" if line.moved_words else said


def _attended(line: PlaceLine, code: Attendance) -> Entry:
    """Attendance and compliance are two facts."""
    facts = f"{'Attended' if code.attended else 'Did not attend'}; {'complied' if code.compliant else 'did not comply'}"
    return Entry(line.starts_at, "place", f"Session: {line.course}", text=f"{code.label}. {facts}.")


def _place(line: PlaceLine) -> Iterable[Entry]:
    yield Entry(line.created_at, "place", f"Place: {line.course}", by=line.created_by, about=line.starts_at)
    if line.attendance is not None:
        yield _attended(line, Attendance(line.attendance))
    if line.released_at is not None:
        why = (line.released_because or "").replace("_", " ")
        yield Entry(
            line.released_at, "place", f"Place given back: {line.course}", text=why, about=line.starts_at
        )
