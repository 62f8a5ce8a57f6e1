"""``flask --app provider accounts …``: people who sign in."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask import Flask

from provider.commands.door import Commands, recorded, secret_box, settings
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import OF_A_FORCE, Role
from provider.domain.accounts.staff import NewAccount, new_password, otpauth_uri
from provider.domain.forces.models import Force
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db
from provider.kernel.errors import NotFound
from provider.pathway import staffing
from provider.pathway.commissioning import force_of

accounts = Commands("accounts", help="Accounts of staff and of officers.")


def register(app: Flask) -> None:
    app.cli.add_command(accounts)


@accounts.command("add")
@click.option("--email", prompt="E-mail address")
@click.option("--name", prompt="Name")
@click.option("--role", prompt="Role", type=click.Choice([role.value for role in Role]))
@click.option("--force", help="Code of the force, for its officers and administrators.")
@click.option("--collar-number", help="Of an officer.")
@click.option("--ask-password", is_flag=True, help="Ask for a password instead of making one.")
@click.option(
    "--second-factor",
    is_flag=True,
    help="Give a second factor too, and print what an authenticator app reads.",
)
def add(
    email: str,
    name: str,
    role: str,
    force: str | None,
    collar_number: str | None,
    ask_password: bool,
    second_factor: bool,
) -> None:
    """Make an account. A password is made and shown once, unless you ask to type one."""
    if Role(role) in OF_A_FORCE and force is None:
        force = click.prompt("Code of the force")
    asked = click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask_password else None
    password = asked or new_password()
    with recorded("accounts add") as moment:
        force_id = force_of(force).id if force else None
        new = NewAccount(email, name, Role(role), force_id, collar_number)
        account = staffing.add_account(new, password=password, by=SYSTEM, now=moment)
        secret = None
        if second_factor:
            secret = staffing.give_second_factor(account.id, box=secret_box(), by=SYSTEM, now=moment)
    click.echo(f"Added {account.email} as {role.replace('_', ' ')}.")
    if asked is None:
        click.echo(f"Password, shown this once: {password}")
    if secret is not None:
        click.echo(f"Second factor, shown this once: {secret}")
        click.echo(otpauth_uri(secret, email=account.email, service_name=settings().service_name))


@accounts.command("list")
def show() -> None:
    """Every account, by role and name."""
    rows = db.session.execute(
        sa.select(Account.email, Account.name, Account.role, Account.active, Account.totp_secret, Force.code)
        .outerjoin(Force, Force.id == Account.force_id)
        .order_by(Account.role, Account.name, Account.id)
    )
    for row in rows:
        marks = ["second factor"] * bool(row.totp_secret) + ["closed"] * (not row.active)
        where = f" of {row.code}" if row.code else ""
        click.echo(f"{row.role + where:<34} {row.email:<40} {row.name}{'  · '.join(['', *marks])}")


@accounts.command("end-sessions")
@click.argument("email")
def end_sessions(email: str) -> None:
    """Sign somebody out everywhere."""
    with recorded("accounts end-sessions") as moment:
        staffing.sign_out_everywhere(_id_of(email), by=SYSTEM, now=moment)
    click.echo(f"{email} is signed out everywhere.")


@accounts.command("new-password")
@click.argument("email")
def give_password(email: str) -> None:
    """Give somebody a new password, shown once; they are signed out everywhere."""
    with recorded("accounts new-password") as moment:
        password = staffing.give_password(_id_of(email), by=SYSTEM, now=moment)
    click.echo(f"Password of {email}, shown this once: {password}")


@accounts.command("close")
@click.argument("email")
def close(email: str) -> None:
    """Let nobody sign in by an account any more; what its holder did stays."""
    with recorded("accounts close") as moment:
        staffing.close_account(_id_of(email), by=SYSTEM, now=moment)
    click.echo(f"{email} is closed.")


def _id_of(email: str) -> int:
    """Raises NotFound."""
    found = db.session.scalar(sa.select(Account.id).where(Account.email == email.strip().lower()))
    if found is None:
        raise NotFound
    return found
