"""The monitors' door: up, ready, and counts that name nobody."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from provider.jobs.models import WorkerHeartbeat
from provider.jobs.pausing import pause
from provider.kernel.database import db, transaction
from provider.reporting.measures import measures
from tests.builders import build_world
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of


def beat(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.add(WorkerHeartbeat(worker="one", at=A_TUESDAY))


def test_up_asks_for_nothing(app: Flask, client: FlaskClient) -> None:
    with queries_of(app) as sent:
        assert client.get("/healthz").json == {"status": "up"}
    assert sent == []


def test_ready_with_a_worker_and_not_without(app: Flask, client: FlaskClient, clock: MovableClock) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]) == (
        503,
        {"database": True, "schema": True, "worker": False},
    )
    beat(app)
    assert client.get("/readyz").status_code == 200
    clock.advance(seconds=61)
    assert client.get("/readyz").get_json()["checks"]["worker"] is False


def test_a_paused_copy_is_ready_and_says_so(app: Flask, client: FlaskClient) -> None:
    beat(app)
    with app.app_context(), transaction():
        pause(now=A_TUESDAY)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["paused"]) == (200, True)


def test_not_ready_behind_the_newest_schema(app: Flask, client: FlaskClient) -> None:
    beat(app)
    with app.app_context(), transaction() as session:
        version = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert client.get("/readyz").get_json()["checks"] == {"database": True, "schema": False, "worker": False}
    with app.app_context(), transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_not_ready_without_a_database(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception("away"))

    monkeypatch.setattr("provider.reporting.readiness._at_head", away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["database"]) == (503, False)


def test_measures_from_this_machine(app: Flask, client: FlaskClient) -> None:
    build_world(app)
    text = client.get("/metrics").text
    assert 'provider_referrals{status="accepted"} 0.0' in text
    assert "provider_notices_waiting 0.0" in text
    assert "provider_worker_heartbeat_age_seconds +Inf" in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_measures_are_not_for_whoever_comes_through_a_proxy(client: FlaskClient, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 401


def test_measures_from_elsewhere_need_the_token(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["settings"].model_copy(update={"metrics_token": SecretStr("t" * 20)})
    monkeypatch.setitem(app.extensions, "settings", settings)
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}

    def asked(authorization: str) -> int:
        headers = {"Authorization": authorization}
        return client.get("/metrics", headers=headers, environ_base=elsewhere).status_code

    assert [asked(f"Bearer {'t' * 20}"), asked("Bearer wrong"), asked("t" * 20), asked("")] == [
        200,
        401,
        401,
        401,
    ]


def test_measuring_takes_fifteen_queries(app: Flask) -> None:
    with queries_of(app) as sent, app.app_context():
        measures(now=A_TUESDAY)
    assert len(sent) == 15
