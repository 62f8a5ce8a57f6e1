"""Where a force's events are sent: added with a secret that is shown once, listed, tested, removed."""

from __future__ import annotations

from flask import Response

from provider.domain.audit.trail import record
from provider.domain.compliance.feed import number
from provider.domain.forces.endpoints import (
    NewEndpoint,
    add_endpoint,
    ask_for_test,
    endpoints_of,
    new_secret,
    parse_endpoint,
    remove_endpoint,
)
from provider.kernel.database import transaction
from provider.web.api import answers
from provider.web.api.access import PREFIX, by, force_id, own_endpoint
from provider.web.api.once import Made, once
from provider.web.api.replies import reply
from provider.web.context import now, secret_box, settings


def add_webhook_endpoint(sent: object) -> Response:
    return once("add_webhook_endpoint", sent, parse=_parse, act=_add)


def _parse(sent: object) -> NewEndpoint:
    return parse_endpoint(sent, public_only=settings().production)


def _add(asked: NewEndpoint) -> Made:
    """What happened before is numbered first: the endpoint is sent what happens from now on."""
    number(force_id())
    secret = new_secret()
    made = add_endpoint(force_id(), url=asked.url, sealed_secret=secret_box().seal(secret), now=now())
    record("endpoint.added", "endpoint", made.id, by=by(), now=now())
    answer = answers.EndpointWithSecret(id=made.public_id, url=made.url, state="active", secret=secret)
    return Made(answer, f"{PREFIX}/webhook-endpoints")


def list_webhook_endpoints() -> Response:
    return reply(answers.Endpoints.model_validate({"endpoints": endpoints_of(force_id())}))


def remove_webhook_endpoint(id: str) -> Response:  # noqa: A002
    with transaction():
        endpoint = own_endpoint(id)
        remove_endpoint(endpoint, now=now())
        record("endpoint.removed", "endpoint", endpoint.id, by=by(), now=now())
    return Response(status=204)


def test_webhook_endpoint(id: str) -> Response:  # noqa: A002
    """A test notice is sent soon; one that gets through makes a failing or disabled endpoint active again."""
    with transaction():
        endpoint = own_endpoint(id)
        ask_for_test(endpoint, now=now())
        record("endpoint.tested", "endpoint", endpoint.id, by=by(), now=now())
    return reply(answers.Endpoint.model_validate(endpoint), 202)
