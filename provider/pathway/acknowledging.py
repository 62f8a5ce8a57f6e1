"""Somebody says that waiting work is done, where nothing else shows it."""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.contact.models import Task
from provider.domain.contact.tasks import DONE_BY_HAND
from provider.domain.messaging.reading import read_replies
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class NotDoneByHand(Refusal):
    code = "not_done_by_hand"
    sentence = "This goes away by itself when the work is done. Follow its link."


def acknowledge(task_id: int, *, by: Actor, now: datetime) -> None:
    """The task is done. One that is done already stays as it is. Raises NotDoneByHand."""
    task = db.session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    if task.kind not in DONE_BY_HAND:
        raise NotDoneByHand
    if task.done_at is None:
        task.done_at, task.done_by = now, str(by)
        if task.kind == "reply" and task.case_id is not None:
            read_replies(task.case_id, by=by, now=now)
        record("task.done", "task", task_id, by=by, now=now, kind=task.kind)
