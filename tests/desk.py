"""What a person does at the desk in a browser: sign in, open a page, send the form that is on it."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import PASSWORD, World


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


def send(client: FlaskClient, page: str, to: str | None = None, **form: Any) -> TestResponse:
    """Open ``page`` and send a form from it ``to`` an address, the page's own unless said."""
    return client.post(to or page, data={"csrf_token": csrf_of(client, page), **form})
