"""An officer's draft: their own, unreadable at rest, sent once, and gone on sending, on sign-out and after a day."""

from __future__ import annotations

import re
import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.referrals.models import ReferralDraft
from provider.kernel.database import db, transaction
from provider.pathway.forgetting import forget_what_is_over
from tests.builders import World, add_account, build_world, count
from tests.desk import csrf_of, sign_in
from tests.fakes import MovableClock
from tests.roadside import EVENT, PERSON, SCREENS, fill, post, reference_in


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "officer")
    return client


@pytest.fixture
def colleague(app: Flask, world: World) -> FlaskClient:
    """Another officer of the same force."""
    with app.app_context(), transaction():
        add_account(world, "officer_2", Role.OFFICER, force_id=world.forces["midshire"])
    client = app.test_client()
    sign_in(client, world, "officer_2")
    return client


def sealed(app: Flask) -> list[str | None]:
    """Of every draft that began: a first screen that is merely open is none."""
    began = sa.or_(ReferralDraft.sealed.is_not(None), ReferralDraft.referral_id.is_not(None))
    with app.app_context():
        return list(db.session.scalars(sa.select(ReferralDraft.sealed).where(began)))


def test_nothing_of_it_can_be_read_in_the_database(app: Flask, officer: FlaskClient) -> None:
    fill(officer, event={"force_reference": "20/777777/26"})
    with app.app_context():
        row = db.session.execute(sa.select(db.metadata.tables["referral_drafts"])).one()
    for word in ("Sam", "Example", "07700", "20/777777", "cannabis"):
        assert word not in str(row)


def test_nothing_personal_is_in_an_address_or_a_cookie(officer: FlaskClient) -> None:
    page = fill(officer)
    assert re.fullmatch(r"/refer/draft/[A-Za-z0-9_-]{24}/check", page)
    cookie = officer.get_cookie("provider")
    assert cookie is not None
    assert len(cookie.value) < 600


def test_it_waits_on_the_first_screen_and_goes_on_where_it_was(officer: FlaskClient) -> None:
    page = post(officer, "/refer", **EVENT).location
    assert "You have not sent a referral, last changed" in officer.get("/refer").text
    post(officer, page, **PERSON)
    shown = officer.get("/refer").text
    assert "the referral of Sam Example" in shown
    going_on = officer.get(page.replace("person", "check"), follow_redirects=True)
    assert going_on.request.path.endswith("/contact")


def test_two_at_once_do_not_mix(officer: FlaskClient) -> None:
    first, second = fill(officer), fill(officer, person={"given_name": "Alex"})
    assert "Sam Example" in officer.get(first).text
    assert "Alex Example" in officer.get(second).text


def test_sending_twice_makes_one_referral(app: Flask, officer: FlaskClient) -> None:
    page = fill(officer, event={"force_reference": ""})
    token = csrf_of(officer, page)
    answers = [officer.post(page, data={"csrf_token": token}, follow_redirects=True) for _ in range(3)]
    assert len({reference_in(answer) for answer in answers}) == 1
    with app.app_context():
        assert count("referrals") == 1


def test_two_presses_at_the_same_moment_make_one_referral(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    page = fill(officer, event={"force_reference": ""})
    token, cookie = csrf_of(officer, page), officer.get_cookie("provider")
    assert cookie is not None
    start, codes = threading.Barrier(4), []

    def press() -> None:
        client = app.test_client()
        client.set_cookie("provider", cookie.value)
        start.wait()
        codes.append(client.post(page, data={"csrf_token": token}).status_code)

    presses = [threading.Thread(target=press) for _ in range(4)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join(30)
    assert codes == [302] * 4
    with app.app_context():
        assert count("referrals") == 1
        assert count("people") == 1


def test_what_was_typed_is_gone_after_sending(app: Flask, officer: FlaskClient) -> None:
    page = fill(officer)
    sent = post(officer, page)
    assert sealed(app) == [None]
    for name in (*SCREENS, "check"):
        answer = officer.get(page.replace("check", name), follow_redirects=True)
        assert answer.request.path.endswith("/sent")
    late = officer.post(
        page.replace("check", "person"), data={"csrf_token": csrf_of(officer, "/refer"), **PERSON}
    )
    assert late.status_code == 302
    assert sealed(app) == [None]
    assert sent.status_code == 302


def test_it_is_gone_on_sign_out(app: Flask, world: World, officer: FlaskClient) -> None:
    page = fill(officer)
    officer.post("/sign-out", data={"csrf_token": csrf_of(officer, "/refer")})
    assert sealed(app) == []
    sign_in(officer, world, "officer")
    assert officer.get(page).status_code == 404


def test_it_is_gone_after_a_day(app: Flask, world: World, officer: FlaskClient, clock: MovableClock) -> None:
    page = fill(officer)
    clock.advance(hours=23)
    sign_in(officer, world, "officer")
    assert officer.get(page).status_code == 200
    clock.advance(hours=2)
    sign_in(officer, world, "officer")
    assert officer.get(page).status_code == 404
    assert officer.get("/refer").text.count("You have not sent") == 0
    clock.advance(hours=24)
    with app.app_context():
        with transaction():
            forget_what_is_over(now=clock.now())
        assert count("referral_drafts") == 0


def test_it_can_be_thrown_away(app: Flask, officer: FlaskClient) -> None:
    page = fill(officer)
    officer.post(page.replace("check", "discard"), data={"csrf_token": csrf_of(officer, page)})
    assert sealed(app) == []
    assert officer.get(page).status_code == 404


@pytest.mark.parametrize("name", [*SCREENS, "check"])
def test_another_officers_is_a_missing_one(officer: FlaskClient, colleague: FlaskClient, name: str) -> None:
    page = fill(officer).replace("check", name)
    missing = "/refer/draft/AAAAAAAAAAAAAAAAAAAAAAAA/" + name
    for method in ("GET", "POST"):
        token = {"csrf_token": csrf_of(colleague, "/refer")} if method == "POST" else None
        theirs, none = (colleague.open(path, method=method, data=token) for path in (page, missing))
        assert theirs.status_code == none.status_code == 404
        assert theirs.data == none.data


def test_another_officer_cannot_throw_it_away(
    app: Flask, officer: FlaskClient, colleague: FlaskClient
) -> None:
    page = fill(officer).replace("check", "discard")
    answer = colleague.post(page, data={"csrf_token": csrf_of(colleague, "/refer")})
    assert answer.status_code == 404
    assert len(sealed(app)) == 1


@pytest.mark.parametrize("token", ["%00", "x", "A" * 400, "%F0%9F%91%8D"])
def test_a_token_that_is_none_is_not_found(officer: FlaskClient, token: str) -> None:
    assert officer.get(f"/refer/draft/{token}/check").status_code == 404


@pytest.mark.parametrize("who", ["drug_worker", "team_lead", "administrator", "commissioner", "facilitator"])
def test_the_door_is_for_officers(world: World, client: FlaskClient, who: str) -> None:
    assert client.get("/refer").status_code == 302
    sign_in(client, world, who)
    for path in ("/refer", "/refer/mine", "/refer/draft/AAAAAAAAAAAAAAAAAAAAAAAA/check"):
        assert client.get(path).status_code == 403
