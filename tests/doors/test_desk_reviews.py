"""The desk's pages for the review of a bar: asked for in the person's words, decided by somebody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.people.models import Person
from provider.domain.referrals.models import BarReview, Referral
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import ending, staffing
from tests.builders import World, add_account, build_world, count, referral_body
from tests.desk import case_of, refer, send, sign_in, somebody
from tests.doors.police import Police
from tests.fakes import MovableClock
from tests.roadside import errors_in

WORDS = "I was in hospital that week."


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def signed_in(world: World, who: str) -> FlaskClient:
    client = world.app.test_client()
    sign_in(client, world, who)
    return client


def barred(world: World, clock: MovableClock, *, by: str = "drug_worker") -> str:
    """Somebody who declined, and so is barred; ``by`` is who ended it."""
    number = count_referrals(world) + 1
    contact = {"number_checked": True}
    reference = refer(world.app, world, person=somebody(number, contact=contact))
    case_id = case_of(world.app, reference).id
    with world.app.app_context(), transaction():
        ending.end_declined(case_id, by=Actor("account", world.accounts[by]), now=clock.now())
    return reference


def count_referrals(world: World) -> int:
    with world.app.app_context():
        return count("referrals")


def page_of(reference: str) -> str:
    return f"/referrals/{reference}/review"


def asked(world: World, reference: str) -> None:
    answer = send(signed_in(world, "drug_worker"), page_of(reference), words=WORDS)
    assert answer.status_code == 302, answer.text


def told_of(world: World, reference: str) -> list[str]:
    with world.app.app_context():
        found = sa.select(ComplianceEvent.type).where(ComplianceEvent.reference == reference)
        return list(db.session.scalars(found.order_by(ComplianceEvent.id)))


def test_a_worker_takes_down_why_and_a_lead_decides(world: World, clock: MovableClock) -> None:
    reference = barred(world, clock)
    worker, lead = signed_in(world, "drug_worker"), signed_in(world, "team_lead")
    assert "Ask for a review of the bar" in worker.get(f"/referrals/{reference}").text
    asked(world, reference)
    assert "A review of the bar was asked for" in worker.get(f"/referrals/{reference}").text
    assert "What do you decide?" not in worker.get(page_of(reference)).text
    assert reference in lead.get("/reviews").text
    page = lead.get(page_of(reference)).text
    assert WORDS in page
    decision = {"decision": "lift", "reason": "Their word is good."}
    answer = send(lead, page_of(reference), f"{page_of(reference)}/decision", **decision)
    assert answer.location == "/reviews"
    assert "No review is waiting." in lead.get("/reviews").text
    assert told_of(world, reference)[-1] == "outcome.corrected"
    after = worker.get(f"/referrals/{reference}").text
    assert "the bar was lifted and the intelligence log withdrawn" in after
    assert "Ring and say what the review of the bar decided" in after
    assert "Read what was decided" in worker.get("/my-day").text


def test_once_lifted_the_forces_systems_may_offer_and_refer_again(world: World, clock: MovableClock) -> None:
    reference = barred(world, clock)
    asked(world, reference)
    police = Police(world.app.test_client(), world.keys["midshire"])
    who = somebody(1)
    person = {name: who[name] for name in ("given_name", "family_name", "date_of_birth", "mobile")}
    check = {"scheme": "divert-adult", "person": person}
    body = referral_body(person=who)
    assert police.post("/eligibility-checks", check).get_json()["answer"] == "do_not_offer"
    assert police.refer(body).get_json()["status"] == "declined"
    form = {"decision": "lift", "reason": "Their word is good."}
    send(signed_in(world, "team_lead"), page_of(reference), f"{page_of(reference)}/decision", **form)
    again = police.get(f"/referrals/{reference}").get_json()["compliance"]
    assert (again["outcome"], again["may_reoffer"], again["bar_until"]) == ("not_engaged", True, None)
    assert police.post("/eligibility-checks", check).get_json()["answer"] == "offer"
    assert police.refer({**body, "force_reference": "20/9/26"}).get_json()["status"] == "accepted"
    events = police.get("/compliance-events").get_json()["events"]
    ended = next(event for event in events if event["type"] == "referral.not_engaged")
    corrected = [event for event in events if event["type"] == "outcome.corrected"]
    assert corrected[0]["corrects"] == ended["id"]
    assert ended["intelligence_log"] is not None
    assert corrected[0]["intelligence_log"] is None
    assert len(corrected) == 2


def test_what_is_missing_is_said_at_its_field(world: World, clock: MovableClock) -> None:
    reference = barred(world, clock)
    worker, lead = signed_in(world, "drug_worker"), signed_in(world, "team_lead")
    assert errors_in(send(worker, page_of(reference), words=" ")) == {"words": "Write what they say"}
    assert "2,000" in errors_in(send(worker, page_of(reference), words="x" * 2001))["words"]
    asked(world, reference)
    answer = send(lead, page_of(reference), f"{page_of(reference)}/decision", decision="burn")
    assert errors_in(answer).keys() == {"decision", "reason"}
    assert count_reviews(world, decided=True) == 0


def count_reviews(world: World, *, decided: bool) -> int:
    with world.app.app_context():
        which = BarReview.decided_at.is_not(None) if decided else BarReview.decided_at.is_(None)
        return db.session.scalar(sa.select(sa.func.count(BarReview.id)).where(which)) or 0


def test_who_ended_it_is_told_who_decides(world: World, clock: MovableClock) -> None:
    reference = barred(world, clock, by="team_lead")
    asked(world, reference)
    lead = signed_in(world, "team_lead")
    page = lead.get(page_of(reference)).text
    assert "You ended this referral yourself" in page
    assert "an administrator has to add another team lead" in page
    assert "What do you decide?" not in page
    assert "the only team lead" in signed_in(world, "drug_worker").get(page_of(reference)).text
    form = {"decision": "lift", "reason": "Because."}
    answer = send(lead, page_of(reference), f"{page_of(reference)}/decision", **form)
    assert "somebody else has to decide" in answer.text
    with world.app.app_context(), transaction():
        add_account(world, "second_lead", Role.TEAM_LEAD)
    assert "Second Lead Example can." in lead.get(page_of(reference)).text
    second = signed_in(world, "second_lead")
    assert send(second, page_of(reference), f"{page_of(reference)}/decision", **form).status_code == 302


def test_a_lead_who_has_left_is_not_among_those_who_decide(world: World, clock: MovableClock) -> None:
    reference = barred(world, clock)
    asked(world, reference)
    with world.app.app_context(), transaction():
        by = Actor("account", world.accounts["administrator"])
        staffing.close_account(world.accounts["team_lead"], by=by, now=clock.now())
    assert "Nobody may decide this" in signed_in(world, "drug_worker").get(page_of(reference)).text


def test_decided_meanwhile_is_said_and_nothing_typed_is_lost(world: World, clock: MovableClock) -> None:
    reference = barred(world, clock)
    asked(world, reference)
    lead = signed_in(world, "team_lead")
    form = {"decision": "keep", "reason": "Nothing new."}
    to = f"{page_of(reference)}/decision"
    assert send(lead, page_of(reference), to, **form).status_code == 302
    assert "has been decided already" in send(lead, "/my-day", to, **form).text
    assert count_reviews(world, decided=True) == 1


@pytest.mark.parametrize("who", ["facilitator", "commissioner", "administrator", "officer", "drug_worker"])
def test_only_a_team_lead_decides(world: World, clock: MovableClock, who: str) -> None:
    reference = barred(world, clock)
    asked(world, reference)
    client = signed_in(world, who)
    assert client.get("/reviews").status_code == 403
    home = "/refer" if who == "officer" else "/"
    form = {"decision": "lift", "reason": "Because."}
    page = client.get(home, follow_redirects=True).request.path
    assert send(client, page, f"{page_of(reference)}/decision", **form).status_code == 403


def test_the_late_ones_are_marked_and_a_restricted_one_is_masked(world: World, clock: MovableClock) -> None:
    reference = barred(world, clock)
    asked(world, reference)
    clock.advance(days=30)
    page = signed_in(world, "team_lead").get("/reviews").text
    assert "Late: due" in page
    with world.app.app_context(), transaction():
        hidden = sa.select(Referral.person_id).where(Referral.reference == reference)
        db.session.execute(
            sa.update(Person).where(Person.id.in_(hidden)).values(restricted=True),
            execution_options={"synchronize_session": False},
        )
    page = signed_in(world, "team_lead").get("/reviews").text
    assert "Restricted record" in page
    assert signed_in(world, "team_lead").get(page_of(reference)).status_code == 403
