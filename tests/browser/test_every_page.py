"""Every page that anybody can reach, at a desk and on a phone: the routes say which, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.routing import Rule

from provider.domain.accounts.roles import MAY, Role
from provider.domain.forces.models import ApiKey, WebhookEndpoint
from provider.kernel.database import db
from provider.web.guard import for_anyone_signed_in
from tests.browser.conftest import DESKTOP, Visitor, visiting
from tests.browser.full_world import SECOND_FACTOR, Full
from tests.browser.inspecting import faults_of
from tests.browser.test_participant import prove
from tests.desk import somebody

MACHINES = ("api.", "webhooks.", "health.")
NO_PAGES = {
    "static": "files",
    "staff.numbers_csv": "a spreadsheet",
    "staff.register_csv": "a spreadsheet",
    "staff.register_live": "a part of a page",
    "participant.number_to_save": "a contact for a phone",
    "calendar.feed": "what a calendar reads",
    "force.upload_template": "a spreadsheet",
    "force.upload_results_csv": "a spreadsheet",
}
WITHOUT_SIGNING_IN = {
    "staff.sign_in",
    "staff.enter_code",
    "sandbox.texts",
    "participant.look",
    "participant.home",
    "participant.times",
    "participant.times_to_choose",
    "participant.cannot_come",
    "participant.survey",
    "participant.what_happens_next",
    "reference.show",
}

SERVICE = "Waymark"
"""What a title ends with; on a participant's pages with the scheme's own neutral name, which begins like it."""

Choose = Callable[[Full, str], Sequence[Any]]


def of(*examples: str) -> Choose:
    return lambda full, _who: [full.references[example] for example in examples]


def sessions(*examples: str) -> Choose:
    return lambda full, _who: [full.sessions[example] for example in examples]


EVERYWHERE: dict[str, Choose] = {
    "reference": of("to ring"),
    "session_id": sessions("to_confirm"),
    "course_id": lambda full, _who: [full.world.courses["awareness"]],
    "worker_id": lambda full, _who: [full.world.accounts["drug_worker"]],
    "token": lambda full, who: [full.drafts[who]],
    "name": lambda *_: ["event", "person", "contact", "agreement"],
    "scheme_id": lambda full, _who: [full.world.schemes["divert-adult"]],
    "account_id": lambda full, _who: [full.world.accounts["drug_worker"]],
    "key_id": lambda full, _who: _ids(full, ApiKey.id),
    "public_id": lambda full, _who: _ids(full, WebhookEndpoint.public_id),
    "event_id": lambda full, _who: full.events,
    "upload_id": lambda full, _who: list(full.uploads.values()),
    "language": lambda *_: ["en", "cy"],
    "kind": lambda *_: ["assessment_booked", "voicemail"],
}
"""What a route's arguments are filled with, unless the route has examples of its own."""

STEPS = (
    *("to ring", "number not confirmed", "wrong number", "new", "new, in doubt", "under 18", "linked to"),
    *("call to come", "call over", "draft of an assessment", "to be given a place", "waiting", "offered"),
    *(
        "placed: coming",
        "completed",
        "not engaged",
        "not reached",
        "withdrawn",
        "declined at the door",
        "held",
    ),
)

ON: dict[str, dict[str, Choose]] = {
    "staff.referral": {"reference": of(*STEPS)},
    "staff.apart": {"reference": of("to ring", "placed: coming")},
    "staff.review": {"reference": of("not engaged", "bar kept", "to ring")},
    "staff.text_arrived": {"reference": of("call to come", "to ring")},
    "staff.whose_texts": {"reference": of("under 18", "to ring")},
    "force.give_number": {"reference": of("wrong number")},
    "force.referral": {
        "reference": of(
            *("not engaged", "bar kept", "bar lifted", "came back"),
            *("to ring", "completed", "withdrawn", "declined at the door"),
        )
    },
    "staff.assessment": {"reference": of("call over", "draft of an assessment", "completed")},
    "staff.advice": {"reference": of("draft of an assessment", "completed")},
    "staff.waiting_list": {
        "course_id": lambda full, _who: [full.world.courses[code] for code in ("awareness", "cannabis")]
    },
    "staff.put_ahead": {"reference": of("waiting")},
    "staff.course": {
        "reference": of(
            "to be given a place",
            "one-to-one",
            "waiting",
            "offered",
            "placed: coming",
            "missed their session",
        )
    },
    "staff.needs": {"reference": of("new, in doubt", "to ring")},
    "staff.letters": {"reference": of("placed: coming", "completed", "not reached")},
    "staff.letter": {
        "reference": of("placed: coming"),
        "kind": lambda *_: ["session_online"],
    },
    "staff.match": {"reference": of("held")},
    "staff.scheme": {
        "scheme_id": lambda full, _who: [
            full.world.schemes[code] for code in ("divert-adult", "divert-young-people")
        ]
    },
    "staff.outcome": {
        "reference": of("call over"),
        "appointment_id": lambda full, _who: [full.appointments["call over"]],
    },
    "staff.correct_outcome": {
        "reference": of("call missed"),
        "appointment_id": lambda full, _who: [full.appointments["call missed"]],
    },
    "staff.held": {"reference": of("one-to-one", "to ring")},
    "staff.move": {
        "reference": of("call to come"),
        "appointment_id": lambda full, _who: [full.appointments["call to come"]],
    },
    "staff.register": {
        "session_id": sessions("coming", "running", "to_confirm", "confirmed", "cancelled", "empty")
    },
    "staff.our_fault": {"session_id": sessions("running", "to_confirm", "empty")},
    "staff.correct_attendance": {
        "session_id": sessions("confirmed"),
        "place_id": lambda full, _who: [full.places["missed"]],
    },
    "staff.meeting": {"session_id": sessions("coming", "running", "to_confirm")},
    "staff.cancel_session": {"session_id": sessions("coming", "empty")},
    "staff.session": {"session_id": sessions("coming", "running", "confirmed", "cancelled")},
    "staff.change_session": {"session_id": sessions("coming", "running")},
    "staff.move_session": {"session_id": sessions("coming", "running")},
    "staff.add_facilitator": {"session_id": sessions("coming", "cancelled")},
    "staff.stand_down": {
        "session_id": sessions("coming"),
        "account_id": lambda full, _who: [full.world.accounts["facilitator"]],
    },
    "officer.referral": {"reference": lambda full, who: [full.sent[who]]},
    "officer.review": {"reference": lambda full, who: [full.sent[who]]},
    "officer.card": {"reference": lambda full, who: [full.sent[who]]},
    "officer.sent": {"reference": lambda full, who: [full.sent[who]]},
}


def _ids(full: Full, column: Any) -> Sequence[Any]:
    with full.site.app.app_context():
        return db.session.scalars(sa.select(column).order_by(column).limit(1)).all()


def pages_for_people(app: Flask) -> list[Rule]:
    """Every route that answers GET with a page."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.endpoint.startswith(MACHINES)
        and rule.endpoint not in NO_PAGES
    ]


def open_to(app: Flask, role: Role) -> list[Rule]:
    """The pages that are behind a door which lets this role in."""
    anyone = for_anyone_signed_in(lambda: None).door  # type: ignore[attr-defined]
    doors = {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "door", None)
        for rule in pages_for_people(app)
    }
    return [
        rule
        for rule in pages_for_people(app)
        if doors[rule.endpoint] is anyone or getattr(doors[rule.endpoint], "permission", None) in MAY[role]
    ]


def addresses(full: Full, rule: Rule, role: Role) -> Iterator[str]:
    """Each address at which somebody is to see a route's page: the first role that may with every example."""
    app, known = full.site.app, {**EVERYWHERE, **ON.get(rule.endpoint, {})}
    arguments = sorted(rule.arguments)
    assert set(arguments) <= set(known), f"{rule.rule}: say in EVERYWHERE what its arguments may be"
    first = next(one for one in Role if rule in open_to(app, one))
    chosen = [known[name](full, role.value)[: None if role is first else 1] for name in arguments]
    for values in product(*chosen):
        yield build(app, rule, dict(zip(arguments, values, strict=True)))


def build(app: Flask, rule: Rule, values: Mapping[str, Any]) -> str:
    return str(app.url_map.bind("localhost").build(rule.endpoint, dict(values), method="GET"))


def visit(visitor: Visitor, path: str, *, status: int = 200) -> list[str]:
    """Go there and look at everything; what is wrong, each with its address."""
    answer = visitor.page.goto(visitor.url + path)
    assert answer is not None
    faults = [f"answers {answer.status}"] if answer.status != status else []
    return [f"{path}: {fault}" for fault in [*faults, *faults_of(visitor, answer.text(), service=SERVICE)]]


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of(role: Role, full: Full, browser: Browser) -> None:
    app = full.site.app
    faults: list[str] = []
    with visiting(browser, full.site.url, DESKTOP, looks=False) as visitor:
        visitor.sign_in(full.world.emails[role.value])
        for rule in open_to(app, role):
            for path in addresses(full, rule, role):
                faults += visit(visitor, path)
    assert not faults, "\n".join(faults)


def test_no_page_is_forgotten(full: Full) -> None:
    app = full.site.app
    seen = {rule.endpoint for role in Role for rule in open_to(app, role)}
    assert {rule.endpoint for rule in pages_for_people(app)} == seen | WITHOUT_SIGNING_IN
    assert set(ON) <= seen
    assert set(NO_PAGES) <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_page_before_signing_in(full: Full, browser: Browser) -> None:
    faults: list[str] = []
    with visiting(browser, full.site.url, DESKTOP, looks=False) as visitor:
        faults += visit(visitor, "/sign-in")
        faults += visit(visitor, "/sandbox/texts")
        faults += visit(visitor, "/p/next/1")
        faults += visit(visitor, "/no-such-page", status=404)
        visitor.sign_in(full.world.emails[SECOND_FACTOR])
        assert visitor.page.url.endswith("/sign-in/code")
        faults += visit(visitor, "/sign-in/code")
    assert not faults, "\n".join(faults)


def test_every_page_that_is_refused(full: Full, browser: Browser) -> None:
    faults: list[str] = []
    with visiting(browser, full.site.url, DESKTOP, looks=False) as visitor:
        visitor.sign_in(full.world.emails["drug_worker"])
        faults += visit(visitor, "/accounts", status=403)
        faults += visit(visitor, f"/referrals/{full.references['restricted']}", status=403)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "example",
    [
        "call to come",
        "called off",
        "placed: coming",
        "offered",
        "waiting",
        "number not confirmed",
        "completed",
    ],
)
def test_every_page_behind_a_link(example: str, full: Full, browser: Browser) -> None:
    faults: list[str] = []
    link = full.link_on(example).removeprefix(full.site.url)
    with visiting(browser, full.site.url, DESKTOP, looks=False) as visitor:
        faults += visit(visitor, link)
        visitor.press("Open")
        faults += visit(visitor, "/p/")
        if example != "number not confirmed":
            born = str(somebody(full.numbers[example])["date_of_birth"])
            prove(visitor, day=born[8:], month=born[5:7])
            faults += visit(visitor, "/p/")
        if example == "call to come":
            faults += visit(visitor, "/p/move")
        if example == "called off":
            faults += visit(visitor, "/p/book")
            assert visitor.page.url.endswith("/p/book")
        if example == "placed: coming":
            faults += visit(visitor, "/p/cannot-come")
        if example == "completed":
            faults += visit(visitor, "/p/survey")
            visitor.press("Send")
            faults += visit(visitor, "/p/survey")
    assert not faults, "\n".join(faults)


A_BAD_PAGE = """<html lang="en"><head><title>Waymark</title><style>* { outline: none !important }</style></head>
<body onload="1"><main><h1>One</h1><h1>Two</h1><a href="#one">Onward</a><img src="data:,">
<div style="width: 2000px">Wide</div></main><script>1</script></body></html>"""


def test_what_is_wrong_with_a_page_is_seen(full: Full, browser: Browser) -> None:
    """The control: without it, silence on all those pages would say nothing."""
    with visiting(browser, full.site.url, DESKTOP, looks=False) as visitor:
        visitor.page.set_content(A_BAD_PAGE)
        found = "\n".join(faults_of(visitor, A_BAD_PAGE, service=SERVICE))
    for fault in (
        "first headings are ['One', 'Two']",
        "title is 'Waymark'",
        "a style stands",
        "a script stands",
        "in attributes: {'onload'}",
        "a phone is not told",
        "the focus cannot be seen",
        "1280px: image-alt",
        "390px: image-alt",
        "too wide",
    ):
        assert fault in found
