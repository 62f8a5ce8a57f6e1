"""People join, leave, and are signed out: who did it, and to whom, is kept in the trail."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts import staff
from provider.domain.accounts.models import Account
from provider.domain.accounts.secrets import SecretBox
from provider.domain.accounts.sign_in import end_all_sessions
from provider.domain.accounts.staff import NewAccount
from provider.domain.audit.trail import record
from provider.domain.diary.turns import hold_diary
from provider.domain.referrals.drafts import discard_drafts_of
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal
from provider.pathway.facilitating import stand_down_from_all
from provider.pathway.linking import end_link


class OwnAccount(Refusal):
    code = "own_account"
    sentence = "You cannot close your own account. Ask another administrator."


def add_account(new: NewAccount, *, password: str, by: Actor, now: datetime) -> Account:
    """Make an account. Raises what ``staff.add_account`` raises."""
    account = staff.add_account(new, password=password, now=now)
    record("account.added", "account", account.id, by=by, now=now, role=str(new.role))
    return account


def give_second_factor(account_id: int, *, box: SecretBox, by: Actor, now: datetime) -> str:
    """A new second factor; answers its secret, to be shown once. Raises NotFound."""
    secret = staff.give_second_factor(_account(account_id), box=box)
    record("account.second_factor_given", "account", account_id, by=by, now=now)
    return secret


def give_password(account_id: int, *, by: Actor, now: datetime) -> str:
    """A new password, answered to be shown once; whoever was signed in no longer is. Raises NotFound."""
    password = staff.new_password()
    staff.change_password(_account(account_id), password, now=now)
    record("account.password_given", "account", account_id, by=by, now=now)
    return password


def sign_out_everywhere(account_id: int, *, by: Actor, now: datetime) -> None:
    """End every session of an account, what was typed in them and not sent, and its calendar link. Raises NotFound."""
    end_all_sessions(_account(account_id).id, now=now)
    discard_drafts_of(account_id)
    end_link(account_id, by=by, now=now)
    record("account.signed_out", "account", account_id, by=by, now=now)


def close_account(account_id: int, *, by: Actor, now: datetime) -> None:
    """Nobody signs in by it any more, no calendar reads, and nobody is booked with its holder; what they did stays.

    They run no session that is to come. Calls that are booked stand until a team lead has spread them. Raises NotFound,
    OwnAccount.
    """
    if by == Actor("account", account_id):
        raise OwnAccount
    hold_diary(account_id)
    staff.set_active(_account(account_id), False, now=now)
    discard_drafts_of(account_id)
    left = stand_down_from_all(account_id, because="Account closed", now=now)
    end_link(account_id, by=by, now=now)
    record("account.closed", "account", account_id, by=by, now=now, sessions=len(left))


def open_account(account_id: int, *, by: Actor, now: datetime) -> None:
    """Let its holder sign in again, and be booked with by the hours they had. Raises NotFound."""
    staff.set_active(_account(account_id), True, now=now)
    record("account.opened", "account", account_id, by=by, now=now)


def _account(account_id: int) -> Account:
    """Held in a way that lets others point at it: whoever writes of it does not wait."""
    found = db.session.scalars(
        sa.select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
