"""The demo builds, holds every state of the journey, hands out what works, and is not there twice."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask

from provider.commands.demo.putting_on import put_on_at
from provider.domain.accounts.roles import Role
from provider.domain.accounts.sign_in import check_code, check_password
from provider.domain.contact.models import Task
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.diary.models import Appointment
from provider.domain.forces.keys import holder_of
from provider.domain.messaging.links import find_link
from provider.domain.messaging.models import SandboxText, Text
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db, transaction
from provider.kernel.numbers import read_mobile
from provider.kernel.tokens import token_hash
from provider.web.context import secret_box
from tests.builders import count
from tests.commands.running import read, run
from tests.fakes import A_TUESDAY


def test_it_is_put_on_only_where_it_is_asked_for(app: Flask, tmp_path: Path) -> None:
    result = run(app, "demo", "--file", str(tmp_path / "demo.json"))
    assert (result.exit_code, "PROVIDER_ENV" in result.output) == (1, True)


@pytest.mark.slow
def test_it_has_everything_and_is_there_once(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    with app.app_context():
        put_on_at(file, now=A_TUESDAY)
        handed, size = read(file), count("referrals")
        assert file.stat().st_mode & 0o777 == 0o600
        _every_state_under_every_scheme()
        _varied_people_with_numbers_that_reach_nobody()
        _what_a_desk_meets_is_there()
        _texts_of_the_past_do_not_wait()
        _what_is_handed_out_works(handed)
        put_on_at(file, now=A_TUESDAY)
        assert read(file) == handed
        assert count("referrals") == size


def _every_state_under_every_scheme() -> None:
    found = db.session.execute(
        sa.select(Referral.status, Scheme.code).join(Scheme, Scheme.id == Referral.scheme_id)
    )
    rows = found.all()
    assert {row.status for row in rows} == set(Status)
    assert len({row.code for row in rows}) == 4
    assert 270 <= len(rows) <= 330
    kinds = set(db.session.scalars(sa.select(Task.kind).where(Task.done_at.is_(None))))
    assert {"same_person", "place", "review_decided"} <= kinds
    decisions = db.session.scalars(sa.select(BarReview.decision).order_by(BarReview.id)).all()
    assert decisions == [None, "keep", "lift"]
    linked = sa.select(Referral.case_id).where(Referral.case_id.is_not(None)).group_by(Referral.case_id)
    assert len(db.session.scalars(linked.having(sa.func.count(Referral.force_id.distinct()) > 1)).all()) >= 2
    assert db.session.scalars(sa.select(Waiting.id).where(Waiting.left_at.is_(None))).first() is not None


def _varied_people_with_numbers_that_reach_nobody() -> None:
    people = db.session.scalars(sa.select(Person)).all()
    assert len({person.self_defined_ethnicity for person in people}) >= 10
    assert len({person.language for person in people}) >= 3
    assert sum(person.restricted for person in people) >= 2
    for number in db.session.scalars(sa.select(PhoneNumber)):
        assert (read_mobile(number.as_given).e164 or "").startswith("+447700900")


def _what_a_desk_meets_is_there() -> None:
    """Somebody ahead on a list and somebody at short notice, a session in a room, calls at another time or not kept."""
    turns = db.session.scalars(sa.select(Waiting).where(Waiting.left_at.is_(None))).all()
    assert [turn.ahead_because for turn in turns if turn.rank == 0] == ["deadline"]
    assert any((turn.short_notice_until or A_TUESDAY) > A_TUESDAY for turn in turns)
    in_a_room = sa.select(CourseSession).where(CourseSession.held_at.is_not(None))
    coming = [session.starts_at > A_TUESDAY for session in db.session.scalars(in_a_room)]
    assert {True, False} == set(coming)
    rooms = sa.select(Place.attendance).join(CourseSession, CourseSession.id == Place.session_id)
    assert "ATTC" in db.session.scalars(rooms.where(CourseSession.held_at.is_not(None))).all()
    assert count("appointments", state="ours_to_blame") > 0
    instead = sa.orm.aliased(Appointment)
    earlier = sa.select(Appointment.id).join(instead, Appointment.replaced_by_id == instead.id)
    assert db.session.scalars(earlier.where(instead.starts_at < Appointment.starts_at)).first() is not None


def _texts_of_the_past_do_not_wait() -> None:
    late = sa.select(sa.func.count()).where(Text.state == "planned", Text.due_at < A_TUESDAY)
    assert (db.session.scalar(late) or 0) <= 25
    assert 0 < count("sandbox_texts") < 400
    assert all(moment <= A_TUESDAY for moment in db.session.scalars(sa.select(SandboxText.arrived_at)))


def _what_is_handed_out_works(handed: dict[str, list[dict[str, str]]]) -> None:
    assert {one["role"] for one in handed["staff"] + handed["officers"]} == set(Role)
    for force in handed["forces"]:
        assert holder_of(token_hash(force["api_key"]), now=A_TUESDAY) is not None
        assert force["webhook_secret"].startswith("whsec_")
    assert len(handed["participant_links"]) >= 5
    for link in handed["participant_links"]:
        assert find_link(link["url"].rpartition("/")[2], now=A_TUESDAY) is not None
    with transaction():
        for one in handed["staff"]:
            account = check_password(one["email"], one["password"], now=A_TUESDAY)
            assert account is not None
            if one["totp_secret"]:
                code = pyotp.TOTP(one["totp_secret"]).at(A_TUESDAY)
                assert check_code(account, code, box=secret_box(), now=A_TUESDAY)
