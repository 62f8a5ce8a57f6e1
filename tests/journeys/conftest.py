"""The people of a journey, each behind their own door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.diary.models import Appointment
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Case, Referral
from provider.jobs.run import run_all_once
from provider.kernel.database import db
from tests.builders import PASSWORD, World, build_world, referral_body
from tests.doors.police import Police
from tests.fakes import Arrived, MovableClock, Phones
from tests.journeys.visitor import Visitor

HALF_A_DAY = timedelta(hours=12)


class Force:
    """A police system: sends referrals, and reads its feed to the end."""

    def __init__(self, app: Flask, world: World, code: str) -> None:
        self.police = Police(app.test_client(), world.keys[code])

    def refer(self, **changes: Any) -> dict[str, Any]:
        """Send a referral; the answer. It must have been taken."""
        answer = self.police.refer(referral_body(**changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def feed(self) -> list[dict[str, Any]]:
        """Every event of this force, read in pages of two so that cursors are used."""
        events: list[dict[str, Any]] = []
        after = None
        while True:
            page = self.police.get("/compliance-events", query_string=_query(after)).get_json()
            events += page["events"]
            after = page["next"]
            if not page["has_more"]:
                return events

    def told_of(self, reference: str) -> list[dict[str, Any]]:
        return [event for event in self.feed() if event["reference"] == reference]

    def types(self, reference: str) -> list[str]:
        return [event["type"] for event in self.told_of(reference)]

    def asks_about(self, scheme: str, **person: Any) -> dict[str, Any]:
        answer = self.police.post("/eligibility-checks", {"scheme": scheme, "person": person})
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def withdraws(self, reference: str, reason: str = "charged") -> dict[str, Any]:
        answer = self.police.post(f"/referrals/{reference}/withdrawal", {"reason": reason})
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def looks_at(self, reference: str) -> dict[str, Any]:
        return dict(self.police.get(f"/referrals/{reference}").get_json())


def _query(after: str | None) -> dict[str, str]:
    return {"limit": "2"} | ({"after": after} if after else {})


class Staff(Visitor):
    """Somebody of the provider, signed in by the form."""

    def __init__(self, app: Flask, world: World, who: str) -> None:
        super().__init__(app)
        self.open("/sign-in")
        self.press("Sign in", email=world.emails[who], password=PASSWORD)

    def rings(self, reference: str, outcome: str, **more: Any) -> str:
        """Record a call on the referral's page."""
        self.open(f"/referrals/{reference}")
        return self.press("Record the call", outcome=outcome, **more)

    def books(self, reference: str, *, nth: int = 0) -> None:
        """Book the ``nth`` of one's own times that the page offers."""
        self.open(f"/referrals/{reference}/book")
        assert self.page is not None
        times = [button for button in self.page.html.find_all("button") if button.get("name") == "own"]
        words = " ".join(times[nth].get_text(" ").split())
        self.press(words)

    def assesses(self, reference: str, *, pathway: str | None = None, **answers: Any) -> None:
        """The telephone assessment from the referral's page: what was said, the advice, the pathway."""
        self.open(f"/referrals/{reference}/assessment")
        said = {"limits_explained": True, **CANNABIS, **answers}
        self.press("Save and go to advice", **said)
        decision: dict[str, Any] = (
            {} if pathway is None else {"pathway": pathway, "because": "They asked for it."}
        )
        self.press("Finish the assessment", nth=-1, **decision)

    def gives_place(self, reference: str) -> str:
        self.open(f"/referrals/{reference}/course")
        return self.press("Give a place")

    def runs_register(self, session_id: int, *, marks: str = "Mark everybody else present") -> str:
        """Mark everybody the same way, and stand by it."""
        self.open(f"/sessions/{session_id}/register")
        self.press(marks)
        self.press("Save and go on to confirm")
        return self.press("Confirm the register")


CANNABIS = {
    "substances__0__substance": "cannabis",
    "substances__0__route": "smoke",
    "substances__0__frequency": "weekly",
}


@dataclass
class Mobile:
    """A phone on which texts arrive, and whose owner follows their links."""

    app: Flask
    phones: Phones
    e164: str

    @property
    def texts(self) -> list[Arrived]:
        return self.phones.on(self.e164)

    def kinds(self) -> list[str]:
        return [text.body for text in self.texts]

    def opens_link(self, *, day: int, month: int) -> Visitor:
        """Follow the link of the latest text that has one, press the button, and say day and month of birth."""
        link = next(text.link for text in reversed(self.texts) if text.link)
        visitor = Visitor(self.app)
        visitor.open(link)
        visitor.press("Open")
        visitor.press("Continue", day=str(day), month=str(month))
        return visitor


@dataclass
class Story:
    """One world with its clock: time passes only here, and the workers' jobs run as it does."""

    app: Flask
    world: World
    clock: MovableClock
    phones: Phones

    def force(self, code: str = "midshire") -> Force:
        return Force(self.app, self.world, code)

    def staff(self, who: str = "drug_worker") -> Staff:
        return Staff(self.app, self.world, who)

    def mobile(self, e164: str = "+447700900123") -> Mobile:
        return Mobile(self.app, self.phones, e164)

    def appointment_at(self, reference: str) -> datetime:
        """When the call of this referral is booked for."""
        booked = sa.select(Appointment.starts_at).join(Referral, Referral.case_id == Appointment.case_id)
        with self.app.app_context():
            return db.session.scalars(
                booked.where(Referral.reference == reference, Appointment.state == "booked")
            ).one()

    def next_call_at(self, reference: str) -> datetime | None:
        """When the ladder says to ring next; None when it says no more."""
        with self.app.app_context():
            return db.session.scalars(
                sa.select(Case.next_call_at)
                .join(Referral, Referral.case_id == Case.id)
                .where(Referral.reference == reference)
            ).one()

    def works(self) -> None:
        run_all_once(self.app)

    def until(self, moment: datetime) -> None:
        """Let time pass to a moment, with the workers at work whenever a text falls due, and twice a day."""
        while self.clock.now() < moment:
            self.clock.set(min(moment, self._next_due(), self.clock.now() + HALF_A_DAY))
            self.works()

    def _next_due(self) -> datetime:
        ahead = sa.select(sa.func.min(Text.due_at)).where(
            Text.state == "planned", Text.due_at > self.clock.now()
        )
        with self.app.app_context():
            return db.session.scalar(ahead) or self.clock.now() + HALF_A_DAY


@pytest.fixture
def story(app: Flask, clock: MovableClock, phones: Phones) -> Story:
    return Story(app, build_world(app), clock, phones)
