"""The assessment over HTTP: written down as it is spoken, advice and pathway decided, then only read."""

from __future__ import annotations

import html as html_lib
import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.domain.assessments.models import AdviceGiven, AssessedSubstance, Assessment
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.diary.models import Appointment
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import booking
from tests.builders import World, build_world
from tests.cases import Known, add_case, status_of
from tests.desk import sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of

CANNABIS = {
    "substances-0-substance": "cannabis",
    "substances-0-route": "smoke",
    "substances-0-frequency": "weekly",
    "substances-0-amount": "two joints",
}
LIMITS = {"limits_explained": "y"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_case(world, status=Status.ACCEPTED)


@pytest.fixture
def worker(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


def form_on(
    html: str,
    name: str = "substances|alcohol|health|mental|safety|taking|words|limits|advice|pathway|course|because",
) -> dict[str, str]:
    """What a browser would send of the page's form, as it stands."""
    form: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]+>", html):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        kind, field = said.get("type"), said.get("name", "")
        if field == "csrf_token" or re.match(name, field):
            if kind in ("radio", "checkbox") and " checked" not in tag:
                continue
            form.setdefault(field, html_lib.unescape(said.get("value", "")))
    for field, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        form[field] = chosen.group(1) if chosen else ""
    for field, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL):
        form[field] = html_lib.unescape(text)
    return form


def path_of(known: Known) -> str:
    return f"/referrals/{known.reference}/assessment"


def say(
    client: FlaskClient, known: Known, action: str = "save", *, page: str | None = None, **answers: str
) -> TestResponse:
    """Fill in the page (or a ``page`` as it was answered) and press a button."""
    html = page if page is not None else client.get(path_of(known)).text
    form = {**form_on(html), "action": action, **answers}
    return client.post(path_of(known), data=form)


def decide(
    client: FlaskClient,
    known: Known,
    action: str = "finish",
    *,
    page: str | None = None,
    leave_out: str = "",
    **answers: str,
) -> TestResponse:
    path = f"{path_of(known)}/advice"
    html = page if page is not None else client.get(path).text
    form = {**form_on(html), "action": action, **answers}
    form.pop(leave_out, None)
    return client.post(path, data=form)


def stored(app: Flask) -> Assessment:
    with app.app_context():
        return db.session.scalars(sa.select(Assessment)).one()


def rows(app: Flask) -> list[AssessedSubstance]:
    with app.app_context():
        return list(db.session.scalars(sa.select(AssessedSubstance).order_by(AssessedSubstance.position)))


def advice_given(app: Flask) -> list[tuple[str | None, str]]:
    with app.app_context():
        found = db.session.execute(
            sa.select(AdviceGiven.rule, AdviceGiven.text).order_by(AdviceGiven.position)
        )
        return [(rule, text) for rule, text in found]


def events_of(app: Flask, known: Known) -> list[str]:
    with app.app_context():
        types = sa.select(ComplianceEvent.type).where(ComplianceEvent.referral_id == known.referral_id)
        return list(db.session.scalars(types.order_by(ComplianceEvent.id)))


def test_what_is_said_is_saved_as_the_call_goes_on(worker: FlaskClient, known: Known, app: Flask) -> None:
    answer = say(
        worker,
        known,
        "save:health",
        **CANNABIS,
        **{
            "health-heart_condition": "yes",
            "mental_health-anxiety": "prefers_not_to_say",
            "words-health": "A murmur",
        },
    )
    assert answer.headers["Location"].endswith("#health")
    kept = stored(app)
    assert kept.answers["health"]["heart_condition"] == "yes"
    assert kept.answers["health"]["fits"] == "not_asked"
    assert kept.answers["mental_health"]["anxiety"] == "prefers_not_to_say"
    assert kept.answers["words"] == {"health": "A murmur"}
    assert (kept.limits_explained, kept.finished_at, kept.audit_c) == (False, None, None)
    assert [(row.substance, row.route, row.frequency, row.amount) for row in rows(app)] == [
        ("cannabis", "smoke", "weekly", "two joints")
    ]
    page = form_on(worker.get(path_of(known)).text)
    assert page["health-heart_condition"] == "yes"
    assert page["substances-0-amount"] == "two joints"
    assert page["words-health"] == "A murmur"


def test_saving_tells_no_force_and_moves_nothing(
    worker: FlaskClient, world: World, known: Known, app: Flask
) -> None:
    say(worker, known, **CANNABIS)
    assert status_of(world, known) == Status.ACCEPTED
    assert events_of(app, known) == []


def test_another_substance_keeps_everything_typed(worker: FlaskClient, known: Known, app: Flask) -> None:
    answer = say(worker, known, "add", **CANNABIS, **{"words-safety": "Uses at a friend's"})
    page = worker.get(answer.headers["Location"]).text
    form = form_on(page)
    assert form["substances-0-substance"] == "cannabis"
    assert form["substances-1-substance"] == ""
    assert form["words-safety"] == "Uses at a friend's"
    say(worker, known, page=page, **{"substances-1-substance": "ketamine"})
    assert [row.substance for row in rows(app)] == ["cannabis", "ketamine"]


def test_another_substance_keeps_everything_typed_also_when_something_is_wrong(
    worker: FlaskClient, known: Known, app: Flask
) -> None:
    page = say(worker, known, "add", **{"substances-0-amount": "a lot", "words-health": "Asthma"}).text
    assert "Choose the substance that this row is about" in page
    form = form_on(page)
    assert form["substances-0-amount"] == "a lot"
    assert form["words-health"] == "Asthma"
    assert "substances-1-substance" in form


def test_a_substance_is_taken_out_again(worker: FlaskClient, known: Known, app: Flask) -> None:
    say(worker, known, **CANNABIS, **{"substances-1-substance": "ketamine", "substances-2-substance": "mdma"})
    say(worker, known, "remove:1")
    assert [row.substance for row in rows(app)] == ["cannabis", "mdma"]


def test_the_scale_is_scored_where_all_five_were_answered(
    worker: FlaskClient, known: Known, app: Flask
) -> None:
    five = {f"substances-0-scale-sds_{item}": "2" for item in range(1, 6)}
    four = {f"substances-1-scale-sds_{item}": "2" for item in range(1, 5)}
    say(worker, known, **CANNABIS, **five, **{"substances-1-substance": "cocaine"}, **four)
    assert [row.severity for row in rows(app)] == [10, None]
    page = worker.get(path_of(known)).text
    assert "Did you ever think your use of cannabis was out of control?" in page
    assert form_on(page)["substances-0-scale-sds_3"] == "2"


def test_audit_c_says_when_the_other_seven_are_asked(worker: FlaskClient, known: Known, app: Flask) -> None:
    closed = worker.get(path_of(known)).text
    assert re.search(
        r'<details class="govuk-details" data[^>]*>\s*<summary[^>]*><span[^>]*>The other seven', closed
    )
    say(
        worker,
        known,
        "save:alcohol",
        **{"alcohol-audit_1": "3", "alcohol-audit_2": "2", "alcohol-audit_3": "1"},
    )
    page = worker.get(path_of(known)).text
    assert "AUDIT-C is 6; from 5 on, ask the other seven questions." in page
    assert re.search(
        r'<details class="govuk-details" open data[^>]*>\s*<summary[^>]*><span[^>]*>The other seven', page
    )
    assert (stored(app).audit_c, stored(app).audit_full) == (6, None)
    say(worker, known, **{f"alcohol-audit_{item}": "2" for item in range(4, 11)})
    assert stored(app).audit_full == 20


def test_no_score_is_invented_where_somebody_preferred_not_to_say(
    worker: FlaskClient, known: Known, app: Flask
) -> None:
    say(
        worker,
        known,
        **{"alcohol-audit_1": "2", "alcohol-audit_2": "prefers_not_to_say", "alcohol-audit_3": "0"},
    )
    assert stored(app).audit_c is None
    assert "No score: a question was not asked" in worker.get(path_of(known)).text


@pytest.mark.parametrize(("gender", "units"), [("male", 8), ("female", 6), ("non_binary", 6)])
def test_the_units_asked_about_are_those_for_the_person(
    worker: FlaskClient, world: World, gender: str, units: int
) -> None:
    known = add_case(world, status=Status.ACCEPTED, gender=gender, given_name="Alex")
    assert f"have you had {units} or more units" in worker.get(path_of(known)).text


@pytest.mark.parametrize(
    ("answers", "sentence", "field"),
    [
        (
            {"substances-0-route": "smoke"},
            "Choose the substance that this row is about",
            "substances-0-substance",
        ),
        (
            {"substances-0-substance": "tea"},
            "Choose one of the answers in the list",
            "substances-0-substance",
        ),
        ({"health-fits": "perhaps"}, "Choose one of the answers in the list", "health-fits"),
        ({"alcohol-audit_9": "1"}, "Choose one of the answers in the list", "alcohol-audit_9"),
        (
            {"words-health": "x" * 2001},
            "Anything else they said must be 2,000 characters or fewer",
            "words-health",
        ),
        ({"words-health": "a\x07b"}, "has a character that cannot be kept", "words-health"),
        (
            {"substances-0-substance": "mdma", "substances-0-amount": "x" * 201},
            "How much must be 200",
            "substances-0-amount",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    worker: FlaskClient, known: Known, app: Flask, answers: dict[str, str], sentence: str, field: str
) -> None:
    answer = say(worker, known, **{"words-safety": "Keep me", "safety-drives": "yes"}, **answers)
    assert answer.status_code == 200
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text
    form = form_on(answer.text)
    assert (form["words-safety"], form["safety-drives"]) == ("Keep me", "yes")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Assessment)) == 0


def test_the_limits_must_be_explained_before_the_advice(
    worker: FlaskClient, known: Known, app: Flask
) -> None:
    answer = say(worker, known, "advice", **CANNABIS)
    assert "Say that the limits of confidentiality were explained" in answer.text
    assert 'href="#limits_explained"' in answer.text
    assert form_on(answer.text)["substances-0-amount"] == "two joints"
    say(worker, known, **CANNABIS)
    assert "Say that the limits of confidentiality were explained" in decide(worker, known).text
    assert stored(app).finished_at is None


def test_advice_is_suggested_edited_left_out_and_added(
    worker: FlaskClient, known: Known, app: Flask, world: World
) -> None:
    say(
        worker,
        known,
        "advice",
        **LIMITS,
        **CANNABIS,
        **{"safety-cannabis_with_tobacco": "yes", "safety-drives": "yes"},
    )
    page = worker.get(f"{path_of(known)}/advice").text
    form = form_on(page)
    rules = [form[f"advice-{place}-rule"] for place in range(3)]
    assert len(set(rules)) == 3
    assert "Because: cannabis" in page
    page = decide(worker, known, "add", **{"advice-0-text": "In my words."}).text
    own = max(int(place) for place in re.findall(r'name="advice-(\d+)-text"', page))
    assert form_on(page)["advice-0-text"] == "In my words."
    answer = decide(
        worker,
        known,
        page=page,
        leave_out="advice-1-given",
        **{f"advice-{own}-text": "Ring me on Friday."},
    )
    assert answer.status_code == 302
    given = advice_given(app)
    assert given[0] == (rules[0], "In my words.")
    assert rules[1] not in [rule for rule, _ in given]
    assert given[-1] == (None, "Ring me on Friday.")


def test_the_recommended_pathway_and_course_stand_with_their_reason(
    worker: FlaskClient, world: World, known: Known, app: Flask
) -> None:
    say(worker, known, "advice", **LIMITS, **CANNABIS)
    page = worker.get(f"{path_of(known)}/advice").text
    assert "Recommended: online group course, Looking forward: everyday use." in page
    assert "the course about cannabis fits what you told me" in page
    decide(worker, known)
    with app.app_context():
        case = db.session.get_one(Case, known.case_id)
        assert (case.pathway, case.course_id) == ("group_course", world.courses["cannabis"])
    assert status_of(world, known) == Status.ASSESSED
    assert events_of(app, known) == ["assessment.attended"]
    kept = stored(app)
    assert (kept.recommended_pathway, kept.pathway, kept.pathway_because) == (
        "group_course",
        "group_course",
        None,
    )
    assert kept.advice_version


def test_where_there_is_no_course_of_the_kind_the_general_one_is_recommended(
    worker: FlaskClient, known: Known
) -> None:
    say(worker, known, "advice", **LIMITS, **{"substances-0-substance": "ketamine"})
    assert "Recommended: online group course, Looking forward." in worker.get(f"{path_of(known)}/advice").text


def test_deciding_otherwise_needs_a_reason(
    worker: FlaskClient, world: World, known: Known, app: Flask
) -> None:
    say(worker, known, "advice", **LIMITS, **CANNABIS)
    answer = decide(worker, known, pathway="one_to_one", because="")
    assert "Say why you decided otherwise than recommended" in answer.text
    assert 'href="#because"' in answer.text
    assert decide(worker, known, page=answer.text, because="They asked for it").status_code == 302
    kept = stored(app)
    assert (kept.pathway, kept.pathway_because) == ("one_to_one", "They asked for it")
    with app.app_context():
        assert db.session.get_one(Case, known.case_id).course_id is None


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"pathway": ""}, "Choose what follows the assessment"),
        ({"pathway": "prison"}, "Choose one of the answers in the list"),
        ({"pathway": "young_people_course"}, "Choose one of the answers in the list"),
        ({"course": ""}, "Choose the course"),
        ({"course": "999"}, "Choose one of the answers in the list"),
        ({"because": "x" * 501}, "must be 500 characters or fewer"),
        ({"advice-0-text": ""}, "Write the advice, or untick it"),
    ],
)
def test_a_decision_that_cannot_be_is_not_taken(
    worker: FlaskClient, world: World, known: Known, answers: dict[str, str], sentence: str
) -> None:
    say(worker, known, "advice", **LIMITS, **CANNABIS)
    answer = decide(worker, known, **answers)
    assert sentence in answer.text
    assert status_of(world, known) == Status.ACCEPTED


def test_a_rule_that_suggested_nothing_is_no_rules_advice(
    worker: FlaskClient, known: Known, app: Flask
) -> None:
    say(worker, known, "advice", **LIMITS, **CANNABIS)
    decide(worker, known, **{"advice-0-rule": "naloxone", "advice-0-text": "Said by me."})
    assert advice_given(app)[0] == (None, "Said by me.")


def test_under_18_nothing_for_adults_is_offered(worker: FlaskClient, world: World) -> None:
    known = add_case(world, status=Status.ACCEPTED, born=date(2010, 1, 1), scheme="divert-young-people")
    say(worker, known, "advice", **LIMITS, **CANNABIS)
    page = worker.get(f"{path_of(known)}/advice").text
    assert "Recommended: young people&#39;s course, Straight talking." in page
    assert "Looking forward" not in page
    assert 'value="group_course"' not in page


def test_a_finished_assessment_is_read_and_no_longer_changed(
    worker: FlaskClient, world: World, known: Known, app: Flask
) -> None:
    say(
        worker,
        known,
        "advice",
        **LIMITS,
        **CANNABIS,
        **{"words-health": "<b>A murmur</b>", "health-fits": "no"},
    )
    old = worker.get(path_of(known)).text
    decide(worker, known)
    page = worker.get(path_of(known)).text
    assert "Finished Tuesday 24 November 2026" in page
    assert "Smoked; about once a week; two joints" in page.replace("smoked", "Smoked")
    assert "&lt;b&gt;A murmur&lt;/b&gt;" in page
    assert "11 questions were not asked." in page
    assert "<textarea" not in page
    again = say(worker, known, page=old, **{"words-health": "Changed"})
    assert "cannot be recorded at this step" in again.text
    assert stored(app).answers["words"]["health"] == "<b>A murmur</b>"
    assert worker.get(f"{path_of(known)}/advice").status_code == 302
    assert decide(worker, known, page=old).status_code == 200
    assert len(events_of(app, known)) == 1


def test_the_appointment_is_over_when_the_assessment_is(
    worker: FlaskClient, world: World, known: Known, app: Flask, clock: MovableClock
) -> None:
    starts_at = A_TUESDAY + timedelta(minutes=30)
    with app.app_context(), transaction():
        booking.book(known.case_id, starts_at=starts_at, by=Actor("account", 1), now=A_TUESDAY)
    clock.set(starts_at)
    say(worker, known, "advice", **LIMITS, **CANNABIS)
    decide(worker, known)
    with app.app_context():
        assert db.session.scalars(sa.select(Appointment.state)).one() == "took_place"


def test_before_anything_was_said_there_is_no_advice_to_choose(worker: FlaskClient, known: Known) -> None:
    answer = worker.get(f"{path_of(known)}/advice")
    assert answer.headers["Location"].endswith("/assessment")


def test_where_it_cannot_be_recorded_the_page_says_so(worker: FlaskClient, world: World) -> None:
    known = add_case(world, status=Status.ASSESSED)
    assert "No assessment was recorded." in worker.get(path_of(known)).text


def test_only_who_assesses_sees_an_assessment(client: FlaskClient, world: World, known: Known) -> None:
    for who in ("facilitator", "commissioner", "administrator", "officer"):
        sign_in(client, world, who)
        assert client.get(path_of(known)).status_code == 403, who
        assert client.get(f"{path_of(known)}/advice").status_code == 403, who
        client.delete_cookie("provider")


def test_a_restricted_record_is_refused(worker: FlaskClient, world: World) -> None:
    known = add_case(world, status=Status.ACCEPTED, restricted=True)
    assert worker.get(path_of(known)).status_code == 403
    assert worker.get("/referrals/2222-2222/assessment").status_code == 404


def test_the_page_costs_the_same_however_much_was_said(worker: FlaskClient, known: Known, app: Flask) -> None:
    say(worker, known, **CANNABIS)
    with queries_of(app) as few:
        worker.get(path_of(known))
    many_rows: dict[str, Any] = {f"substances-{place}-substance": "mdma" for place in range(12)}
    say(worker, known, **many_rows)
    with queries_of(app) as many:
        worker.get(path_of(known))
    assert len(rows(app)) == 12
    assert len(many) == len(few)


def test_a_pause_saves_by_itself_and_says_nothing(worker: FlaskClient, known: Known, app: Flask) -> None:
    form = {**form_on(worker.get(path_of(known)).text), **CANNABIS, "action": "save"}
    answer = worker.post(path_of(known), data=form, headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.text) == (204, "")
    assert [row.substance for row in rows(app)] == ["cannabis"]
    assert "Saved at" not in worker.get(path_of(known)).text
    wrong = {**form, "substances-0-substance": "tea"}
    assert worker.post(path_of(known), data=wrong, headers={"X-Autosave": "1"}).status_code == 200
