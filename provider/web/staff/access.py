"""The only way from an address to a record: scoped to who asks; and no page of a person's record leaves unnoted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Response, abort, current_app, g, make_response, render_template, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from provider.caseload.hours_page import worker_who_rings
from provider.caseload.masking import readable_by
from provider.caseload.my_day import Worker
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.domain.contact.models import Task
from provider.domain.diary.models import Absence, Appointment
from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.database import db, transaction
from provider.kernel.errors import NotFound
from provider.kernel.references import normal_reference
from provider.web.context import by, now, signed_in
from provider.web.staff import desk


@dataclass(frozen=True)
class Opened:
    """A referral that who asks may read: enough to ask for its page or to do something to it."""

    referral_id: int
    reference: str
    status: Status
    person_id: int
    case_id: int | None

    @property
    def case(self) -> int:
        """The id of the case that serves it. Raises NotFound for one that never had a case: held or declined."""
        if self.case_id is None:
            raise NotFound
        return self.case_id


def open_referral(reference: str) -> Opened:
    """The referral of this reference. Raises NotFound; a restricted one is refused, and the attempt is kept."""
    row = db.session.execute(
        sa.select(
            Referral.id,
            Referral.reference,
            Referral.status,
            Referral.person_id,
            Referral.case_id,
            readable_by(signed_in().account_id).label("readable"),
        )
        .join(Person, Person.id == Referral.person_id)
        .where(Referral.reference == normal_reference(reference))
    ).one_or_none()
    if row is None:
        raise NotFound
    opened = Opened(row.id, row.reference, Status(row.status), row.person_id, row.case_id)
    if not row.readable:
        _refuse(opened)
    if reference == (request.view_args or {}).get("reference"):
        g.opened = opened
    return opened


def shows_nothing_new() -> None:
    """What is answered says nothing of the record: a piece of a page that was noted when it was opened."""
    g.pop("opened", None)


@desk.after_request
def _note_the_look(answer: Response) -> Response:
    """Whoever is handed a page of a record is kept in the audit trail first, whichever view drew it and why."""
    opened = g.pop("opened", None)
    if opened is None or answer.status_code != 200:
        return answer
    try:
        _keep("referral.viewed", opened)
    except (DBAPIError, PoolTimeout) as away:  # of what is raised here Flask asks none of the error handlers
        return make_response(current_app.handle_user_exception(away))
    return answer


def note_looks(person_ids: Iterable[int]) -> None:
    """Keep that the records of these people were shown beside another's."""
    with transaction():
        for person_id in person_ids:
            record("person.viewed", "person", person_id, by=by(), now=now(), person_id=person_id)


def appointment_of(opened: Opened, appointment_id: int) -> int:
    """The appointment's id, where it belongs to this referral's case. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Appointment.id).where(Appointment.id == appointment_id, Appointment.case_id == opened.case)
    )
    if found is None:
        raise NotFound
    return found


def whose_hours(worker_id: int) -> Worker:
    """Whose hours and absences are asked for: one's own, or anybody's for who spreads the work. Raises NotFound."""
    me = signed_in()
    if worker_id != me.account_id and not me.may(Permission.SPREAD_WORK):
        abort(403)
    return worker_who_rings(worker_id)


def own_hours(worker_id: int) -> Worker:
    """The same, of whoever asks and of nobody else."""
    if worker_id != signed_in().account_id:
        abort(403)
    return worker_who_rings(worker_id)


def absence_of(worker: Worker, absence_id: int) -> int:
    """The absence's id, where it is this worker's. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Absence.id).where(Absence.id == absence_id, Absence.worker_id == worker.id)
    )
    if found is None:
        raise NotFound
    return found


def task_of(opened: Opened, task_id: int) -> int:
    """The waiting task's id, where it is about this referral's case. Raises NotFound."""
    found = db.session.scalar(sa.select(Task.id).where(Task.id == task_id, Task.case_id == opened.case))
    if found is None:
        raise NotFound
    return found


def _refuse(opened: Opened) -> None:
    _keep("referral.refused", opened)
    abort(make_response(render_template("staff/restricted.html"), 403))


def _keep(what: str, opened: Opened) -> None:
    with transaction():
        record(what, "referral", opened.referral_id, by=by(), now=now(), person_id=opened.person_id)
