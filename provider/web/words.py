"""Values as people read them: London days and times, lengths, numbers to ring. The filters of every template."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from provider.kernel.calendar import comes_twice, london

EVENTS = {
    "assessment.booked": "First call booked",
    "assessment.attended": "Assessment attended",
    "referral.declined": "Declined at the door",
    "outcome.corrected": "Correction",
}
"""Types of compliance event whose last word alone would not say what they are."""


def london_date(day: date | datetime) -> str:
    """``24 November 2026``"""
    day = london(day) if isinstance(day, datetime) else day
    return f"{day.day} {day:%B %Y}"


def london_day(day: date | datetime) -> str:
    """``Tuesday 24 November 2026``"""
    day = london(day) if isinstance(day, datetime) else day
    return f"{day:%A} {london_date(day)}"


def london_day_short(day: date) -> str:
    """``30 Nov``: for the labels of a picture."""
    return f"{day.day} {day:%b}"


def london_time(moment: datetime | time) -> str:
    """``2:30pm``, ``9am``, ``midday``, ``midnight``: nobody is sure which of them 12am is.

    In the hour that comes twice in October, of a moment also which: ``1:30am (after the clocks go back)``.
    """
    if isinstance(moment, datetime):
        return f"{london_time(london(moment).time())}{_which_of_two(moment)}"
    if moment.minute == 0 and moment.hour in (0, 12):
        return "midday" if moment.hour else "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'pm' if moment.hour >= 12 else 'am'}"


def _which_of_two(moment: datetime) -> str:
    if not comes_twice(moment):
        return ""
    return f" ({'after' if london(moment).fold else 'before'} the clocks go back)"


def london_datetime(moment: datetime) -> str:
    """``Tuesday 24 November 2026 at 2:30pm``"""
    return f"{london_day(moment)} at {london_time(moment)}"


def london_short(moment: datetime) -> str:
    """``Tue 24 Nov, 2:30pm``: for a list, where the year goes without saying."""
    here = london(moment)
    return f"{here:%a} {here.day} {here:%b}, {london_time(moment)}"


def duration(length: int | timedelta) -> str:
    """Minutes, or a length of time: ``45 minutes``, ``1 hour``, ``2 hours 30 minutes``."""
    minutes = int(length.total_seconds() // 60) if isinstance(length, timedelta) else length
    hours, minutes = divmod(minutes, 60)
    said = [count(hours, "hour")] * bool(hours) + [count(minutes, "minute")] * bool(minutes or not hours)
    return " ".join(said)


def ago(moment: datetime, now: datetime) -> str:
    """How far from ``now``: ``3 days ago``, ``in 2 hours``, ``just now``."""
    seconds = (now - moment).total_seconds()
    away = abs(seconds)
    if away < 60:
        return "just now"
    size, unit = next((s, u) for s, u in ((86_400, "day"), (3_600, "hour"), (60, "minute")) if away >= s)
    said = count(int(away // size), unit)
    return f"{said} ago" if seconds > 0 else f"in {said}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 referral``, ``3 referrals``, ``1,200 people``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(part: int, whole: int) -> str:
    """``65%``; of nothing, ``–``."""
    return f"{round(100 * part / whole)}%" if whole else "–"


def words(code: object) -> str:
    """A code of ours as people read it: its label, or ``stop_and_search`` → ``Stop and search``."""
    said = str(getattr(code, "label", None) or getattr(code, "value", code)).replace("_", " ")
    return said[:1].upper() + said[1:]


def event_words(event_type: str) -> str:
    """What a force is told, in words: ``referral.not_engaged`` → ``Not engaged``."""
    return EVENTS.get(event_type) or words(event_type.rpartition(".")[2])


def sayable(reference: str) -> str:
    """A reference in two halves, as it is read out: ``K7QM-2X4D``."""
    plain = reference.replace("-", "")
    return f"{plain[:4]}-{plain[4:]}" if len(plain) == 8 else reference


def phone(number: str) -> str:
    """A UK number in the groups people say it in: ``+447700900123`` → ``07700 900123``; any other as it came."""
    digits = re.sub(r"^\+44", "0", re.sub(r"[^0-9+]", "", number))
    if not re.fullmatch("0[0-9]{10}", digits):
        return number
    if digits.startswith("02"):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    if re.match("0(11|1[0-9]1|[389])", digits):
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    return f"{digits[:5]} {digits[5:]}"


def yes_no(answer: bool | None) -> str:
    """``Yes``, ``No``, or ``Not recorded`` for what was never asked."""
    return "Not recorded" if answer is None else "Yes" if answer else "No"


def slug(text: str) -> str:
    """Letters, digits and hyphens: for the id of an element."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


FILTERS = (
    london_date,
    london_day,
    london_day_short,
    london_time,
    london_datetime,
    london_short,
    duration,
    ago,
    count,
    percent,
    words,
    event_words,
    sayable,
    phone,
    yes_no,
    slug,
)
