"""``/healthz``: the process is up. ``/readyz``: it can do its work. ``/metrics``: for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from alembic.script import ScriptDirectory
from flask import Response, jsonify
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from config import ROOT
from provider.reporting.measures import Measures, measures
from provider.reporting.readiness import readiness
from provider.reporting.text_measures import TextMeasures
from provider.web.context import now
from provider.web.guard import door, open_to_all
from provider.web.health.access import monitors


@open_to_all
def healthz() -> Response:
    """Asks for nothing: not the database either."""
    return jsonify(status="up")


@open_to_all
def readyz() -> Response:
    found = readiness(heads=heads(), now=now())
    checks = {"database": found.database, "schema": found.schema, "worker": found.worker}
    answer = jsonify(
        status="ready" if found.ready else "not_ready", checks=checks, paused=bool(found.paused_since)
    )
    answer.status_code = 200 if found.ready else 503
    return answer


@cache
def heads() -> frozenset[str]:
    """The newest revisions of the schema, as this code knows them."""
    return frozenset(ScriptDirectory(str(ROOT / "migrations")).get_heads())


@door(monitors)
def metrics() -> Response:
    return Response(generate_latest(_written(measures(now=now()))), content_type=CONTENT_TYPE_LATEST)


def _written(found: Measures) -> CollectorRegistry:
    registry = CollectorRegistry()
    _texts(registry, found.texts)
    _by(
        registry,
        "provider_referrals",
        "Open referrals; ended ones received in the last day",
        "status",
        found.referrals,
    )
    _by(registry, "provider_alarms", "Alarms that stand", "kind", found.alarms)
    waiting = found.links_waiting
    _by(registry, "provider_links_waiting", "People without a link to join by yet", "within", waiting)
    ages = {job: age.total_seconds() for job, age in found.jobs.items()}
    _by(registry, "provider_job_age_seconds", "Since a job last did its work", "job", ages)
    for name, what, value in (
        ("provider_events_unnumbered", "Compliance events that nobody has read yet", found.events_unnumbered),
        ("provider_notices_waiting", "Compliance events not yet taken by an endpoint", found.notices_waiting),
        ("provider_tasks_waiting", "Work that waits for a person", found.tasks_waiting),
        ("provider_tasks_late", "Work that waits for a person and is overdue", found.tasks_late),
        ("provider_callbacks_waiting", "What machines sent and no job has acted on", found.callbacks_waiting),
    ):
        Gauge(name, what, registry=registry).set(value)
    age = found.heartbeat_age.total_seconds() if found.heartbeat_age is not None else float("inf")
    Gauge("provider_worker_heartbeat_age_seconds", "Since a worker last beat", registry=registry).set(age)
    return registry


def _texts(registry: CollectorRegistry, texts: TextMeasures) -> None:
    for name, what, label, counts in (
        ("provider_texts", "Texts on their way; settled ones of the last day", "state", texts.states),
        (
            "provider_texts_failed",
            "Of those, what did not arrive, by what is to be done",
            "action",
            texts.failed,
        ),
        ("provider_text_senders", "What texts go out by", "state", texts.senders),
        ("provider_redactions", "Words to be taken from the network", "state", texts.redactions),
    ):
        _by(registry, name, what, label, counts)
    Gauge("provider_texts_due", "Texts whose time has come", registry=registry).set(texts.due)
    oldest = Gauge(
        "provider_texts_oldest_due_age_seconds", "How long the first has waited", registry=registry
    )
    oldest.set(texts.oldest_due_age.total_seconds())


def _by(registry: CollectorRegistry, name: str, what: str, label: str, counts: Mapping[str, float]) -> None:
    gauge = Gauge(name, what, [label], registry=registry)
    for value, count in counts.items():
        gauge.labels(value).set(count)
