"""Passwords, second factors, and sessions that are kept here and can be ended here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import pyotp
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from provider.domain.accounts.models import Account, SignInSession
from provider.domain.accounts.roles import Permission, Role, may
from provider.domain.accounts.secrets import SecretBox, new_token, token_hash
from provider.kernel.actors import Actor
from provider.kernel.database import db

SESSION_LENGTH = timedelta(hours=12)
IDLE_LENGTH = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=5)
TRIES_BEFORE_LOCK = 5
LOCK_LENGTH = timedelta(minutes=15)

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODYS_HASH = _hasher.hash("nobody has this password")


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, for the length of a request. ``force_id`` is set for people of a force alone."""

    session_id: int
    token: str
    account_id: int
    name: str
    email: str
    role: Role
    force_id: int | None
    collar_number: str | None
    last_seen_at: datetime

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token

    def may(self, permission: Permission | str) -> bool:
        return may(self.role, Permission(permission))

    @property
    def actor(self) -> Actor:
        return Actor("account", self.account_id)


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def check_password(email: str, password: str, *, now: datetime) -> Account | None:
    """The account, if e-mail and password are right and it is not locked. Needs a transaction.

    A wrong answer is counted and committed; the fifth locks the account for a while. Takes as long for an unknown
    e-mail as for a wrong password.
    """
    account = db.session.scalars(
        sa.select(Account).where(Account.email == email.strip().lower())
    ).one_or_none()
    right = _verify(account.password_hash if account is not None else _NOBODYS_HASH, password)
    if (
        account is None
        or not account.active
        or (account.locked_until is not None and account.locked_until > now)
    ):
        return None
    if right:
        return account
    _count_failure(account, now=now)
    return None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def awaiting_code(account_id: int, *, now: datetime) -> Account | None:
    """The account whose password was right just now, unless it was closed or locked since. Needs a transaction."""
    account = db.session.get(Account, account_id, populate_existing=True)
    locked = account is not None and account.locked_until is not None and account.locked_until > now
    return None if account is None or locked or not account.active else account


def check_code(account: Account, code: str, *, box: SecretBox, now: datetime) -> bool:
    """Whether the six digits are right now (or were, or will be, 30 seconds away), and were not used before.

    A wrong one counts towards the lock.
    """
    if account.totp_secret is None:
        return True
    step = _step_of(code.replace(" ", ""), pyotp.TOTP(box.open(account.totp_secret)), now=now)
    if step is None or (account.totp_step is not None and step <= account.totp_step):
        _count_failure(account, now=now)
        return False
    account.totp_step = step
    return True


def _step_of(code: str, clock: pyotp.TOTP, *, now: datetime) -> int | None:
    """Which of the half minutes around now these digits belong to."""
    near = (
        offset
        for offset in (-1, 0, 1)
        if compare_digest(code.encode(), clock.at(now, counter_offset=offset).encode())
    )
    offset = next(near, None)
    return None if offset is None else clock.timecode(now) + offset


def _count_failure(account: Account, *, now: datetime) -> None:
    account.failed_sign_ins += 1
    if account.failed_sign_ins >= TRIES_BEFORE_LOCK:
        account.failed_sign_ins = 0
        account.locked_until = now + LOCK_LENGTH


def open_session(account: Account, *, now: datetime) -> str:
    """Sign the account in and return the token that the browser keeps."""
    account.failed_sign_ins = 0
    account.locked_until = None
    token = new_token()
    db.session.add(
        SignInSession(
            token_hash=token_hash(token),
            account_id=account.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + SESSION_LENGTH,
        )
    )
    return token


def read_session(token: str, *, now: datetime) -> SignedIn | None:
    """Who the token belongs to, while its session is live and the account active. Reads only."""
    row = db.session.execute(
        sa.select(SignInSession, Account)
        .join(Account, Account.id == SignInSession.account_id)
        .where(SignInSession.token_hash == token_hash(token))
    ).one_or_none()
    if row is None:
        return None
    live, account = row
    over = live.ended_at is not None or live.expires_at <= now or live.last_seen_at + IDLE_LENGTH <= now
    if over or not account.active:
        return None
    return SignedIn(
        session_id=live.id,
        token=token,
        account_id=account.id,
        name=account.name,
        email=account.email,
        role=Role(account.role),
        force_id=account.force_id,
        collar_number=account.collar_number,
        last_seen_at=live.last_seen_at,
    )


def keep_alive(session_id: int, *, now: datetime) -> bool:
    """Note that the session is in use, at most once in a few minutes; answers whether it wrote. Needs a transaction."""
    seen = db.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.last_seen_at < now - SEEN_EVERY)
        .values(last_seen_at=now)
        .returning(SignInSession.id)
    )
    return seen.first() is not None


def end_session(session_id: int, *, now: datetime) -> None:
    db.session.execute(sa.update(SignInSession).where(SignInSession.id == session_id).values(ended_at=now))


def end_all_sessions(account_id: int, *, now: datetime) -> None:
    """Sign an account out everywhere."""
    db.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )
