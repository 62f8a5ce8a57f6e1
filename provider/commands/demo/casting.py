"""Some three hundred referrals for the demo: when, by whom, of whom, and how each of these people is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

from provider.commands.demo.bodies import Event
from provider.commands.demo.journeys import Journey, Part
from provider.commands.demo.people import Cast, Invented
from provider.commands.demo.stage import CAST, WEEKS_BACK, Stage
from provider.domain.accounts.roles import Role
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.status import Status
from provider.kernel.calendar import at_london, london_date

REFERRALS, OF_LATE = 245, 26
_SCHEMES = (
    ("midshire", "divert-adult", 50),
    ("midshire", "divert-young-people", 13),
    ("thamesford", "diversion-deferred", 25),
    ("thamesford", "custody-referral", 12),
)
_PARTS = (
    (Part(), 68),
    (Part(answers=0.0), 10),
    (Part(number_dead=True), 5),
    (Part(answers=0.7, declines=True), 5),
    (Part(keeps_calls=0.05), 5),
    (Part(comes=0.1), 4),
    (Part(answers=0.0, comes_back=True), 2),
    (Part(withdrawn=Status.ASSESSMENT_BOOKED), 2),
    (Part(withdrawn=Status.ACCEPTED), 2),
    (Part(withdrawn=Status.PLACED), 1),
    (Part(answers=0.1, unreachable=NotReached.HOSPITAL), 1),
    (Part(answers=0.1, unreachable=NotReached.CUSTODY), 1),
)


class Casting:
    """Hands out people, events and parts, the same ones each time."""

    def __init__(self, stage: Stage, random: Random, *, now: datetime) -> None:
        self._stage, self._random, self._now = stage, random, now
        self._people = Cast(random, today=london_date(now))
        self._number = 0

    def journeys(self) -> Iterator[Journey]:
        """Everybody who is referred, in no order."""
        usual = [self._usual(self._some_time()) for _ in range(REFERRALS)]
        usual += [self._usual(self._random.uniform(0.2, 4)) for _ in range(OF_LATE)]
        yield from usual
        yield from self._known_to_both_forces(usual)
        yield from self._perhaps_known(usual)
        yield from self._from_elsewhere()
        yield from self._again(usual)

    def _some_time(self) -> float:
        """Days ago, somewhat more of late than at the beginning."""
        return (1 - float(self._random.random() ** 0.8)) * (WEEKS_BACK * 7 - 2)

    def _usual(self, days_ago: float) -> Journey:
        force, scheme, _ = self._random.choices(_SCHEMES, [often for _, _, often in _SCHEMES])[0]
        person = self._people.person(force, young=scheme == "divert-young-people")
        part = self._random.choices([part for part, _ in _PARTS], [often for _, often in _PARTS])[0]
        return self._journey(force, scheme, person, days_ago=days_ago, part=part)

    def _journey(
        self,
        force: str,
        scheme: str,
        person: Invented,
        *,
        days_ago: float,
        part: Part,
        area: str | None = None,
    ) -> Journey:
        self._number += 1
        at = self._found_at(days_ago)
        officer = self._random.choice(
            [one for one in CAST if one.role is Role.OFFICER and one.force == force]
        )
        checked = part.answers == 0.0 or self._random.random() < 0.35
        event = Event(
            force=force,
            scheme=scheme,
            person=person,
            at=at,
            number=self._number,
            collar_number=officer.collar_number or "",
            officer=officer.name,
            checked=checked,
            area=area,
        )
        by_phone = self._random.random() < 0.25
        return Journey(
            stage=self._stage,
            random=self._random,
            event=event,
            received_at=at + timedelta(minutes=self._random.randint(6, 300)),
            part=part,
            worker=self._stage.actor(f"worker_{self._random.randint(1, 4)}"),
            officer_account_id=self._stage.accounts[officer.key] if by_phone else None,
        )

    def _found_at(self, days_ago: float) -> datetime:
        """Most people are found in the afternoon and at night."""
        day = london_date(self._now - timedelta(days=days_ago))
        hour = self._random.choice((0, 1, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23))
        at = at_london(day, time(hour, self._random.randint(0, 59)))
        return min(at, self._now - timedelta(hours=6))

    def _known_to_both_forces(self, usual: list[Journey]) -> Iterator[Journey]:
        """Found by the other force some days after: one call and one course serve both."""
        adults = [one for one in usual if one.event.scheme == "divert-adult" and one.part == Part()][:6]
        for first in adults:
            days_ago = (self._now - first.event.at).total_seconds() / 86_400 - self._random.uniform(1.2, 3)
            if days_ago > 0.3:
                person = first.event.person
                yield self._journey(
                    "thamesford", "diversion-deferred", person, days_ago=days_ago, part=Part()
                )

    def _perhaps_known(self, usual: list[Journey]) -> Iterator[Journey]:
        """The same name but for a letter, and the same day of birth: a worker has to look."""
        known = [
            one
            for one in usual
            if one.event.scheme == "divert-adult" and len(one.event.person.family_name) > 5
        ]
        for place, first in enumerate(known[6:14]):
            person = first.event.person
            like = replace(person, family_name=_misspelt(person.family_name), mobile=self._people.mobile())
            age = (self._now - first.event.at).total_seconds() / 86_400
            part = Part(same=(None, None, None, True, False)[place % 5])
            days_ago = self._random.uniform(0.4, 1.4) if part.same is None else max(age - 4, 0.4)
            if days_ago < age:
                yield self._journey("midshire", "divert-adult", like, days_ago=days_ago, part=part)

    def _from_elsewhere(self) -> Iterator[Journey]:
        for days_ago in (3, 12, 25, 41, 55):
            person = self._people.person("midshire", young=False)
            yield self._journey(
                "midshire", "divert-adult", person, days_ago=days_ago, part=Part(), area="Leicester"
            )

    def _again(self, usual: list[Journey]) -> Iterator[Journey]:
        """Found again later: taken where they engaged or the scheme does not mind, declined where they did not."""
        early = [
            one
            for one in usual
            if (self._now - one.event.at).days > 45 and one.event.scheme != "custody-referral"
        ]
        engaged = [one for one in early if one.part == Part()][:8]
        not_engaged = [one for one in early if one.part.answers == 0.0 and not one.part.comes_back][:6]
        for first in engaged + not_engaged:
            days_ago = self._random.uniform(2, 12)
            yield self._journey(
                first.event.force, first.event.scheme, first.event.person, days_ago=days_ago, part=Part()
            )


def _misspelt(name: str) -> str:
    return name[:3] + name[4] + name[3] + name[5:] if name[3] != name[4] else name[:3] + name[4:]
