"""What an officer sees of the referrals they sent: their own alone, and the words that a force may read."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.database import db, transaction
from tests.builders import World, add_account, build_world, count
from tests.desk import csrf_of, sign_in
from tests.queries import queries_of
from tests.roadside import errors_in, post, refer


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "officer")
    return client


def set_referral(app: Flask, reference: str, **values: object) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.update(Referral).where(Referral.reference == reference).values(**values))


def test_the_list_shows_what_was_sent_and_where_it_stands(officer: FlaskClient) -> None:
    reference = refer(officer)
    shown = officer.get("/refer/mine").text
    for words in (reference, "Sam Example", "20/123456/26", "Accepted"):
        assert words in shown


def test_the_list_says_whether_each_engaged(app: Flask, officer: FlaskClient) -> None:
    reference = refer(officer)
    said = []
    for status, level in (
        (Status.ACCEPTED, "none"),
        (Status.WAITING, "assessment"),
        (Status.COMPLETED, "intervention"),
        (Status.NOT_ENGAGED, "none"),
        (Status.NOT_ENGAGED, "assessment"),
    ):
        set_referral(app, reference, status=status, level=level)
        (cell,) = re.findall(r'"Where it stands">(.*?)</td>', officer.get("/refer/mine").text, re.DOTALL)
        said.append(" ".join(re.sub("<[^>]+>", " ", cell).split()))
    assert said == [
        "Accepted",
        "Accepted Took the first call",
        "Completed",
        "Not engaged",
        "Not engaged Took the first call",
    ]


def without_token(client: FlaskClient, page: str) -> str:
    return re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", client.get(page).text)


def test_the_pathway_reads_the_same(app: Flask, officer: FlaskClient) -> None:
    """Group course, one-to-one, waiting or not yet decided: nothing that the officer sees tells them apart."""
    reference = refer(officer)
    seen = set()
    for status in (Status.ASSESSED, Status.WAITING, Status.PLACED):
        set_referral(app, reference, status=status, level="assessment")
        seen.add(
            "".join(without_token(officer, page) for page in ("/refer/mine", f"/refer/mine/{reference}"))
        )
    assert len(seen) == 1
    assert "They took the first call" in seen.pop()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.COMPLETED, "They did everything the scheme asks."),
        (Status.NOT_ENGAGED, "They did not take part in what was offered."),
        (Status.NOT_REACHED, "They could not be reached, which is nobody’s fault"),
        (Status.WITHDRAWN, "Your force took this referral back."),
    ],
)
def test_an_ending_is_said_in_a_sentence(
    app: Flask, officer: FlaskClient, status: Status, words: str
) -> None:
    reference = refer(officer)
    set_referral(app, reference, status=status, ended_reason="a reason that stays here")
    page = officer.get(f"/refer/mine/{reference}").text
    assert words in page
    assert "a reason that stays here" not in page
    assert officer.get(f"/refer/mine/{reference}/card").status_code == 404


def test_the_crime_number_can_follow_later(app: Flask, world: World, officer: FlaskClient) -> None:
    reference = refer(officer, event={"force_reference": ""})
    page = f"/refer/mine/{reference}"
    assert "Add it" in officer.get("/refer/mine").text
    assert errors_in(post(officer, page, force_reference=" ")) == {"force_reference": "Enter a crime number"}
    assert "50 characters" in errors_in(post(officer, page, force_reference="x" * 51))["force_reference"]
    assert post(officer, page, force_reference="20/5/26").location == page
    assert "20/5/26" in officer.get("/refer/mine").text
    with app.app_context():
        assert count("referral_changes", field="force_reference", after="20/5/26") == 1


def test_a_crime_number_already_used_for_the_person_is_refused_at_its_field(officer: FlaskClient) -> None:
    first = refer(officer)
    second = refer(officer, event={"force_reference": ""})
    answer = post(officer, f"/refer/mine/{second}", force_reference="20/123456/26")
    assert first in errors_in(answer)["force_reference"]


def test_anothers_referral_is_a_missing_one(app: Flask, world: World, officer: FlaskClient) -> None:
    reference = refer(officer)
    with app.app_context(), transaction():
        add_account(world, "officer_2", Role.OFFICER, force_id=world.forces["midshire"])
        add_account(world, "officer_3", Role.OFFICER, force_id=world.forces["thamesford"])
    for who in ("officer_2", "officer_3", "force_administrator"):
        other = app.test_client()
        sign_in(other, world, who)
        assert reference not in other.get("/refer/mine").text
        for page in ("/refer/mine/{}", "/refer/mine/{}/sent", "/refer/mine/{}/card", "/refer?with={}"):
            theirs, missing = other.get(page.format(reference)), other.get(page.format("2222-2222"))
            assert theirs.status_code == missing.status_code == 404
            assert theirs.data == missing.data
        assert post_to(other, f"/refer/mine/{reference}").status_code == 404


def post_to(client: FlaskClient, path: str):
    return client.post(path, data={"csrf_token": csrf_of(client, "/refer"), "force_reference": "x"})


def test_a_name_from_elsewhere_is_never_shown(app: Flask, officer: FlaskClient) -> None:
    """The person's record may come to hold another force's spelling; the officer reads what they sent."""
    reference = refer(officer)
    with app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(given_name="Samantha"))
    for page in ("/refer/mine", f"/refer/mine/{reference}", f"/refer/mine/{reference}/sent"):
        shown = officer.get(page).text
        assert "Samantha" not in shown
        assert "Sam Example" in shown


def test_a_restricted_name_is_withheld(app: Flask, officer: FlaskClient) -> None:
    reference = refer(officer)
    with app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(restricted=True))
    for page in ("/refer/mine", f"/refer/mine/{reference}", f"/refer/mine/{reference}/sent"):
        shown = officer.get(page).text
        assert "Sam" not in shown
        assert "Name withheld" in shown


def test_a_look_is_in_the_trail(app: Flask, world: World, officer: FlaskClient) -> None:
    """Also where a form that was sent is wrong, and so the page comes back."""
    reference = refer(officer)
    page = f"/refer/mine/{reference}"
    officer.get(f"{page}/review")
    csrf = csrf_of(officer, page)
    for sent in (page, f"{page}/review"):
        assert (
            "Sam Example" in officer.post(sent, data={"csrf_token": csrf, "force_reference": "?" * 99}).text
        )
    with app.app_context():
        actor = f"account:{world.accounts['officer']}"
        assert count("audit_entries", action="referral.read", actor=actor) == 5


def test_the_list_asks_as_much_for_thirty_as_for_one(app: Flask, officer: FlaskClient) -> None:
    refer(officer)
    asked = []
    for wanted in (0, 29):
        for place in range(wanted):
            refer(officer, event={"force_reference": f"20/{place}/26"}, person={"given_name": f"Sam{place}"})
        with queries_of(app) as sent:
            assert officer.get("/refer/mine").status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 4
    assert "1 to 25 of 30" in officer.get("/refer/mine").text
    assert "26 to 30 of 30" in officer.get("/refer/mine?page=2").text
    assert officer.get("/refer/mine?page=99999").status_code == 404
    for page in ("x", "0", "-1", "99999999999999999999"):
        assert officer.get(f"/refer/mine?page={page}").status_code == 200
