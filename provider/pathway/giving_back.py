"""Somebody gives their place back behind their own link, and is in line for another: never offered the same again."""

from __future__ import annotations

from datetime import datetime

from provider.domain.courses.models import CourseSession
from provider.domain.courses.places import ASKED, times_given_back
from provider.domain.courses.sessions import is_open
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reoffering
from provider.pathway.allocating import NothingHeld, held_place, let_place_go
from provider.pathway.scheduling import offer_course_places
from provider.pathway.steps import lock_case, terms_of


class TooLateToGiveBack(Refusal):
    code = "too_late_to_give_back"
    sentence = "It is too late to change this here. Ring us and we will find another."


class GivenBackTooOften(Refusal):
    code = "given_back_too_often"
    sentence = "This has been changed as often as it can be here. Ring us and we will find a way."


def cannot_come(case_id: int, *, place_id: int | None = None, by: Actor, now: datetime) -> None:
    """Release the place they have coming, and put them in line for another, with the turn that led to it.

    What is free is offered in turn at once: their place to the next, another to them. ``place_id``: the one they were
    shown, and no other. Raises NothingHeld, TooLateToGiveBack once the session has closed, or GivenBackTooOften; then
    the place stands.
    """
    case = lock_case(case_id)
    place = held_place(case_id)
    if place_id not in (None, place.id):
        raise NothingHeld
    session = db.session.get_one(CourseSession, place.session_id)
    if not is_open(session, now):
        raise TooLateToGiveBack
    if times_given_back(case_id) >= terms_of(case).moves_allowed:
        raise GivenBackTooOften
    let_place_go(case, place, because=ASKED, by=by, now=now)
    reoffering.in_line_again(case, place, missed=False, by=by, now=now)
    offer_course_places(session.course_id, by=by, now=now)
