"""Who asks, by the key they show; what their key may do; how often; and the force's own records, nobody else's."""

from __future__ import annotations

import re
from typing import cast

from flask import g, request
from sqlalchemy.exc import OperationalError

from provider.domain.accounts.secrets import token_hash
from provider.domain.forces.endpoints import find_endpoint
from provider.domain.forces.idempotency import PATIENCE, InFlight
from provider.domain.forces.keys import KeyHolder, holder_of, note_use
from provider.domain.forces.models import WebhookEndpoint
from provider.domain.forces.rate_limits import Counted, count_up_to, count_use
from provider.domain.referrals.models import Referral
from provider.domain.referrals.queries import find_referral
from provider.kernel.actors import Actor
from provider.kernel.addresses import network_of
from provider.kernel.database import each_by_itself, gave_up_waiting
from provider.kernel.errors import NotFound
from provider.kernel.references import normal_reference
from provider.web.api.problems import Problem
from provider.web.api.too_large import LARGEST, too_large
from provider.web.context import now, settings

PREFIX = "/api/v1"
_ENDPOINT_ID = re.compile(r"whe_[0-9a-f]{24}", re.ASCII)


def holder() -> KeyHolder:
    """Who asks. Only behind a door that asked for a key."""
    return cast("KeyHolder", g.key_holder)


def force_id() -> int:
    return holder().force_id


def by() -> Actor:
    return Actor("key", holder().key_id)


def let_in(scope: str, *, own_limit: tuple[str, int] | None = None, once: bool = False) -> None:
    """Authentication, then scope, then how often, then how much. Raises Problem.

    ``own_limit`` names a count of its own and how many a minute that allows; ``once`` says that the request has an
    Idempotency-Key.
    """
    try:
        with each_by_itself(wait=PATIENCE):
            name, most = own_limit or ("requests", settings().api_rate_limit)
            g.key_holder = _holder(counted_as=name)
            _check_scope(scope)
            _count(min(most, settings().api_rate_limit))
    except OperationalError as error:
        # SQLite's only writer may be this request's own twin: then it is already here that it waits.
        if once and gave_up_waiting(error):
            raise InFlight from error
        raise
    if (request.content_length or 0) > LARGEST:
        raise too_large()


def authenticate_unrouted() -> None:
    """Also an address that is none, or a method it does not know, is answered to who has a key alone."""
    if (
        request.endpoint is None
        and request.path.startswith(f"{PREFIX}/")
        and request.path != f"{PREFIX}/openapi.json"
    ):
        with each_by_itself(wait=PATIENCE):
            _holder(counted_as="requests")


def _holder(*, counted_as: str) -> KeyHolder:
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    key = sent.strip() if scheme.lower() == "bearer" else ""
    found = holder_of(token_hash(key), now=now(), counted_as=counted_as) if key else None
    if found is not None:
        return found
    if key:
        _count_wrong_key()
    raise Problem(
        401,
        "unauthenticated",
        "Unauthorized",
        "Send a key that is live, as Authorization: Bearer <key>.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _count_wrong_key() -> None:
    """Twice as many wrong keys a minute from one address as a right one may ask: who tries more is told to wait.

    A right key is let in all the same, because several forces may stand behind one address.
    """
    network, most = network_of(request.remote_addr or ""), 2 * settings().api_rate_limit
    used = count_up_to(most, f"wrong key:{network}", now=now())
    if used.count > most:
        raise _too_many(used)


def _check_scope(scope: str) -> None:
    if scope not in holder().scopes:
        challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
        raise Problem(403, "insufficient_scope", "Forbidden", f"This key lacks {scope}.", headers=challenge)


def _count(most: int) -> None:
    """Counted before and apart from what is asked: a refusal does not give it back, and writes nothing more."""
    used = holder().used
    if used is None or used.count <= most:
        used = count_use(holder().window, now=now())
        note_use(holder(), now=now())
    if used.count > most:
        raise _too_many(used)


def _too_many(used: Counted) -> Problem:
    wait = {"Retry-After": str(used.seconds_left(now()))}
    return Problem(429, "rate_limited", "Too Many Requests", "Slow down.", headers=wait)


def own_referral(reference: str) -> Referral:
    """One of the force's referrals. Raises NotFound, alike for one that is missing and one of another force."""
    known = normal_reference(reference)
    referral = find_referral(known, force_id=force_id()) if known is not None else None
    if referral is None:
        raise NotFound
    return referral


def own_endpoint(public_id: str) -> WebhookEndpoint:
    """One of the force's endpoints. Raises NotFound."""
    endpoint = find_endpoint(public_id, force_id=force_id()) if _ENDPOINT_ID.fullmatch(public_id) else None
    if endpoint is None:
        raise NotFound
    return endpoint
