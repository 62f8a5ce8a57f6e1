"""Accounts from the command line."""

from __future__ import annotations

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.accounts.models import Account, SignInSession
from provider.domain.accounts.sign_in import check_code, check_password, open_session
from provider.kernel.database import db, transaction
from provider.web.context import secret_box
from tests.builders import build_world, count
from tests.commands.running import run
from tests.fakes import A_TUESDAY

ADD = ("accounts", "add", "--email", "New@Provider.example", "--name", "New Worker", "--role", "drug_worker")


def shown(output: str, what: str) -> str:
    return next(line for line in output.splitlines() if line.startswith(what)).partition(": ")[2]


def test_a_password_is_made_and_shown_once(app: Flask) -> None:
    result = run(app, *ADD)
    assert result.exit_code == 0
    with app.app_context():
        with transaction():
            account = check_password("new@provider.example", shown(result.output, "Password"), now=A_TUESDAY)
        assert account is not None
        assert (account.role, account.name) == ("drug_worker", "New Worker")
        assert count("audit_entries", action="account.added") == 1
        assert count("audit_entries", action="command.run") == 1


def test_a_password_can_be_typed(app: Flask) -> None:
    long_enough = "quite a long password"
    result = run(app, *ADD, "--ask-password", answers=f"{long_enough}\n{long_enough}\n")
    assert long_enough not in result.output
    with app.app_context(), transaction():
        assert check_password("new@provider.example", long_enough, now=A_TUESDAY) is not None


def test_a_second_factor_is_printed_as_apps_read_it(app: Flask) -> None:
    result = run(app, *ADD, "--second-factor")
    secret = shown(result.output, "Second factor")
    assert f"secret={secret}" in result.output
    with app.app_context(), transaction():
        account = db.session.scalars(sa.select(Account)).one()
        assert account.totp_secret not in (None, secret)
        assert check_code(account, pyotp.TOTP(secret).at(A_TUESDAY), box=secret_box(), now=A_TUESDAY)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--email", "drug_worker@provider.example", "--role", "drug_worker"), "has an account"),
        (("--email", "nobody", "--role", "drug_worker"), "Enter an e-mail address"),
        (("--email", "x@y.example", "--role", "drug_worker", "--force", "midshire"), "Only officers"),
        (("--email", "x@y.example", "--role", "officer", "--force", "nowhere"), "no such record"),
        (("--email", "x@y.example", "--role", "king"), "king"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(app: Flask, arguments: tuple[str, ...], sentence: str) -> None:
    build_world(app)
    with app.app_context():
        before = count("accounts")
    result = run(app, "accounts", "add", "--name", "X", *arguments)
    assert result.exit_code != 0
    assert sentence in result.output
    with app.app_context():
        assert count("accounts") == before


def test_an_officer_belongs_to_a_force(app: Flask) -> None:
    world = build_world(app)
    arguments = ("--email", "pc@midshire.example", "--name", "PC", "--role", "officer", "--force", "midshire")
    assert run(app, "accounts", "add", *arguments, "--collar-number", "77").exit_code == 0
    with app.app_context():
        account = db.session.scalars(sa.select(Account).where(Account.collar_number == "77")).one()
        assert account.force_id == world.forces["midshire"]


def test_sessions_are_ended_and_accounts_closed(app: Flask) -> None:
    world = build_world(app)
    with app.app_context(), transaction():
        open_session(db.session.get_one(Account, world.accounts["drug_worker"]), now=A_TUESDAY)
    assert run(app, "accounts", "end-sessions", world.emails["drug_worker"]).exit_code == 0
    with app.app_context():
        assert db.session.scalars(sa.select(SignInSession.ended_at)).all() == [A_TUESDAY]
    assert run(app, "accounts", "close", world.emails["drug_worker"]).exit_code == 0
    assert "closed" in run(app, "accounts", "list").output
    assert run(app, "accounts", "end-sessions", "nobody@provider.example").exit_code == 1
