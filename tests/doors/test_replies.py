"""Replies, from Twilio's webhook to the desk: heard once, as whose they are, answered, and never anybody else's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.alarms import standing
from provider.domain.contact.models import Task
from provider.domain.courses.models import Place
from provider.domain.diary.models import WorkingPattern
from provider.domain.messaging import inbox
from provider.domain.messaging.models import Callback, Reply, Text
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.domain.schemes.models import SchemeTerms
from provider.jobs.run import run_all_once
from provider.jobs.shift import Shift
from provider.jobs.watching import watch
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import contacting
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case
from tests.desk import section, send, sign_in
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.stand_ins.twilio import signed
from tests.texting import MOBILE, add_to_ring, book, change_number

INBOUND = "http://localhost/webhooks/twilio/inbound"
UNKNOWN = "+447700900777"
NIGHT = A_TUESDAY.replace(hour=23, minute=5)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    return known


_sids = iter(range(1, 1_000_000))


def hear(
    client: FlaskClient, world: World, body: str, *, number: str = MOBILE, sid: str | None = None, **more: str
) -> str:
    """Somebody texts us, and the worker acts on it; what Twilio is answered."""
    sid = sid or f"SM{next(_sids):032x}"
    form = {"MessageSid": sid, "From": number, "To": "+447700900999", "Body": body, **more}
    said = client.post(**signed(INBOUND, form))
    assert said.status_code == 200
    run_all_once(world.app)
    return said.text


def tasks(world: World, known: Known) -> dict[str, datetime]:
    with world.app.app_context():
        rows = sa.select(Task.kind, Task.due_at).where(Task.case_id == known.case_id, Task.done_at.is_(None))
        return {row.kind: row.due_at for row in db.session.execute(rows)}


def bodies(phones: Phones, *, after: int) -> list[str]:
    return [text.body for text in phones.arrived[after:]]


def at_desk(world: World, who: str = "drug_worker") -> FlaskClient:
    client = world.app.test_client()
    sign_in(client, world, who)
    return client


def give_place(world: World, known: Known) -> int:
    """A place in a session beside the call they have: the two bookings of somebody between two steps."""
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=6))
    with world.app.app_context(), transaction():
        place = Place(
            session_id=session_id,
            number=1,
            case_id=known.case_id,
            alias="a-place",
            created_at=A_TUESDAY,
            created_by="account:1",
        )
        db.session.add(place)
        db.session.flush()
        return place.id


@pytest.mark.parametrize(
    ("first", "which", "then"),
    [
        ("2", "1", ("another_time", "choose another time here", set())),
        ("2", "2", ("another_time", "We will ring you", {"call_me"})),
        ("1", "1", ("suits", None, set())),
        ("1 please", "2", ("suits", None, set())),
    ],
)
def test_a_bare_number_with_two_bookings_open_is_asked_back_and_the_answer_understood(
    world: World,
    client: FlaskClient,
    phones: Phones,
    known: Known,
    first: str,
    which: str,
    then: tuple[str, str | None, set[str]],
) -> None:
    give_place(world, known)
    before = len(phones.arrived)
    hear(client, world, first)
    (asked,) = bodies(phones, after=before)
    assert "Which one do you mean? Reply 1" in asked
    assert not re.search(r"\bSam\b|session|appointment|November", asked)
    assert tasks(world, known) == {}
    hear(client, world, which)
    meaning, answered, left = then
    said = bodies(phones, after=before + 1)
    assert len(said) == (answered is not None)
    assert answered is None or answered in said[0]
    assert set(tasks(world, known)) == left
    with world.app.app_context():
        assert count("replies", meaning="ask_which") == 1
        assert count("replies", meaning=meaning) == 1


def test_which_one_has_one_answer(world: World, client: FlaskClient, phones: Phones, known: Known) -> None:
    """What comes after it says something else, and is asked back again."""
    give_place(world, known)
    for body in ("1", "1", "2"):
        hear(client, world, body)
    with world.app.app_context():
        assert count("replies", meaning="ask_which") == 2
        assert count("replies", meaning="suits") == 1
    assert tasks(world, known) == {}


def test_two_where_no_move_is_left_is_rung(
    world: World, client: FlaskClient, phones: Phones, known: Known
) -> None:
    with world.app.app_context(), transaction():
        for terms in db.session.scalars(sa.select(SchemeTerms)):
            terms.terms = {**terms.terms, "moves_allowed": 0}
    before = len(phones.arrived)
    hear(client, world, "2")
    assert "We will ring you" in bodies(phones, after=before)[0]
    assert "call_me" in tasks(world, known)


@pytest.mark.parametrize(
    ("at", "best", "said", "due"),
    [
        ((24, 9, 30), None, "Call me please", (24, 9, 30)),
        ((24, 9, 30), "evenings", "ring me", (24, 17, 0)),
        ((24, 9, 30), "evenings", "call me after 3pm", (24, 15, 0)),
        ((24, 9, 30), None, "call me tomorrow", (25, 9, 0)),
        ((24, 23, 5), None, "Ffoniwch fi", (25, 9, 0)),
        ((28, 12, 0), "mornings", "please call", (30, 9, 0)),
        ((25, 19, 59), "evenings", "call me", (25, 19, 59)),
    ],
)
def test_who_asks_to_be_rung_is_rung_when_it_suits_and_never_at_night(
    world: World,
    client: FlaskClient,
    clock: MovableClock,
    known: Known,
    at: tuple[int, int, int],
    best: str | None,
    said: str,
    due: tuple[int, int, int],
) -> None:
    clock.set(A_TUESDAY.replace(day=at[0], hour=at[1], minute=at[2]))
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Case).values(best_times=best))
    hear(client, world, said)
    assert tasks(world, known)["call_me"] == A_TUESDAY.replace(day=due[0], hour=due[1], minute=due[2])


def test_who_asked_to_be_rung_stands_under_ring_now(world: World, client: FlaskClient, known: Known) -> None:
    hear(client, world, "can you call me back")
    ring = section(at_desk(world).get("/my-day").text, "ring")
    assert "Asked to be rung" in ring
    assert "Sam Example" in ring


def test_out_of_hours_one_answer_a_conversation_with_the_emergency_number(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known
) -> None:
    before = len(phones.arrived)
    hear(client, world, "is it still on?")
    assert bodies(phones, after=before) == []
    clock.set(NIGHT)
    for body in ("are you there", "hello??", "I am driving. I will answer later.", "ok"):
        hear(client, world, body)
    (answered,) = bodies(phones, after=before)
    assert "999" in answered
    assert "NHS 111" in answered
    assert set(tasks(world, known)) == {"reply"}
    clock.advance(hours=13)
    clock.set(clock.now().replace(hour=22))
    hear(client, world, "and tonight?")
    assert len(bodies(phones, after=before)) == 2


@pytest.mark.parametrize("body", ["I want to die", "i've od'd", "Dwi isio marw"])
def test_danger_is_urgent_and_answered_at_any_hour(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known, body: str
) -> None:
    clock.set(NIGHT)
    before = len(phones.arrived)
    for _ in range(3):
        hear(client, world, body)
    (answered,) = bodies(phones, after=before)
    assert all(number in answered for number in ("999", "116 123", "111"))
    assert not re.search(r"\bSam\b|drug|police|appointment", answered)
    assert tasks(world, known)["danger"] == NIGHT + timedelta(minutes=15)
    day = section(at_desk(world).get("/my-day").text, "urgent")
    assert "Sam Example" in day


def test_danger_that_nobody_acknowledges_is_shown_to_every_team_lead(
    world: World, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    with world.app.app_context(), transaction():
        db.session.execute(
            sa.delete(WorkingPattern).where(WorkingPattern.worker_id == world.accounts["team_lead"])
        )
    hear(client, world, "I can't go on")
    worker, lead, other = (at_desk(world, who) for who in ("drug_worker", "team_lead", "drug_worker_2"))
    assert 'id="urgent"' in worker.get("/my-day").text
    assert 'id="urgent"' not in other.get("/my-day").text
    assert 'id="urgent"' not in lead.get("/my-day").text
    clock.advance(minutes=15)
    assert "Nobody has seen to this yet" in section(lead.get("/my-day").text, "urgent")
    task = re.search(r'action="(/referrals/[^"]+/tasks/\d+/done)"', lead.get("/my-day").text)
    assert task
    send(lead, "/my-day", task[1])
    assert 'id="urgent"' not in worker.get("/my-day").text


def test_danger_from_a_number_that_is_nobodys_is_answered_in_the_same_breath(
    world: World, client: FlaskClient, phones: Phones, known: Known
) -> None:
    add_to_ring(world, given_name="Alex")
    before = len(phones.arrived)
    for number in (UNKNOWN, MOBILE):
        said = hear(client, world, "I want to kill myself", number=number, sid=f"SM{number}")
        assert "999" in said
        assert "Samaritans 116 123" in said
        assert not re.search("Sam |Alex|Waymark", said)
        again = hear(client, world, "I want to kill myself", number=number, sid=f"SM{number}")
        assert "999" not in again
        assert "999" not in hear(client, world, "I want to die", number=number)
    assert bodies(phones, after=before) == []
    assert tasks(world, known) == {}
    day = section(at_desk(world).get("/my-day").text, "urgent")
    assert "4 replies" in day


@pytest.mark.parametrize("sender", ["60777", "+4460777", "Vodafone", "whatsapp:+447700900777", ""])
def test_a_machine_is_never_answered(
    world: World, client: FlaskClient, clock: MovableClock, sender: str
) -> None:
    clock.set(NIGHT)
    assert "<Message>" not in hear(client, world, "I want to die. Samaritans 116 123", number=sender)


def test_a_number_that_two_people_have_is_sorted_by_a_person_and_only_then_acted_on(
    world: World, client: FlaskClient, phones: Phones, known: Known
) -> None:
    other = add_to_ring(world, given_name="Alex")
    hear(client, world, "1")
    hear(client, world, "could you ring my mum instead")
    assert tasks(world, known) == tasks(world, other) == {}
    desk = at_desk(world)
    page = desk.get("/replies").text
    assert "Sam Example" in page
    assert "Alex Example" in page
    first, second = re.findall(r'action="(/replies/\d+)"', page)
    send(desk, "/replies", second, whose=other.reference)
    assert set(tasks(world, other)) == {"reply"}
    assert tasks(world, known) == {}
    assert "could you ring my mum instead" in desk.get(f"/referrals/{other.reference}/texts").text
    assert "ring my mum" not in desk.get(f"/referrals/{known.reference}/texts").text
    send(desk, "/replies", first, whose=known.reference)
    with world.app.app_context():
        assert count("replies", meaning="suits", case_id=known.case_id) == 1
        assert count("replies", settled_as="person") == 2
    send(desk, "/my-day", first, whose=other.reference)
    assert "has just said whose this is" in desk.get("/replies").text
    with world.app.app_context():
        assert count("replies", meaning="suits", case_id=known.case_id) == 1


def test_an_unknown_number_is_sorted_by_reference_or_put_aside(
    world: World, client: FlaskClient, known: Known
) -> None:
    for body in ("It's Sam, new phone", "Win a prize", "who are you"):
        hear(client, world, body, number=UNKNOWN)
    hear(client, world, "ok", number=UNKNOWN)
    hear(client, world, "STOP", number=UNKNOWN)
    desk = at_desk(world, "team_lead")
    found = re.findall(r'action="(/replies/\d+)"', desk.get("/replies").text)
    assert len(found) == 3
    assert "Choose whose it is" in send(desk, "/replies", found[0]).text
    assert "Enter the reference" in send(desk, "/replies", found[0], whose="reference").text
    wrong = send(desk, "/replies", found[0], whose="reference", reference="ZZZZ-ZZZZ").text
    assert "There is no open record with this reference" in wrong
    send(desk, "/replies", found[0], whose="reference", reference=known.reference.lower())
    send(desk, "/replies", found[1], whose="unwanted")
    send(desk, "/replies", found[2], whose="nobody")
    assert set(tasks(world, known)) == {"reply"}
    assert "No reply waits to be sorted" in desk.get("/replies").text
    with world.app.app_context():
        assert count("phone_numbers", e164=UNKNOWN) == 0


def test_what_may_be_of_a_restricted_record_is_not_shown(
    world: World, client: FlaskClient, known: Known
) -> None:
    other = add_to_ring(world, given_name="Alex", restricted=True)
    hear(client, world, "a private thing")
    desk = at_desk(world)
    page = desk.get("/replies").text
    assert "Restricted record" in page
    assert "a private thing" not in page
    assert MOBILE not in page
    assert (
        send(desk, f"/referrals/{known.reference}/texts", "/replies/1", whose=known.reference).status_code
        == 404
    )
    assert tasks(world, other) == {}


@pytest.mark.parametrize(
    "who", ["facilitator", "administrator", "commissioner", "officer", "force_administrator"]
)
def test_only_who_rings_sorts_replies(world: World, client: FlaskClient, known: Known, who: str) -> None:
    assert at_desk(world, who).get("/replies").status_code == 403


@pytest.mark.parametrize(("address", "letter"), [("1 Example Street", "letter"), (None, "letter_no_address")])
def test_stop_turns_to_calls_and_letters_and_is_no_miss(
    world: World, client: FlaskClient, phones: Phones, known: Known, address: str | None, letter: str
) -> None:
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(address_line_1=address, postcode=address and "B1 1AA"))
    before = len(phones.arrived)
    hear(client, world, "Please stop", OptOutType="STOP")
    assert set(tasks(world, known)) == {"text_failed", letter}
    with world.app.app_context():
        assert db.session.scalar(sa.select(Case.misses).where(Case.id == known.case_id)) == 0
        assert count("appointments", state="booked") == 1
        assert count("texts", state="planned") == 0
    hear(client, world, "yes")
    assert "letter" not in " ".join(tasks(world, known))
    with world.app.app_context():
        assert count("phone_numbers", state="good") == 1
    assert bodies(phones, after=before) == []


def test_whoever_said_stop_to_the_network_alone_is_told_by_calls_and_letters_too(
    world: World, client: FlaskClient, known: Known
) -> None:
    with world.app.app_context():
        text = db.session.scalars(sa.select(Text).where(Text.sent_at.is_not(None))).one()
    form = {
        "MessageSid": str(text.provider_id),
        "MessageStatus": "failed",
        "ErrorCode": "21610",
        "To": MOBILE,
    }
    client.post(**signed(f"http://localhost/webhooks/twilio/status?text={text.public_id}", form))
    run_all_once(world.app)
    assert set(tasks(world, known)) == {"text_failed", "letter_no_address"}
    with world.app.app_context():
        assert count("texts", state="planned") == 0
        assert count("phone_numbers", state="opted_out") == 1


def test_wrong_number_stops_it(world: World, client: FlaskClient, known: Known) -> None:
    hear(client, world, "Wrong number mate")
    assert set(tasks(world, known)) == {"wrong_person"}
    with world.app.app_context():
        assert count("phone_numbers", state="bad") == 1
    hear(client, world, "1")
    with world.app.app_context():
        assert count("phone_numbers", state="bad") == 1
        assert count("replies", waits_because="doubted") == 1


def test_who_has_ended_is_not_opened_by_a_reply(world: World, client: FlaskClient, known: Known) -> None:
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Case).values(closed_at=A_TUESDAY))
    hear(client, world, "can I still come?")
    hear(client, world, "thanks")
    with world.app.app_context():
        assert count("replies", waits_because="ended") == 1
        assert count("tasks", kind="reply") == 0
    assert "whose referral has ended" in at_desk(world).get("/replies").text


def test_told_again_days_later_it_changes_nothing(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known
) -> None:
    hear(client, world, "2", sid="SMsame")
    sent = len(phones.arrived)
    clock.advance(days=40)
    with world.app.app_context(), transaction():
        inbox.forget_old(now=clock.now())
        db.session.execute(sa.delete(Text).where(Text.state == "planned"))
    assert "<Message>" not in hear(client, world, "2", sid="SMsame")
    with world.app.app_context():
        assert count("replies") == 1
        assert count("callbacks", handled_at=None) == 0
    assert len(phones.arrived) == sent


@pytest.mark.parametrize(
    ("bodies_in_order", "state"), [(("STOP", "START"), "good"), (("START", "STOP"), "opted_out")]
)
def test_two_quick_replies_end_as_the_last_says(
    world: World, client: FlaskClient, known: Known, bodies_in_order: tuple[str, ...], state: str
) -> None:
    for body in bodies_in_order:
        form = {"MessageSid": f"SM{body}", "From": MOBILE, "To": "+447700900999", "Body": body}
        client.post(**signed(INBOUND, form))
    with world.app.app_context(), transaction():
        first, second = db.session.scalars(sa.select(Callback.id).where(Callback.sender == MOBILE))
        assert inbox.take(second, now=A_TUESDAY) is None
        assert inbox.take(second, now=A_TUESDAY + timedelta(minutes=6)) is not None
        assert inbox.take(first, now=A_TUESDAY) is not None
    run_all_once(world.app)
    with world.app.app_context():
        assert count("phone_numbers", state=state) == 1


@pytest.mark.parametrize(
    "body", ["x" * 40_000, "", "\N{FACE WITH TEARS OF JOY}" * 400, "a\0b\0", "\u202etxet"]
)
def test_whatever_comes_is_kept_and_shown(world: World, client: FlaskClient, known: Known, body: str) -> None:
    hear(client, world, body, NumMedia="1", MediaUrl0="https://api.example/media/1")
    assert at_desk(world).get(f"/referrals/{known.reference}/texts").status_code == 200
    with world.app.app_context():
        assert count("replies", case_id=known.case_id) == 1


def test_the_thread_is_read_and_answered_once(
    world: World, client: FlaskClient, phones: Phones, known: Known
) -> None:
    hear(client, world, "Can I bring my sister?")
    desk = at_desk(world)
    here = f"/referrals/{known.reference}/texts"
    assert "unread replies" in desk.get("/my-day").text
    page = desk.get(here).text
    assert "Can I bring my sister?" in page
    assert "[link]" in page
    hidden = dict(re.findall(r'name="(seen|once|csrf_token)"[^>]* value="([^"]+)"', page))
    before = len(phones.arrived)
    for _ in range(2):
        assert desk.post(here, data={**hidden, "words": "Yes, that is fine."}).status_code == 302
    run_all_once(world.app)
    (answered,) = bodies(phones, after=before)
    assert answered.startswith("Yes, that is fine. Waymark")
    assert tasks(world, known) == {}
    page = desk.get(here).text
    assert "Yes, that is fine." in page
    assert "Drug Worker Example" in page
    assert "Unread" not in page
    with world.app.app_context():
        assert count("audit_entries", action="reply.answered") == 1


def test_an_answer_is_held_to_the_words_of_every_text(
    world: World, client: FlaskClient, known: Known
) -> None:
    hear(client, world, "What is it about?")
    desk = at_desk(world)
    here = f"/referrals/{known.reference}/texts"
    for words, fault in (
        ("It is about drugs.", "must not stand in a text"),
        ("The police asked us.", "must not stand in a text"),
        ("Reply YES to me.", "Twilio takes for itself"),
        ("See www.other.example.com", "the only link"),
        ("Hello Example, ring me.", "that name may not stand"),
        ("Ring {phone}", "Nothing in braces"),
        ("x" * 500, "Write at most 400"),
        ("", "Write your answer"),
    ):
        said = send(desk, here, words=words, seen="99", once="a" * 24)
        assert said.status_code == 200, words
        assert fault in said.text, words
    assert "What keeps it from being sent" in send(desk, here, here + "/preview", words="About drugs").text
    with world.app.app_context():
        assert count("texts", kind="reply_from_desk") == 0


def test_before_the_number_is_confirmed_an_answer_says_neither_name_nor_appointment(
    world: World, client: FlaskClient, known: Known
) -> None:
    change_number(world, known, confirmed_at=None, confirmed_by=None)
    hear(client, world, "who is this")
    desk = at_desk(world)
    here = f"/referrals/{known.reference}/texts"
    for words in ("Hi Sam, ring us.", "Your appointment stands."):
        assert send(desk, here, words=words, seen="99", once="b" * 24).status_code == 200
    assert send(desk, here, words="Hello, please ring us.", seen="99", once="c" * 24).status_code == 302


def test_who_wrote_meanwhile_is_read_first(world: World, client: FlaskClient, known: Known) -> None:
    hear(client, world, "hello")
    desk = at_desk(world)
    here = f"/referrals/{known.reference}/texts"
    said = send(desk, here, words="Good morning.", seen="0", once="d" * 24)
    assert "They wrote again while you were writing" in said.text
    send(desk, here, here + "/read", seen="0")
    assert set(tasks(world, known)) == {"reply"}
    with world.app.app_context():
        last = db.session.scalar(sa.select(sa.func.max(Reply.id)))
    send(desk, here, here + "/read", seen=str(last))
    assert tasks(world, known) == {}


def test_a_long_conversation_is_shown_by_pages(world: World, client: FlaskClient, known: Known) -> None:
    with world.app.app_context(), transaction():
        for number in range(75):
            at = A_TUESDAY + timedelta(minutes=number)
            db.session.add(
                Reply(
                    provider_id=f"SMx{number}",
                    case_id=known.case_id,
                    from_e164=MOBILE,
                    body=f"word {number:03}",
                    meaning="words",
                    received_at=at,
                )
            )
    desk = at_desk(world)
    here = f"/referrals/{known.reference}/texts"
    assert "word 074" in desk.get(here).text
    assert "word 010" not in desk.get(here).text
    assert "word 000" in desk.get(f"{here}?page=3").text
    assert desk.get(f"{here}?page=99999999999999999999").status_code == 200


def test_an_empty_thread_says_so(world: World, client: FlaskClient) -> None:
    known = add_case(world, mobile=None)
    page = at_desk(world).get(f"/referrals/{known.reference}/texts").text
    assert "Nothing has been texted yet" in page
    assert "There is no number that takes texts" in page


def look_for_alarms(world: World) -> dict[str, str]:
    """What stands once it has been looked for: about by kind."""
    with world.app.app_context():
        watch(Shift(world.app))
        return {alarm.kind: alarm.about for alarm in standing.standing()}


def concerns(client: FlaskClient) -> dict[str, str]:
    """How many of each kind of alarm about a concern stand, as a monitor reads it."""
    return dict(re.findall(r'provider_alarms\{kind="(danger_\w+)"\} (\d+)', client.get("/metrics").text))


def test_danger_that_nobody_acknowledges_is_an_alarm_that_rises_until_somebody_does(
    world: World, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    began = clock.now()
    hear(client, world, "I can't go on")
    clock.set(began + timedelta(minutes=14))
    assert not look_for_alarms(world)
    clock.set(began + timedelta(minutes=15))
    lead, admin = at_desk(world, "team_lead"), at_desk(world, "administrator")
    assert set(look_for_alarms(world)) == {"danger_waits"}
    assert "nobody has acknowledged it in time" in lead.get("/team").text
    assert "in danger" not in admin.get("/accounts").text
    assert concerns(client) == {"danger_waits": "1", "danger_still_waits": "0"}
    clock.set(began + timedelta(minutes=75))
    assert set(look_for_alarms(world)) == {"danger_waits", "danger_still_waits"}
    said = admin.get("/accounts").text
    assert "may be in danger, and for an hour more nobody" in said
    assert not re.search(r"\bSam\b|7700", said)
    task = re.search(r'action="(/referrals/[^"]+/tasks/\d+/done)"', lead.get("/my-day").text)
    assert task
    send(lead, "/my-day", task[1])
    assert look_for_alarms(world) == {}
    assert concerns(client) == {"danger_waits": "0", "danger_still_waits": "0"}


def test_of_two_in_danger_who_sees_to_one_has_not_seen_to_the_other(
    world: World, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    hear(client, world, "I can't go on")
    clock.advance(minutes=15)
    assert "danger_waits" in look_for_alarms(world)
    with world.app.app_context(), transaction():
        (alarm,) = standing.standing()
        standing.acknowledge(alarm.id, by=Actor("account", world.accounts["team_lead"]), now=clock.now())
    lead = at_desk(world, "team_lead")
    assert "A reply suggests danger, or" not in lead.get("/team").text
    hear(client, world, "I want to die", number=UNKNOWN)
    clock.advance(minutes=15)
    look_for_alarms(world)
    assert "A reply suggests danger, or" in lead.get("/team").text


def test_a_safeguarding_note_that_nobody_acknowledges_stands_at_the_top_of_every_leads_day(
    world: World, clock: MovableClock, known: Known
) -> None:
    began = clock.now()
    by = Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        contacting.write_note(known.case_id, kind="safeguarding", text="At once.", by=by, now=began)
    lead = at_desk(world, "team_lead")
    clock.set(began + timedelta(minutes=14))
    assert not look_for_alarms(world)
    assert 'id="urgent"' not in lead.get("/my-day").text
    clock.set(began + timedelta(minutes=15))
    assert set(look_for_alarms(world)) == {"danger_waits"}
    day = section(lead.get("/my-day").text, "urgent")
    assert "a safeguarding note was written" in day
    task = re.search(r'action="(/referrals/[^"]+/tasks/\d+/done)"', day)
    assert task
    send(lead, "/my-day", task[1])
    assert look_for_alarms(world) == {}
