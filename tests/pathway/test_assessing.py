"""The assessment is recorded as it is spoken and finished once; the force hears that it took place, nothing else."""

from __future__ import annotations

import pytest

from provider.domain.people.records import current_number
from provider.domain.referrals.models import Referral
from provider.kernel.database import transaction
from provider.pathway import assessing
from tests.builders import count
from tests.pathway.walking import Walk, appointments, audited, checked, events, person, tasks, texts, told

SAID = assessing.Recorded(
    limits_explained=True,
    answers={"health": {"pregnant": "no"}},
    substances=(assessing.SubstanceUse("ketamine", "sniff", "weekly", "1 g", 4),),
    audit_c=3,
    audit_full=None,
)


def save(walk: Walk, referral: Referral, recorded: assessing.Recorded = SAID) -> int:
    case_id = walk.case(referral).id
    with transaction():
        return assessing.save(case_id, recorded, by=walk.worker, now=walk.now).id


def finish(walk: Walk, referral: Referral) -> None:
    case_id = walk.case(referral).id
    with transaction():
        assessing.finish(case_id, walk.decided(), by=walk.worker, now=walk.now)


def test_what_is_saved_tells_nobody_anything(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    assessment_id = save(walk, referral)
    assert save(walk, referral) == assessment_id
    assert told(referral) == ["referral.accepted"]
    assert count("assessed_substances") == 1
    assert "assessment.saved" in audited(subject="assessment", subject_id=assessment_id)


def test_finished_it_counts_as_attended_and_somebody_finds_a_place(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.booked(referral)
    save(walk, referral)
    finish(walk, referral)
    assert told(referral) == ["referral.accepted", "assessment.booked", "assessment.attended"]
    event = events(referral)[-1]
    assert (event.compliance["level"], event.compliance["outcome"]) == ("assessment", "open")
    case = walk.case(referral)
    assert tasks(case) == {"place"}
    assert texts(case) == {}
    assert [each.state for each in appointments(case)] == ["moved", "took_place"]


def test_who_missed_a_call_and_is_assessed_at_the_next_is_owed_none(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.booked(referral)
    walk.missed(referral)
    assert "rebook" in tasks(walk.case(referral))
    save(walk, referral)
    finish(walk, referral)
    assert tasks(walk.case(referral)) == {"place"}


def test_nothing_that_was_said_is_in_what_the_force_reads(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    save(walk, referral)
    finish(walk, referral)
    for event in events(referral):
        said = str({column.name: getattr(event, column.name) for column in event.__table__.columns})
        assert "ketamine" not in said
        assert "group_course" not in said


def test_a_call_of_three_quarters_of_an_hour_confirms_the_number(walk: Walk) -> None:
    referral = walk.referred(person=person())
    save(walk, referral)
    finish(walk, referral)
    number = current_number(referral.person_id)
    assert number is not None
    assert (number.confirmed_by, number.confirmed_at) == ("voice", walk.now)


def test_a_call_made_before_its_time_gives_the_time_back(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    booked = walk.booked(referral)
    walk.assessed(referral)
    assert count("diary_cells", appointment_id=booked.id) == 0
    for name in ("Alex", "Billie", "Chris"):
        assert walk.booked(walk.referred(person=checked(given_name=name))).starts_at == booked.starts_at


def test_finished_it_is_not_written_again(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    save(walk, referral)
    finish(walk, referral)
    with pytest.raises(assessing.NotAssessable):
        save(walk, referral)
    with pytest.raises(assessing.NotAssessable):
        finish(walk, referral)
    assert told(referral).count("assessment.attended") == 1


def test_nothing_saved_is_nothing_to_finish(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    with pytest.raises(assessing.NotAssessable):
        finish(walk, referral)


def test_without_the_limits_of_confidentiality_it_is_not_finished(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    save(walk, referral, assessing.Recorded(False, {}, (), None, None))
    with pytest.raises(assessing.LimitsNotExplained):
        finish(walk, referral)
    assert walk.status(referral) == "accepted"


def test_an_ended_case_is_not_assessed(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.withdrawn(referral)
    with pytest.raises(assessing.NotAssessable):
        save(walk, referral)
    assert count("assessments") == 0


def test_where_it_is_all_that_is_asked_it_completes(walk: Walk) -> None:
    referral = walk.in_custody(person=checked())
    save(walk, referral)
    finish(walk, referral)
    assert told(referral) == ["referral.accepted", "assessment.attended", "referral.completed"]
    event = events(referral)[-1]
    assert (event.compliance["level"], event.compliance["outcome"]) == ("assessment", "completed")
    assert walk.case(referral).closed_at == walk.now
    assert tasks(walk.case(referral)) == set()
