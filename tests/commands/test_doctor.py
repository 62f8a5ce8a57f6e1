"""The doctor says one line for each setting, and ends 1 where something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa
from flask import Flask

from config import ROOT, Settings
from provider.jobs.models import WorkerHeartbeat
from provider.jobs.pausing import pause
from provider.kernel.database import db, transaction
from tests.builders import build_world
from tests.commands.running import run
from tests.fakes import A_TUESDAY

LONG = "x" * 40


@pytest.fixture
def healthy(app: Flask) -> None:
    build_world(app)
    with app.app_context(), transaction():
        db.session.add(WorkerHeartbeat(worker="one", at=A_TUESDAY))


def with_settings(app: Flask, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    settings = Settings(**{**app.extensions["settings"].model_dump(), **changes})
    monkeypatch.setitem(app.extensions, "settings", settings)


@pytest.mark.usefixtures("healthy")
def test_every_setting_has_its_line_and_no_secret_is_in_it(app: Flask) -> None:
    result = run(app, "doctor")
    lines = {line.split()[1]: line.split()[0] for line in result.output.splitlines() if len(line.split()) > 2}
    assert {name.upper() for name in Settings.model_fields} <= set(lines)
    assert (lines["worker"], lines["schema"], lines["ZOOM_CLIENT_ID"]) == ("ok", "ok", "missing")
    assert "twilio-token" not in result.output
    assert result.exit_code == 0


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"public_url": "https://drugs.example.org"}, "PUBLIC_URL"),
        ({"service_name": "Police line"}, "SERVICE_NAME"),
        ({"twilio_account_sid": "AC1"}, "TWILIO_ACCOUNT_SID"),
        ({"zoom_client_id": "z"}, "ZOOM_CLIENT_ID"),
        ({"zoom_api_base_url": "zoom"}, "ZOOM_API_BASE_URL"),
        ({"provider_env": "production", "zoom_api_base_url": "http://api.zoom.us"}, "ZOOM_API_BASE_URL"),
        ({"provider_env": "production"}, "TWILIO_ACCOUNT_SID"),
    ],
)
def test_what_is_wrong_is_named(
    app: Flask, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], line: str
) -> None:
    with_settings(app, monkeypatch, **changes)
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert any(said.startswith("wrong") and f" {line} " in said for said in result.output.splitlines())


@pytest.mark.usefixtures("healthy")
def test_zoom_without_a_secret_for_its_messages_is_doubtful(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom = {"zoom_account_id": "a", "zoom_client_id": "c", "zoom_client_secret": "s"}
    for secret, state in (("zoom", "ok"), (None, "doubtful")):
        with monkeypatch.context() as changed:
            with_settings(app, changed, **zoom, zoom_webhook_secret=secret)
            said = run(app, "doctor").output
        assert any(line.split()[:2] == [state, "ZOOM_WEBHOOK_SECRET"] for line in said.splitlines())


@pytest.mark.usefixtures("healthy")
def test_words_that_stay_at_twilio_are_doubtful(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    twilio = {"twilio_account_sid": "AC1", "twilio_auth_token": "token", "twilio_from": "Waymark"}
    for redact, state in ((True, "ok"), (False, "doubtful")):
        with monkeypatch.context() as changed:
            with_settings(app, changed, **twilio, twilio_redact=redact)
            said = run(app, "doctor").output
        assert any(line.split()[:2] == [state, "TWILIO_REDACT"] for line in said.splitlines())


def test_no_worker_is_wrong(app: Flask) -> None:
    build_world(app)
    result = run(app, "doctor")
    assert (result.exit_code, "never run" in result.output) == (1, True)


@pytest.mark.usefixtures("healthy")
def test_a_paused_copy_and_lost_keys_are_said(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    run(
        app,
        "accounts",
        "add",
        "--email",
        "a@b.example",
        "--name",
        "A",
        "--role",
        "administrator",
        "--second-factor",
    )
    with app.app_context(), transaction():
        pause(now=A_TUESDAY)
    assert "worker --resume" in run(app, "doctor").output
    from provider.domain.accounts.secrets import SecretBox

    monkeypatch.setitem(app.extensions, "secret_box", SecretBox("another key altogether, and long enough"))
    result = run(app, "doctor")
    assert (result.exit_code, "DATA_KEYS cannot read" in result.output) == (1, True)


@pytest.mark.usefixtures("healthy")
def test_a_course_whose_name_says_what_no_text_may_say_is_named(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.execute(sa.text("UPDATE courses SET name = 'Cannabis and you' WHERE code = 'cannabis'"))
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert "“Cannabis” stands in the name of a course" in result.output


def doctor_under(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "provider", "doctor"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("url", ["foo", "foo://here/there", "mysql://u:secret@here/there", "sqlite://:x:y"])
def test_a_database_that_is_none_stops_the_start_by_name(url: str) -> None:
    done = doctor_under({**os.environ, "SECRET_KEY": LONG, "DATA_KEYS": LONG, "DATABASE_URL": url})
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert url not in done.stderr


def test_missing_secrets_stop_the_start_by_name() -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("SECRET_KEY", "DATA_KEYS")}
    done = doctor_under(environment)
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr
    assert "DATA_KEYS" in done.stderr
