"""What counts as done on each pathway, and what uses a chance: by each scheme's own terms."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa

from provider.domain.assessments.pathway import Pathway
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.referrals.models import Referral, ReferralEvent
from provider.domain.referrals.status import Status
from provider.domain.schemes.queries import scheme_under
from provider.domain.schemes.terms import CallsRule, CourseRule, Terms
from provider.kernel.database import db

CAME_BACK = "came_back"
"""Why a referral that had ended is open again."""

LINKED = "linked"
"""Why a referral that joined a case on its way catches up."""

_OF_CALLS = {"one_to_one": Pathway.ONE_TO_ONE, "treatment": Pathway.STRUCTURED_TREATMENT}


def pathway_of_place(place: Place) -> Pathway:
    """The pathway that a place is on: whose course it is, whatever was decided at first."""
    young_people = db.session.scalars(
        sa.select(Course.young_people)
        .join(CourseSession, CourseSession.course_id == Course.id)
        .where(CourseSession.id == place.session_id)
    ).one()
    return Pathway.YOUNG_PEOPLE_COURSE if young_people else Pathway.GROUP_COURSE


def pathway_of_call(kind: str) -> Pathway | None:
    """The pathway that an appointment is on; None for an assessment, which comes before any."""
    return _OF_CALLS.get(kind)


def rule_of(terms: Terms, pathway: Pathway) -> CourseRule | CallsRule:
    """What the terms say of a pathway; advice alone has nothing to be missed."""
    rule: CourseRule | CallsRule = getattr(terms.pathways, pathway.value, CallsRule())
    return rule


def course_done(referral: Referral, pathway: Pathway, code: Attendance) -> bool:
    """Whether an attendance completes the referral."""
    rule = rule_of(scheme_under(referral.terms_id).terms, pathway)
    only_came = isinstance(rule, CourseRule) and rule.completed_by == "attended"
    return code.counts_as_completed or (only_came and code.attended)


def completing(referral: Referral, pathway: Pathway) -> tuple[Attendance, ...]:
    """Every attendance that completes the referral."""
    return tuple(code for code in Attendance if course_done(referral, pathway, code))


def calls_done(referral: Referral, kinds: Collection[str] = tuple(_OF_CALLS)) -> bool:
    """Whether as many one-to-ones, or appointments of treatment, took place as the scheme asks for."""
    terms = scheme_under(referral.terms_id).terms
    took_place = sa.select(Appointment.kind, sa.func.count().label("times")).where(
        Appointment.case_id == referral.case_id,
        Appointment.kind.in_(sorted(kinds)),
        Appointment.state == "took_place",
    )
    for kind, times in db.session.execute(took_place.group_by(Appointment.kind)):
        rule = rule_of(terms, _OF_CALLS[kind])
        if isinstance(rule, CallsRule) and times >= rule.appointments:
            return True
    return False


def came_back_at(case_id: int) -> datetime:
    """When the person last came back to a case, or was referred anew, and had every chance again: what was missed
    before belongs to what was before.
    """
    accepted = sa.and_(
        ReferralEvent.to_status == Status.ACCEPTED,
        sa.or_(ReferralEvent.from_status.is_(None), ReferralEvent.from_status == Status.HELD),
    )
    came = (
        sa.select(sa.func.max(ReferralEvent.at))
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .where(
            Referral.case_id == case_id,
            sa.or_(ReferralEvent.reason.in_((CAME_BACK, LINKED)), accepted),
        )
    )
    return db.session.scalar(came) or datetime.min.replace(tzinfo=UTC)


def miss_uses_chance(terms: Collection[Terms], pathway: Pathway | None) -> bool:
    """Whether a miss uses a chance of a case: not where any scheme that it serves says no. An assessment's does."""
    return pathway is None or all(rule_of(each, pathway).miss_uses_chance for each in terms)
