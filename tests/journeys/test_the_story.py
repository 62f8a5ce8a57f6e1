"""The whole journey, once, for real: a referral comes in from a force and its outcome goes back."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import add_session
from tests.journeys.conftest import Story

STEPS = ["referral.accepted", "assessment.booked", "assessment.attended", "referral.completed"]
SAM = {"given_name": "Sam", "family_name": "Example", "date_of_birth": "2003-05-14", "mobile": "07700 900123"}

REPORT = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n"
    "123456789,Waymark,{start},{end},host@waymark.example,150,2\n"
    "\n"
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room\n"
    "Sam E,,{start},{end},150,Yes,,No\n"
)


def test_from_the_roadside_to_completed(story: Story) -> None:
    force, mobile = story.force(), story.mobile()
    session_at = story.clock.now() + timedelta(days=12, hours=8, minutes=30)
    session_id = add_session(story.world, course="cannabis", starts_at=session_at)
    answer = force.refer(person=SAM)
    reference = answer["reference"]
    assert answer["status"] == "accepted"
    assert answer["compliance"] == force.looks_at(reference)["compliance"]

    worker = story.staff()
    assert "1 new" in worker.open("/my-day")
    worker.press("Take")
    assert "Sam Example" in worker.words()
    worker.rings(reference, "no_answer")
    tomorrow = worker.open(f"/referrals/{reference}")
    assert "No answer" in tomorrow
    story.until(story.clock.now() + timedelta(hours=6))

    worker = story.staff()
    worker.open(f"/referrals/{reference}")
    worker.press("Add the note", note_kind="sensitive", note_text="Asked to be rung after work.")
    assert "Asked to be rung after work." in worker.open(f"/referrals/{reference}")
    worker.rings(reference, "spoke_and_booked", own_voice=True)
    worker.books(reference, nth=2)
    story.works()
    booked = mobile.texts[-1]
    assert "Sam" in booked.body
    assert booked.link is not None

    person = mobile.opens_link(day=14, month=5)
    before = person.words()
    person.follow("Choose another time")
    person.press("Change to this time", starts_at=person.choices("starts_at")[-1])
    story.works()
    assert person.open("/p/") != before
    assert mobile.texts[-1] != booked
    assert "is now on" in mobile.texts[-1].body

    story.until(story.appointment_at(reference))
    worker = story.staff()
    worker.assesses(reference)
    assert "Straight" not in worker.words()
    worker.gives_place(reference)

    story.until(session_at - timedelta(minutes=30))
    bodies = [text.body for text in mobile.texts]
    assert len(bodies) == len(set(bodies))
    joining = mobile.opens_link(day=14, month=5)
    assert "You are early" in joining.press("Join")

    story.until(session_at + timedelta(minutes=160))
    facilitator = story.staff("facilitator")
    facilitator.open(f"/sessions/{session_id}/register")
    report = REPORT.format(
        start=session_at.strftime("%d/%m/%Y %H:%M:%S"),
        end=(session_at + timedelta(minutes=150)).strftime("%d/%m/%Y %H:%M:%S"),
    )
    facilitator.uploads("Import the report", "report", "participants.csv", report)
    facilitator.runs_register(session_id)

    assert force.types(reference) == STEPS
    done = force.told_of(reference)[-1]
    assert done["compliance"] == {
        "level": "intervention",
        "outcome": "completed",
        "may_reoffer": True,
        "bar_until": None,
        "rule": "divert-adult v1",
    }
    assert [event["sequence"] for event in force.feed()] == [1, 2, 3, 4]
    assert force.looks_at(reference)["status"] == "completed"
    assert story.force("thamesford").feed() == []
    assert "Completed" in story.staff("team_lead").open("/numbers")
