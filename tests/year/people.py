"""Who is referred in the course of a year, and how each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from provider.commands.demo.bodies import Event
from provider.commands.demo.people import FICTIONAL, Cast, Invented
from provider.domain.referrals.endings import NotReached
from provider.kernel.calendar import age_on, at_london

SCHEMES = (
    ("midshire", "divert-adult", 50),
    ("midshire", "divert-young-people", 13),
    ("thamesford", "diversion-deferred", 25),
    ("thamesford", "custody-referral", 12),
)
FOUND_AT = (0, 1, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23)
TO_BOTH, AGAIN = 0.03, 0.05


@dataclass(frozen=True)
class Part:
    """How somebody is: how likely they pick up, keep a call, come to a course.

    ``unreachable`` is what is learnt of them some day, ``withdrawn`` the share of steps at which the force takes them
    back. ``at_short_notice``: they could come within two hours.
    """

    answers: float = 0.45
    keeps_calls: float = 0.86
    comes: float = 0.78
    number_dead: bool = False
    declines: bool = False
    says_stop: bool = False
    comes_back: bool = False
    withdrawn: float = 0.0
    unreachable: NotReached | None = None
    at_short_notice: bool = False


# How many in a hundred are so. Of adults who said yes two in three come to their assessment; children, more (the
# figures to design for: domain.md, section 2).
ADULTS = (
    (Part(), 52),
    (Part(at_short_notice=True), 8),
    (Part(answers=0.0), 14),
    (Part(answers=0.0, comes_back=True), 2),
    (Part(number_dead=True), 6),
    (Part(answers=0.7, declines=True), 5),
    (Part(keeps_calls=0.1), 4),
    (Part(comes=0.1), 4),
    (Part(says_stop=True), 2),
    (Part(withdrawn=0.5), 1),
    (Part(answers=0.1, unreachable=NotReached.CUSTODY), 1),
    (Part(answers=0.1, unreachable=NotReached.HOSPITAL), 1),
)
CHILDREN = (
    (Part(answers=0.6, keeps_calls=0.95, comes=0.93), 88),
    (Part(answers=0.0), 5),
    (Part(number_dead=True), 4),
    (Part(answers=0.7, declines=True), 3),
)


@dataclass(frozen=True)
class Sent:
    """One referral as it will be sent: what happened, when the force sends it, and how the person is."""

    event: Event
    at: datetime
    part: Part


class Crowd(Cast):
    """As many people as a year brings. There are only a thousand numbers that reach nobody: they come round again."""

    def __init__(self, random: Random, *, today: date) -> None:
        super().__init__(random, today=today)
        self._order = random.sample(FICTIONAL, len(FICTIONAL))
        self._given = 0

    def person_on(self, day: date, force: str, *, young: bool) -> Invented:
        """Somebody of the age that is meant on the day on which they are found."""
        self._today = day
        return self.person(force, young=young)

    def mobile(self) -> str:
        number = self._order[self._given % len(self._order)]
        self._given += 1
        return f"0{number // 1_000_000} {number % 1_000_000:06}"


def referrals(random: Random, *, count: int, begins: date, days: int) -> Iterator[Sent]:
    """``count`` referrals over so many days, in no order: some people by both forces, some again after months."""
    crowd, made = Crowd(random, today=begins), 0
    while made < count:
        force, scheme, _ = random.choices(SCHEMES, [often for _, _, often in SCHEMES])[0]
        young = scheme == "divert-young-people"
        day = begins + timedelta(days=random.randrange(days))
        person = crowd.person_on(day, force, young=young)
        part = _part(random, young=young)
        first = _sent(random, force, scheme, person, part, made, day)
        made += 1
        yield first
        for later in _more(random, first, made, last=begins + timedelta(days=days)):
            if made < count:
                made += 1
                yield later


def _part(random: Random, *, young: bool) -> Part:
    parts = CHILDREN if young else ADULTS
    return random.choices([part for part, _ in parts], [often for _, often in parts])[0]


def _more(random: Random, first: Sent, number: int, *, last: date) -> Iterator[Sent]:
    """The other force finds them some days later, or the same one again after months."""
    event, drawn = first.event, random.random()
    if drawn < TO_BOTH and event.scheme == "divert-adult":
        day = first.at.date() + timedelta(days=random.randint(1, 12))
        if day < last:
            yield _sent(random, "thamesford", "diversion-deferred", event.person, first.part, number, day)
    elif drawn < TO_BOTH + AGAIN:
        day = first.at.date() + timedelta(days=random.randint(40, 200))
        young = event.scheme == "divert-young-people"
        if day < last and young == (age_on(event.person.date_of_birth, day) < 18):
            part = replace(first.part, answers=max(first.part.answers, 0.3))
            yield _sent(random, event.force, event.scheme, event.person, part, number, day)


def _sent(
    random: Random, force: str, scheme: str, person: Invented, part: Part, number: int, day: date
) -> Sent:
    at = at_london(day, time(random.choice(FOUND_AT), random.randint(0, 59)))
    event = Event(
        force=force,
        scheme=scheme,
        person=person,
        at=at,
        number=number + 1,
        collar_number=str(random.randint(1000, 9999)),
        officer="PC Example",
        checked=random.random() < 0.35,
    )
    return Sent(event, at + timedelta(minutes=random.randint(6, 300)), part)
