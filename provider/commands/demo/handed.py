"""What the demo hands out: ``instance/demo.json``, for our own eyes only. What is in it already is kept."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from config import ROOT, Settings
from provider.commands.demo.stage import CAST, Part
from provider.commands.door import write_private
from provider.domain.accounts import staff
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import OF_A_FORCE
from provider.domain.accounts.secrets import SecretBox
from provider.domain.accounts.staff import NewAccount, new_password
from provider.domain.forces.endpoints import add_endpoint, endpoints_of, new_secret, remove_endpoint
from provider.domain.forces.keys import holder_of
from provider.domain.messaging.links import find_link, new_link
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db
from provider.kernel.tokens import token_hash
from provider.pathway.commissioning import end_old_keys, issue_key
from provider.pathway.staffing import add_account, give_second_factor

DEMO = ROOT / "instance" / "demo.json"
Handed = dict[str, Any]


def read_handed(path: Path) -> Handed:
    """What was handed out before, or nothing."""
    return dict(json.loads(path.read_text())) if path.exists() else {}


def write_handed(path: Path, handed: Handed) -> None:
    write_private(path, (json.dumps(handed, indent=2) + "\n").encode())


def hand_out_accounts(before: Handed, forces: dict[str, int], *, box: SecretBox, now: datetime) -> Handed:
    """Give everybody of the cast an account by the passwords that were handed out, or by new ones."""
    known = {one["email"]: one for one in [*before.get("staff", []), *before.get("officers", [])]}
    handed: Handed = {"staff": [], "officers": []}
    for part in CAST:
        line = _account(part, known.get(part.email, {}), forces, box=box, now=now)
        handed["officers" if part.role in OF_A_FORCE else "staff"].append(line)
    return handed


def _account(part: Part, before: Handed, forces: dict[str, int], *, box: SecretBox, now: datetime) -> Handed:
    account = db.session.scalars(sa.select(Account).where(Account.email == part.email)).one_or_none()
    password, secret = before.get("password"), before.get("totp_secret")
    if account is None or not password:
        password = password or new_password()
        account = _ensure(part, account, password, forces, now=now)
    if part.second_factor:
        secret = secret or give_second_factor(account.id, box=box, by=SYSTEM, now=now)
        account.totp_secret = box.seal(secret)
    line = {"email": part.email, "password": password, "role": part.role.value}
    return line | ({"force": part.force} if part.force else {"totp_secret": secret})


def _ensure(
    part: Part, account: Account | None, password: str, forces: dict[str, int], *, now: datetime
) -> Account:
    if account is not None:
        staff.change_password(account, password, now=now)
        return account
    force_id = forces[part.force] if part.force else None
    new = NewAccount(part.email, part.name, part.role, force_id, part.collar_number)
    return add_account(new, password=password, by=SYSTEM, now=now)


def hand_out_keys(before: Handed, forces: dict[str, int], *, box: SecretBox, now: datetime) -> list[Handed]:
    """An API key for each force, and an endpoint whose secret is known. Needs a transaction."""
    known = {one["code"]: one for one in before.get("forces", [])}
    return [
        {
            "code": code,
            "api_key": _key(known.get(code, {}).get("api_key"), force_id, now=now),
            "webhook_secret": _secret(code, force_id, box=box, now=now),
        }
        for code, force_id in sorted(forces.items())
    ]


def _key(known: str | None, force_id: int, *, now: datetime) -> str:
    holder = holder_of(token_hash(known), now=now) if known else None
    if known and holder is not None and holder.force_id == force_id:
        return known
    end_old_keys(force_id, keep=1, by=SYSTEM, now=now)
    return issue_key(force_id, name="demo", by=SYSTEM, now=now)


def _secret(code: str, force_id: int, *, box: SecretBox, now: datetime) -> str:
    """Of the demo's own endpoint, which is disabled: there is nobody behind its address to take anything."""
    url = f"https://systems.{code}.example/notices"
    for endpoint in endpoints_of(force_id):
        if endpoint.url == url:
            try:
                return box.open(endpoint.secret)
            except InvalidToken:  # DATA_KEYS were changed: nobody can read it any more
                remove_endpoint(endpoint, now=now)
    secret = new_secret()
    add_endpoint(force_id, url=url, sealed_secret=box.seal(secret), now=now).state = "disabled"
    return secret


def hand_out_links(before: Handed, *, public_url: str, now: datetime) -> list[Handed]:
    """Links of people at several steps; one handed out before that still leads somewhere is kept."""
    kept = [line for line in before.get("participant_links", []) if _leads(line["url"], public_url, now=now)]
    if kept:
        return kept
    return [
        {"url": f"{public_url}/p/{token}", "day": born.day, "month": born.month}
        for status in (Status.ASSESSMENT_BOOKED, Status.PLACED, Status.WAITING)
        for case_id, number_id, born in _reachable(status)
        for token in (new_link(case_id, number_id=number_id, text_id=None, now=now),)
    ]


def _leads(url: str, public_url: str, *, now: datetime) -> bool:
    return url.startswith(f"{public_url}/p/") and find_link(url.rpartition("/")[2], now=now) is not None


def _reachable(status: Status) -> list[tuple[int, int, date]]:
    """Three people whose own voice confirmed their number: case, number, date of birth."""
    rows = db.session.execute(
        sa.select(Referral.case_id, PhoneNumber.id, Person.date_of_birth)
        .join(Person, Person.id == Referral.person_id)
        .join(PhoneNumber, rung_on())
        .where(Referral.status == status, PhoneNumber.confirmed_by == "voice", PhoneNumber.state == "good")
        .order_by(Referral.id)
        .limit(3)
    )
    return [(case_id, number_id, born) for case_id, number_id, born in rows if case_id is not None]


def fixed(settings: Settings) -> Handed:
    """What comes from the settings."""
    return {
        "base_url": settings.public_url.rstrip("/"),
        "twilio_auth_token": _open(settings.twilio_auth_token),
        "zoom_webhook_secret": _open(settings.zoom_webhook_secret),
    }


def _open(secret: Any) -> str | None:
    return secret.get_secret_value() if secret is not None else None
