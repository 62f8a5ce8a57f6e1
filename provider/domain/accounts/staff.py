"""Accounts are made, closed and opened again, and given new passwords."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import OF_A_FORCE, Role
from provider.domain.accounts.secrets import SecretBox
from provider.domain.accounts.sign_in import end_all_sessions, hash_password
from provider.kernel.database import db
from provider.kernel.errors import Refusal

SHORTEST_PASSWORD = 12
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class EmailTaken(Refusal):
    code = "email_taken"
    sentence = "Somebody has an account with this e-mail address already."


class EmailNotOne(Refusal):
    code = "email_not_one"
    sentence = "Enter an e-mail address, like name@example.org."


class ForceNeeded(Refusal):
    code = "force_needed"
    sentence = "An officer or force administrator belongs to a force: say which."


class ForceNotWanted(Refusal):
    code = "force_not_wanted"
    sentence = "Only officers and force administrators belong to a force."


class PasswordTooShort(Refusal):
    code = "password_too_short"
    sentence = f"A password has at least {SHORTEST_PASSWORD} characters."


@dataclass(frozen=True)
class NewAccount:
    """Who gets an account. ``force_id`` is for people of a force, and only for them."""

    email: str
    name: str
    role: Role
    force_id: int | None = None
    collar_number: str | None = None


def add_account(new: NewAccount, *, password: str, now: datetime) -> Account:
    """Make an account. Raises EmailNotOne, EmailTaken, ForceNeeded, ForceNotWanted or PasswordTooShort."""
    email = new.email.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise EmailNotOne
    if (new.role in OF_A_FORCE) != (new.force_id is not None):
        raise ForceNeeded if new.force_id is None else ForceNotWanted
    if db.session.scalar(sa.select(Account.id).where(Account.email == email)) is not None:
        raise EmailTaken
    account = Account(
        email=email,
        name=new.name.strip()[:100],
        role=new.role,
        force_id=new.force_id,
        collar_number=new.collar_number,
        password_hash=hash_password(good_password(password)),
        created_at=now,
    )
    db.session.add(account)
    db.session.flush()
    return account


def good_password(password: str) -> str:
    """The password, where it is long enough. Raises PasswordTooShort."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    return password


def new_password() -> str:
    """A password nobody can guess, to be shown once: 120 random bits."""
    return secrets.token_urlsafe(15)


def give_second_factor(account: Account, *, box: SecretBox) -> str:
    """Give the account a new second factor, and answer its secret, to be shown once."""
    secret = pyotp.random_base32()
    account.totp_secret = box.seal(secret)
    return secret


def otpauth_uri(secret: str, *, email: str, service_name: str) -> str:
    """What an authenticator app reads, typed or as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=service_name)


def change_password(account: Account, password: str, *, now: datetime) -> None:
    """Give a new password; whoever is signed in by the old one no longer is. Raises PasswordTooShort."""
    account.password_hash = hash_password(good_password(password))
    account.failed_sign_ins, account.locked_until = 0, None
    end_all_sessions(account.id, now=now)


def set_active(account: Account, active: bool, *, now: datetime) -> None:
    """Open or close an account; one that is closed is signed out everywhere."""
    account.active = active
    if not active:
        end_all_sessions(account.id, now=now)
