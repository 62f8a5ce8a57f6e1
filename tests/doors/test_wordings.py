"""Wordings at the desk: who may, what is shown, a change with its preview, every fault at the field, nothing lost."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.wording_words import OCCASIONS, PUT_IN, named
from provider.domain.accounts.roles import MAY, Permission, Role
from provider.domain.messaging.kinds import KINDS, SPOKEN
from provider.domain.messaging.models import Wording
from provider.domain.messaging.versions import versions_of
from provider.domain.messaging.wording import PLACEHOLDERS
from tests.builders import World, build_world
from tests.desk import csrf_of, sign_in
from tests.pathway.walking import audited
from tests.queries import queries_of

OWN = "{greeting}, {service} rings you on {day} {date} at {time}. Reply 1 if that suits. {link} or {phone}"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


def at(world: World, *more: str, scheme: str = "divert-adult") -> str:
    return "/".join(("/wordings", str(world.schemes[scheme]), *more))


def save(client: FlaskClient, path: str, words: str, *, seen: int = 0, **more: str) -> Any:
    form = {"csrf_token": csrf_of(client, path), "words": words, "seen": str(seen), **more}
    return client.post(path, data=form)


def piece(pattern: str, page: str) -> str:
    """The first group of a pattern in a page."""
    found = re.search(pattern, page, re.DOTALL)
    assert found, f"the page has no {pattern}"
    return unescape(found[1])


AREA = r"<textarea[^>]*>(.*?)</textarea>"


def kept(world: World, kind: str = "assessment_booked", language: str = "en") -> list[Wording]:
    with world.app.app_context():
        return list(versions_of(world.schemes["divert-adult"], kind, language))


def test_every_kind_has_a_name_and_every_placeholder_its_meaning():
    assert sorted(kind for kinds in OCCASIONS.values() for kind in kinds) == sorted((*KINDS, *SPOKEN))
    assert set(PUT_IN) == PLACEHOLDERS
    assert named("missed_course") == ("A session", "Missed")


@pytest.mark.parametrize("role", Role)
def test_who_may_read_and_who_may_change(client: FlaskClient, world: World, role: Role):
    sign_in(client, world, role.value)
    path = at(world, "en", "assessment_booked")
    reads = 200 if Permission.READ_WORDINGS in MAY[role] else 403
    assert (reads == 200) == (role in (Role.TEAM_LEAD, Role.CLINICAL_LEAD))
    for page in ("/wordings", at(world, "cy"), path):
        assert client.get(page).status_code == reads
    token = {} if reads == 403 else {"csrf_token": csrf_of(client, path)}
    posted = client.post(path, data={**token, "words": OWN, "seen": "0"}).status_code
    looked = client.post(f"{path}/preview", data={**token, "words": OWN}).status_code
    if role is Role.TEAM_LEAD:
        assert (posted, looked) == (302, 200)
    else:
        assert posted in (400, 403)
        assert looked in (400, 403)
        assert kept(world) == []
    assert (">Save these words<" in client.get(path).text) == (role is Role.TEAM_LEAD)


def test_the_list_says_what_is_shipped_and_what_is_a_schemes_own(lead: FlaskClient, world: World):
    assert "as shipped" in lead.get("/wordings").text
    listed = unescape(lead.get(at(world, "cy")).text)
    assert "bydd {service} yn eich ffonio" in listed
    assert listed.count("As shipped") == len(KINDS) + len(SPOKEN)
    save(lead, at(world, "en", "assessment_booked"), OWN)
    listed = lead.get(at(world, "en")).text
    assert "Version 1" in listed
    assert "Team Lead Example" in listed
    assert "1 text of its own" in lead.get("/wordings").text
    assert "Version 1" not in lead.get(at(world, "cy")).text
    assert "Version 1" not in lead.get(at(world, "en", scheme="divert-young-people")).text


@pytest.mark.parametrize(
    "path", ["xx", "en/no_such_kind", "xx/assessment_booked", "en/assessment_booked?version=7"]
)
def test_what_is_not_there_is_not_found(lead: FlaskClient, world: World, path: str):
    assert lead.get(at(world, path)).status_code == 404
    assert lead.get("/wordings/999999/en").status_code == 404
    assert lead.get("/wordings/999999/en/assessment_booked").status_code == 404
    token = csrf_of(lead, at(world, "en", "assessment_booked"))
    form = {"csrf_token": token, "words": OWN, "seen": "0"}
    assert lead.post("/wordings/999999/en/assessment_booked", data=form).status_code == 404
    assert lead.post(at(world, "xx", "assessment_booked"), data=form).status_code == 404
    assert lead.post(at(world, "en", "no_such_kind"), data=form).status_code == 404
    assert lead.post(at(world, "en", "no_such_kind", "preview"), data=form).status_code == 404


@pytest.mark.parametrize("kind", [*KINDS, *SPOKEN])
@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_wording_has_its_page_with_a_preview_and_no_fault(
    lead: FlaskClient, world: World, kind, language
):
    page = unescape(lead.get(at(world, language, kind)).text)
    assert "What keeps it from being saved" not in page
    assert "Waymark Midshire" in page
    assert "0121 496 0100" in page
    assert ("What one costs" in page) == (kind in KINDS)
    assert "{" not in piece(r'<div class="app-phone">(.*?)</div>', page)


def test_a_preview_shows_the_phone_the_parts_the_cost_and_what_is_dear_and_saves_nothing(lead, world):
    path = at(world, "en", "assessment_booked")
    page = unescape(save(lead, path, OWN.replace("Reply", "It’s ŵ now. Reply"), action="preview").text)
    assert (
        "Hi Christopher-Emmanuel, Waymark Midshire rings you on Wednesday 15 September at 10:30am. It's"
        in page
    )
    assert "http://127.0.0.1:8000/p/xxxxxxxxxxxxxxxxxxxxxxxx or 0121 496 0100" in page or "/p/xxxx" in page
    assert "UCS-2" in page
    assert "<strong>’</strong>: write <strong>'</strong>" in page
    assert "<strong>ŵ</strong>: write <strong>w</strong>" in page
    assert "It’s ŵ now." in page
    assert kept(world) == []
    good = unescape(save(lead, path, OWN, action="preview").text)
    rows = re.findall(
        r">(Sam|Christopher-Emmanuel|Siân)</th>.*?>(\d)<br>.*?(\d+) in (\S+?)<.*?>([\d.]+p)<", good, re.S
    )
    assert [(name, parts, encoding, pence) for name, parts, _, encoding, pence in rows] == [
        ("Sam", "1", "GSM-7", "4p"),
        ("Christopher-Emmanuel", "2", "GSM-7", "8p"),
        ("Siân", "3", "UCS-2", "12p"),
    ]


def test_the_preview_alone_is_what_the_page_shows(lead: FlaskClient, world: World):
    path = at(world, "en", "assessment_booked")
    form = {"csrf_token": csrf_of(lead, path), "words": OWN.replace("rings", "arrests"), "seen": "0"}
    alone = lead.post(f"{path}/preview", data=form).text
    assert "<html" not in alone
    assert "“arrests” must not stand in a text." in alone
    assert "app-phone" in alone


def test_a_change_is_a_new_version_with_who_and_when_and_what_is_different(lead: FlaskClient, world: World):
    path = at(world, "en", "assessment_booked")
    assert save(lead, path, OWN).status_code == 302
    (version,) = kept(world)
    assert (version.words, version.set_by) == (OWN, f"account:{world.accounts['team_lead']}")
    page = unescape(lead.get(path).text)
    assert OWN in page
    assert "Version 1" in page
    assert "Team Lead Example" in page
    assert "Taken out: </span>will ring </del>" in page
    assert "Put in: </span>rings </ins>" in page
    with world.app.app_context():
        assert audited(subject="scheme", subject_id=world.schemes["divert-adult"])[-1] == "wording.set"


def test_an_older_version_is_put_into_the_form_and_saved_as_a_new_one(lead: FlaskClient, world: World):
    path = at(world, "en", "assessment_booked")
    save(lead, path, OWN)
    save(lead, path, OWN.replace("rings", "will ring"), seen=1)
    shown = lead.get(f"{path}?version=1").text
    assert OWN in piece(AREA, shown)
    assert 'name="seen" value="2"' in shown
    assert save(lead, path, OWN, seen=2).status_code == 302
    shipped = piece(AREA, lead.get(f"{path}?version=0").text)
    assert save(lead, path, shipped.strip(), seen=3).status_code == 302
    assert [version.words for version in kept(world)] == [OWN, OWN.replace("rings", "will ring"), OWN, None]
    assert "As shipped" in lead.get(at(world, "en")).text


def test_the_same_words_make_no_version(lead: FlaskClient, world: World):
    path = at(world, "en", "assessment_booked")
    shipped = piece(AREA, lead.get(path).text).strip()
    assert "These are the words as they are already." in save(lead, path, shipped).text
    save(lead, path, OWN)
    assert "These are the words as they are already." in save(lead, path, OWN, seen=1).text
    assert len(kept(world)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Enter the words"),
        ("x" * 701, "700"),
        (OWN.replace("rings", "arrests"), "“arrests” must not stand in a text."),
        (OWN.replace("1 if", "YES if"), "“YES” is a word that Twilio takes for itself."),
        (OWN.replace("{link}", ""), "There is no link"),
        (OWN.replace("{phone}", ""), "There is no number to ring."),
        (
            OWN.replace("{greeting}", "{first_name}"),
            "“{first_name}” is not among what can be put into this text.",
        ),
        (OWN.replace("{phone}", "{phone} 07700 900123"), "“07700 900123” looks like a number to ring"),
        (OWN + " It stays open.", "“stays open”: under these terms it is not offered again to everybody."),
        (OWN + " It’s fine.", "Write ' instead of ’"),
    ],
)
def test_every_fault_stands_at_the_field_with_the_word_and_nothing_typed_is_lost(lead, world, words, said):
    page = save(lead, at(world, "en", "assessment_booked"), words)
    assert page.status_code == 200
    field = piece(r'<p id="words-error"(.*?)</p>', page.text)
    assert said in field
    assert piece(AREA, page.text).strip() == words.strip()
    assert "Error: " in page.text
    assert kept(world) == []


def test_the_later_of_two_editors_sees_what_changed_and_keeps_what_they_typed(
    lead: FlaskClient, world: World
):
    path = at(world, "en", "assessment_booked")
    save(lead, path, OWN)
    theirs = save(lead, path, OWN.replace("rings", "will call"), seen=0)
    page = unescape(theirs.text)
    assert theirs.status_code == 200
    assert "Version 1 was saved by Team Lead Example since you began" in page
    assert "Put in: </span>rings </ins>" in page
    assert "will call you on" in piece(AREA, theirs.text)
    assert 'name="seen" value="1"' in theirs.text
    assert len(kept(world)) == 1
    assert save(lead, path, OWN.replace("rings", "will call"), seen=1).status_code == 302


def test_a_version_that_never_was_is_not_taken_for_one_that_was_seen(lead: FlaskClient, world: World):
    assert save(lead, at(world, "en", "assessment_booked"), OWN, seen=99).status_code == 200
    form = {"csrf_token": csrf_of(lead, at(world, "en", "assessment_booked")), "words": OWN}
    assert lead.post(at(world, "en", "assessment_booked"), data=form).status_code == 200
    assert kept(world) == []


def test_what_terms_do_not_hold_any_more_is_shown_as_unused(lead: FlaskClient, world: World, app: Flask):
    from provider.domain.schemes.queries import schemes_of
    from provider.kernel.actors import Actor
    from provider.kernel.database import transaction
    from provider.pathway import agreeing

    path = at(world, "en", "missed_course")
    words = "{greeting}, you were not in on {day} {date} at {time}. You get another chance: {link}, {phone}. {who}"
    assert save(lead, path, words).status_code == 302
    now = app.extensions["clock"].now()
    with app.app_context(), transaction():
        scheme = schemes_of(world.forces["midshire"], at=now)["divert-adult"]
        agreeing.change_terms(
            scheme.id,
            scheme.terms.model_copy(update={"misses_allowed": 0}),
            from_day=None,
            seen=1,
            by=Actor("account", 1),
            now=now,
        )
    assert "Not used" in lead.get(at(world, "en")).text
    assert "“another chance”" in lead.get(path).text


def test_pages_make_a_fixed_number_of_queries(lead: FlaskClient, world: World):
    for path in ("/wordings", at(world, "en"), at(world, "en", "assessment_booked")):
        lead.get(path)
        with queries_of(world.app) as few:
            lead.get(path)
        for kind in ("assessment_moved", "course_booked"):
            save(lead, at(world, "en", kind), OWN)
        save(lead, at(world, "en", "assessment_booked"), OWN, seen=len(kept(world)))
        with queries_of(world.app) as many:
            lead.get(path)
        assert len(many) == len(few), path
