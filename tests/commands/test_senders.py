"""A scheme's own sender is set, shown, and looked at by the doctor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from provider.domain.messaging.models import TextSender
from provider.kernel.database import transaction
from tests.builders import build_world, count
from tests.commands.running import run
from tests.fakes import A_TUESDAY

OWN = "+447700900999"


@pytest.fixture(autouse=True)
def world(app: Flask) -> None:
    build_world(app)


def test_a_scheme_is_given_a_sender_and_takes_it_back(app: Flask) -> None:
    result = run(app, "senders", "use", "midshire", "divert-adult", OWN)
    assert result.output.strip() == f"divert-adult sends by {OWN}."
    with app.app_context():
        assert count("schemes", text_sender=OWN, code="divert-adult") == 1
        assert count("audit_entries", action="scheme.sender") == 1
    assert OWN in run(app, "senders", "list").output
    assert run(app, "senders", "use", "midshire", "divert-adult").exit_code == 0
    with app.app_context():
        assert count("schemes", text_sender=None, code="divert-adult") == 1


def test_what_cannot_send_is_refused_with_what_can(app: Flask) -> None:
    result = run(app, "senders", "use", "midshire", "divert-adult", "07700 900999")
    assert result.exit_code == 1
    assert "+447700900999" in result.output


def test_a_scheme_that_is_not_there(app: Flask) -> None:
    assert run(app, "senders", "use", "midshire", "nothing", OWN).exit_code == 1


def test_one_that_rests_is_shown_with_why(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.add(
            TextSender(
                address=OWN,
                used_until=A_TUESDAY,
                failures=5,
                rests=1,
                rests_since=A_TUESDAY,
                rests_until=A_TUESDAY + timedelta(seconds=30),
                rests_because="too_many",
            )
        )
    shown = run(app, "senders", "list").output
    assert "rests since 2026-11-24 09:30Z (too_many), next try 09:30:30Z" in shown
    doctor = run(app, "doctor").output
    assert OWN in doctor
    assert "rests" in doctor


def test_the_doctor_names_a_sender_that_takes_no_replies(app: Flask) -> None:
    run(app, "senders", "use", "midshire", "divert-adult", "Waymark")
    assert "takes no replies" in run(app, "doctor").output
