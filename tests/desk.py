"""What a person does at the desk in a browser: sign in, open a page, send the form that is on it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.submission import parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import receiving
from tests.builders import PASSWORD, World, referral_body


def csrf_of(client: FlaskClient, path: str) -> str:
    """The token in the forms of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, f"{path} has no form"
    return found.group(1)


def sign_in(
    client: FlaskClient, world: World, who: str, *, path: str = "/sign-in", **changes: str
) -> TestResponse:
    """Sign in as the account ``who``; the answer to the password."""
    form = {"email": world.emails[who], "password": PASSWORD, **changes}
    page = client.get(path).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return client.post(path, data={**hidden, **form})


def send(client: FlaskClient, page: str, to: str | None = None, /, **form: Any) -> TestResponse:
    """Open ``page`` and send a form from it ``to`` an address, the page's own unless said."""
    return client.post(to or page, data={"csrf_token": csrf_of(client, page), **form})


def refer(app: Flask, world: World, *, force: str = "midshire", **changes: Any) -> str:
    """A referral as the force's system sends it, received now; its reference."""
    now = app.extensions["clock"].now()
    with app.app_context(), transaction():
        schemes = schemes_of(world.forces[force], at=now)
        submission = parse_submission(referral_body(**changes), schemes=receiving.facts_of(schemes), now=now)
        received = receiving.receive(
            submission,
            force_id=world.forces[force],
            warnings=warnings_of(submission),
            received_by="api",
            by=Actor("key", 1),
            now=now,
        )
    return received.reference


def somebody(number: int, **more: Any) -> dict[str, Any]:
    """A person of a body who is nobody else: name, birthday and mobile all differ by ``number``."""
    letters = f"{chr(97 + number // 26 % 26)}{chr(97 + number % 26)}"
    born = date(1990, 1, 1) + timedelta(days=number * 37)
    return {
        "given_name": f"Per{letters}",
        "family_name": f"Son{letters[::-1]}",
        "date_of_birth": born.isoformat(),
        "mobile": f"07700 900{number % 1000:03}",
        **more,
    }


def referral_of(app: Flask, reference: str) -> Referral:
    with app.app_context():
        return db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()


def case_of(app: Flask, reference: str) -> Case:
    with app.app_context():
        found = (
            sa.select(Case).join(Referral, Referral.case_id == Case.id).where(Referral.reference == reference)
        )
        return db.session.scalars(found).one()


def section(page: str, name: str) -> str:
    """The part of a page with this id."""
    found = re.search(rf'<section[^>]* id="{name}".*?</section>', page, re.DOTALL)
    assert found, f"the page has no section {name}"
    return found.group(0)
