"""What the service needs beside its settings: a database at the newest schema, a worker, secrets that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from provider.caseload.text_senders import senders_now
from provider.commands.checks.finding import Finding, State
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Role
from provider.domain.accounts.secrets import SecretBox
from provider.domain.courses.kinds import running_courses
from provider.domain.forces.models import Force, WebhookEndpoint
from provider.domain.messaging.forbidden import forbidden_in
from provider.domain.schemes.queries import schemes_of
from provider.kernel.database import db
from provider.reporting.readiness import Readiness, readiness
from provider.web.health.views import heads


def installation_findings(*, box: SecretBox, now: datetime) -> Iterator[Finding]:
    """Looks no further than the first thing that keeps the rest from being looked at."""
    found = readiness(heads=heads(), now=now)
    if not found.database:
        yield Finding("database", State.WRONG, "It does not answer: is it running, and DATABASE_URL right?")
        return
    yield Finding("database", State.OK, f"It answers ({db.engine.dialect.name}).")
    if not found.schema:
        yield Finding("schema", State.WRONG, "It is not the newest: flask --app provider db upgrade")
        return
    yield Finding("schema", State.OK, "It is the newest.")
    yield _worker(found)
    if found.paused_since is not None:
        yield Finding("paused", State.DOUBTFUL, "A restored copy: nothing is sent until worker --resume.")
    yield _secrets(box)
    yield from _schemes(now)
    yield from _topics()
    yield from _senders()
    yield _administrator()


def _worker(found: Readiness) -> Finding:
    if found.worker:
        return Finding("worker", State.OK, "It is at work.")
    since = "has never run" if found.heartbeat_age is None else f"was last heard {found.heartbeat_age} ago"
    return Finding(
        "worker", State.WRONG, f"It {since}: no text and no notice leaves. flask --app provider worker"
    )


def _secrets(box: SecretBox) -> Finding:
    """Whether what was encrypted can still be read by DATA_KEYS."""
    sealed = [
        *db.session.scalars(sa.select(Account.totp_secret).where(Account.totp_secret.is_not(None)).limit(20)),
        *db.session.scalars(
            sa.select(WebhookEndpoint.secret).where(WebhookEndpoint.removed_at.is_(None)).limit(20)
        ),
    ]
    try:
        for secret in sealed:
            box.open(secret or "")
    except InvalidToken:
        words = "DATA_KEYS cannot read what was encrypted: was a key taken away?"
        return Finding("encrypted secrets", State.WRONG, words)
    return Finding("encrypted secrets", State.OK, "DATA_KEYS can read them.")


def _schemes(now: datetime) -> Iterator[Finding]:
    """A scheme's neutral name stands in its texts."""
    forces = db.session.scalars(sa.select(Force).order_by(Force.code)).all()
    if not forces:
        yield Finding("forces", State.DOUBTFUL, "There is none: flask --app provider forces add")
    for force in forces:
        schemes = schemes_of(force.id, at=now).values()
        words = [word for scheme in schemes for _, word in forbidden_in(scheme.terms.service_name)]
        if words:
            yield Finding(force.code, State.WRONG, f"“{words[0]}” stands in a scheme's name for texts.")
        elif not schemes:
            yield Finding(force.code, State.DOUBTFUL, "It has no scheme: nobody can be referred.")
        else:
            yield Finding(force.code, State.OK, f"Schemes: {', '.join(scheme.rule for scheme in schemes)}.")


def _topics() -> Iterator[Finding]:
    """What a course is called is said to people, and stands on the screen of whoever joins."""
    for course in running_courses():
        for name in dict.fromkeys((course.name, course.neutral_name)):
            words = forbidden_in(name)
            if words:
                yield Finding(
                    "course", State.WRONG, f"“{words[0][1]}” stands in the name of a course: {name}"
                )


def _senders() -> Iterator[Finding]:
    """One that is no number cannot be answered; one that rests has trouble at the moment."""
    for sender in senders_now():
        if sender.rests_since is not None:
            words = f"It rests since {sender.rests_since:%F %H:%M}Z: {sender.rests_because}."
            yield Finding(sender.address, State.DOUBTFUL, words)
        elif sender.address[:1] != "+" and not sender.address.startswith(("MG", "sandbox")):
            yield Finding(sender.address, State.DOUBTFUL, "A name takes no replies.")


def _administrator() -> Finding:
    some = sa.select(Account.id).where(Account.active, Account.role == Role.ADMINISTRATOR).limit(1)
    if db.session.scalar(some) is None:
        return Finding("administrator", State.DOUBTFUL, "There is none: flask --app provider accounts add")
    return Finding("administrator", State.OK, "There is one.")
