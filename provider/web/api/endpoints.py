"""Where a force's events are sent: added with a secret that is shown once, listed, tested, replayed, removed."""

from __future__ import annotations

from flask import Response

from provider.domain.compliance.replaying import Replay
from provider.domain.forces.endpoints import NewEndpoint, endpoints_of, parse_endpoint
from provider.kernel.database import transaction
from provider.kernel.errors import FieldError, Invalid
from provider.kernel.parsing import parse
from provider.pathway import subscribing
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
    made = subscribing.subscribe(force_id(), asked, box=secret_box(), by=by(), now=now())
    return Made(answers.EndpointWithSecret.model_validate(made), f"{PREFIX}/webhook-endpoints")


def list_webhook_endpoints() -> Response:
    return reply(answers.Endpoints.model_validate({"endpoints": endpoints_of(force_id())}))


def remove_webhook_endpoint(id: str) -> Response:  # noqa: A002
    with transaction():
        subscribing.unsubscribe(own_endpoint(id), by=by(), now=now())
    return Response(status=204)


def test_webhook_endpoint(id: str) -> Response:  # noqa: A002
    """A test notice is sent soon; one that gets through makes a failing or disabled endpoint active again."""
    with transaction():
        endpoint = own_endpoint(id)
        subscribing.ask_for_test(endpoint, by=by(), now=now())
    return reply(answers.Endpoint.model_validate(endpoint), 202)


def change_webhook_secret(id: str) -> Response:  # noqa: A002
    """A new secret, shown this once; for 24 hours the old one signs too."""
    with transaction():
        changed = subscribing.change_secret(own_endpoint(id), box=secret_box(), by=by(), now=now())
    return reply(answers.EndpointWithSecret.model_validate(changed))


def replay_webhook_endpoint(id: str, sent: object) -> Response:  # noqa: A002
    """Everything from there on is sent again, in order and under the same ids, whatever the endpoint's state."""
    with transaction():
        endpoint = own_endpoint(id)
        place = subscribing.place_of(parse(Replay, sent).start, endpoint=endpoint)
        if place is None:
            raise Invalid([FieldError("/from", "invalid", "There is no such event of yours.")])
        subscribing.replay(endpoint, place, by=by(), now=now())
        events = subscribing.events_from(place, endpoint=endpoint)
    again = answers.Endpoint.model_validate(endpoint)
    return reply(answers.Replayed(public_id=again.id, url=again.url, state=again.state, events=events), 202)
