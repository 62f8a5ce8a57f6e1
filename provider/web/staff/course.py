"""What follows the assessment: a place in a session, the waiting list, an offer; or nothing further."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.course_page import course_page
from provider.domain.accounts.roles import Permission
from provider.domain.courses.places import ASKED
from provider.pathway import allocating, assessing, offering
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.ids import number
from provider.web.staff.ways import done


@desk.get("/referrals/<reference>/course")
@needs(Permission.GIVE_PLACES)
def course(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    page = course_page(opened.referral_id, now=now())
    return render_template("staff/course/course.html", page=page, now=now())


@desk.post("/referrals/<reference>/course/place")
@needs(Permission.GIVE_PLACES)
def give_place(reference: str) -> ResponseReturnValue:
    """A place in a session."""
    return _with_id(reference, "session", allocating.give_place, "They have a place, and a text says so.")


@desk.post("/referrals/<reference>/course/move")
@needs(Permission.GIVE_PLACES)
def move_place(reference: str) -> ResponseReturnValue:
    """Another session for the one they have."""
    return _with_id(reference, "session", allocating.move_place, "Moved, and a text says so.")


@desk.post("/referrals/<reference>/course/wait")
@needs(Permission.GIVE_PLACES)
def wait_for_place(reference: str) -> ResponseReturnValue:
    return _with_id(
        reference, "course", allocating.wait_for_place, "They are on the waiting list, and a text says so."
    )


@desk.post("/referrals/<reference>/course/give-back")
@needs(Permission.GIVE_PLACES)
def give_back_place(reference: str) -> ResponseReturnValue:
    give_back = partial(allocating.give_back_place, because=ASKED)
    return _change(reference, give_back, "The place is given back. Give them another.")


@desk.post("/referrals/<reference>/course/accept")
@needs(Permission.GIVE_PLACES)
def accept_offer(reference: str) -> ResponseReturnValue:
    return _change(reference, offering.accept_offer, "The offer is taken: they have a place.")


@desk.post("/referrals/<reference>/course/refuse")
@needs(Permission.GIVE_PLACES)
def refuse_offer(reference: str) -> ResponseReturnValue:
    return _change(reference, offering.refuse_offer, "The place goes to the next. They keep their turn.")


@desk.post("/referrals/<reference>/course/stop-waiting")
@needs(Permission.GIVE_PLACES)
def stop_waiting(reference: str) -> ResponseReturnValue:
    return _change(reference, allocating.stop_waiting, "They are no longer on the waiting list.")


@desk.post("/referrals/<reference>/course/nothing-further")
@needs(Permission.GIVE_PLACES)
def nothing_further(reference: str) -> ResponseReturnValue:
    """Advice was all that was asked: they have done it."""
    return _change(reference, assessing.nothing_further, "Recorded: they have done what was asked.")


def _with_id(reference: str, name: str, change: Callable[..., object], said: str) -> ResponseReturnValue:
    """A change that names a session or a course."""
    chosen = number(request.form.get(name))
    return _change(reference, lambda case_id, **how: change(case_id, chosen, **how), said)


def _change(reference: str, change: Callable[..., object], said: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    done(lambda: change(opened.case, by=by(), now=now()), said=said)
    return redirect(url_for("staff.course", reference=opened.reference))
