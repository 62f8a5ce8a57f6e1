"""What leaves for a force is a closed list of fields, written down a second time: whoever adds one has to say so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.caseload.force_sheet import report_sheet
from provider.domain.compliance import feed
from provider.domain.compliance.delivery import event_body
from provider.domain.compliance.models import ComplianceEvent
from provider.kernel.answers import Answer
from provider.kernel.database import db, transaction
from provider.web.api.operations import OPERATIONS
from provider.web.api.shapes import Problem
from tests.builders import World, build_world
from tests.cases import add_case
from tests.doors.police import Police
from tests.fakes import A_TUESDAY

FIELDS: Mapping[str, str] = {
    "Ages": "from to",
    "Compliance": "level outcome may_reoffer bar_until rule",
    "Eligibility": "answer reason previous bar_until",
    "Endpoint": "id url state",
    "EndpointWithSecret": "id url state secret",
    "Endpoints": "endpoints",
    "Event": "id sequence type occurred_at recorded_at reference force_reference scheme compliance intelligence_log"
    " corrects",
    "Events": "events next has_more",
    "FirstCall": "starts_at",
    "IntelligenceLog": "text reason",
    "Referral": "reference status force_reference scheme received_at compliance first_contact_due warnings assessment"
    " decline_reason",
    "Replayed": "id url state events",
    "Scheme": "code name ages course_minutes repeat_rule",
    "Schemes": "schemes",
    "Slot": "id starts_at minutes",
    "Slots": "slots",
    "Warned": "pointer code detail",
}
"""Every object that is sent, in the order of its fields."""

REPORT = "reference force_reference scheme status level received_at ended_at may_reoffer bar_until"


def models(parent: type[Answer] = Answer) -> Iterator[type[Answer]]:
    for model in parent.__subclasses__():
        yield model
        yield from models(model)


def test_every_object_that_is_sent_has_these_fields_and_no_others(app: Flask) -> None:
    sent = {
        model.__name__: " ".join(
            field.serialization_alias or name for name, field in model.model_fields.items()
        )
        for model in models()
        if model.__module__.startswith("provider.")
    }
    assert sent == FIELDS


def test_every_answer_of_the_api_is_one_of_them(app: Flask) -> None:
    for operation in OPERATIONS:
        assert operation.answer is None or operation.answer.__name__ in FIELDS, operation.id
    without = {operation.id for operation in OPERATIONS if operation.answer is None}
    assert without == {"download_report", "remove_webhook_endpoint"}


def test_the_report_has_these_columns_and_no_others(app: Flask) -> None:
    assert next(csv.reader(io.StringIO(report_sheet([])))) == REPORT.split()


def test_a_problem_says_no_more_than_this(app: Flask) -> None:
    assert " ".join(Problem.model_fields) == "type title status detail code errors reference"


@pytest.mark.parametrize("model", [*models()], ids=lambda one: one.__name__)
def test_no_field_takes_just_anything(model: type[Answer]) -> None:
    """An open object, or any value at all, would be a way through."""
    schema = model.model_json_schema(mode="serialization")
    for part in [schema, *schema.get("$defs", {}).values()]:
        for name, field in part.get("properties", {}).items():
            for open_one in open_parts(field):
                raise AssertionError((part["title"], name, open_one))


def open_parts(field: dict[str, Any]) -> Iterator[object]:
    """What a field's schema leaves open, in it and in what it holds."""
    if not {"type", "$ref", "anyOf", "allOf", "const", "enum"} & field.keys():
        yield field
    if field.get("type") == "object" and "properties" not in field:
        yield field
    for inner in (*field.get("anyOf", ()), *([field["items"]] if "items" in field else ())):
        yield from open_parts(inner)


def test_no_more_than_that_is_sent_whatever_is_stored(app: Flask) -> None:
    """What somebody might put beside it in the table goes neither by the feed nor by a notice."""
    world = build_world(app)
    event = _told(world, more={"pathway": "treatment", "level": "assessment"}, log={"heard": "everything"})
    with app.app_context():
        stored = db.session.execute(sa.select(ComplianceEvent)).scalar_one()
        assert "treatment" in str(stored.compliance)
        notice = event_body(stored).decode()
    police = Police(app.test_client(), world.keys["midshire"])
    read = [police.get("/compliance-events"), police.get(f"/compliance-events/{event}")]
    for text in (notice, *(answer.text for answer in read)):
        assert "assessment.attended" in text
        assert "treatment" not in text
        assert "everything" not in text


def _told(world: World, *, more: dict[str, Any], log: dict[str, Any]) -> str:
    known, now = add_case(world), A_TUESDAY
    said = {"outcome": "open", "may_reoffer": True, "bar_until": None, "rule": "divert-adult v1", **more}
    log = {"text": "One sentence.", "reason": "declined", **log}
    told = feed.Told("assessment.attended", known.reference, None, "divert-adult", said, log)
    return _publish(world, told, referral_id=known.referral_id, now=now)


def _publish(world: World, told: feed.Told, *, referral_id: int, now: datetime) -> str:
    force_id = world.forces["midshire"]
    with world.app.app_context():
        with transaction():
            event = feed.publish(told, force_id=force_id, referral_id=referral_id, occurred_at=now, now=now)
        with transaction():
            feed.number(force_id)
    return event
