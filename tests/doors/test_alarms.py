"""What is wrong is raised once, shown to who is to act, seen to, and gone when it is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from provider.domain.accounts.roles import Permission, Role, may
from provider.domain.alarms import standing
from provider.domain.alarms.models import Alarm
from provider.domain.audit.models import AuditEntry
from provider.domain.contact.models import Task
from provider.domain.messaging.models import Redaction, Text, TextSender, Wording
from provider.domain.messaging.worded import WordedAs
from provider.jobs.heartbeat import beat
from provider.jobs.models import JobRun
from provider.jobs.run import run, run_all_once
from provider.jobs.schedule import JOBS
from provider.jobs.shift import Shift
from provider.jobs.watching import watch
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import contacting, hearing
from provider.pathway.acknowledging import acknowledge
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.desk import send, sign_in
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.queries import queries_of
from tests.races.together import at_once
from tests.stand_ins.twilio import signed
from tests.texting import MOBILE, add_to_ring, book, states


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_to_ring(world)


def look(world: World) -> None:
    with world.app.app_context():
        watch(Shift(world.app, turns={job.name: job.every for job in JOBS}))


def alarms(world: World, *, ended: bool = False) -> dict[str, str]:
    """What stands, or what has ended: about by kind."""
    with world.app.app_context():
        which = Alarm.ended_at.is_not(None) if ended else Alarm.ended_at.is_(None)
        return {alarm.kind: alarm.about for alarm in db.session.scalars(sa.select(Alarm).where(which))}


def put(world: World, known: Known, many: int = 1, **values: Any) -> None:
    """Texts as they stand once something happened to them."""
    with world.app.app_context(), transaction():
        have = db.session.scalar(sa.select(sa.func.count()).select_from(Text)) or 0
        for number in range(many):
            row = {
                "public_id": f"txt_{have + number}",
                "once_key": f"put:{have + number}",
                "case_id": known.case_id,
                "kind": "assessment_booked",
                "due_at": A_TUESDAY,
                "expires_at": A_TUESDAY + timedelta(days=2),
                "state": "sent",
                "tries": 1,
            }
            db.session.add(Text(**{**row, **values}))


def settled(world: World, clock: MovableClock) -> None:
    """Two looks find nothing new: raised once, however often it is looked for."""
    with world.app.app_context():
        before = count("alarms"), count("audit_entries")
    for _ in range(2):
        look(world)
    with world.app.app_context():
        assert (count("alarms"), count("audit_entries")) == before


@pytest.mark.parametrize("code", [21612, 21212])
def test_a_sender_that_is_refused_is_said_until_a_day_without_another(
    world: World, clock: MovableClock, known: Known, code: int
) -> None:
    put(world, known, 3, state="failed", error_code=code, settled_at=A_TUESDAY)
    look(world)
    assert alarms(world) == {"sender_refused": str(code)}
    settled(world, clock)
    clock.advance(hours=25)
    look(world)
    assert alarms(world) == {}
    assert alarms(world, ended=True) == {"sender_refused": str(code)}


def test_not_being_let_in_is_said_while_texts_wait_for_it(
    world: World, clock: MovableClock, known: Known
) -> None:
    later = clock.now() + timedelta(minutes=5)
    put(world, known, 2, state="planned", error_code=20003, due_at=later)
    look(world)
    assert alarms(world) == {"account_refused": "20003"}
    settled(world, clock)
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Text).values(state="sent", error_code=None))
    look(world)
    assert alarms(world) == {}


def test_a_sender_that_rests_is_said_after_a_minute(world: World, clock: MovableClock) -> None:
    with world.app.app_context(), transaction():
        rests = {"rests_since": clock.now(), "rests_until": clock.now() + timedelta(minutes=5)}
        db.session.add(TextSender(address="MG1", used_until=clock.now(), rests=3, **rests))
    look(world)
    assert alarms(world) == {}
    clock.advance(minutes=2)
    look(world)
    assert alarms(world) == {"sender_rests": "MG1"}
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(TextSender).values(rests_since=None, rests_until=None, rests=0))
    look(world)
    assert alarms(world) == {}


def test_texts_that_do_not_go_out_are_said_after_ten_minutes(
    world: World, clock: MovableClock, known: Known
) -> None:
    put(world, known, state="planned", tries=0)
    clock.advance(minutes=9)
    look(world)
    assert alarms(world) == {}
    clock.advance(minutes=2)
    look(world)
    assert set(alarms(world)) == {"texts_late"}
    run_all_once(world.app)
    assert alarms(world) == {}


def test_a_job_that_has_stopped_is_said_by_name(world: World, clock: MovableClock) -> None:
    shift = Shift(world.app, turns={job.name: job.every for job in JOBS})
    for job in JOBS:
        run(job, shift)
    with world.app.app_context():
        beat(shift)
    for minutes in (4, 2):
        clock.advance(minutes=minutes)
        for job in JOBS:
            if job.name != "send texts":
                run(job, shift)
        with world.app.app_context():
            beat(shift)
    look(world)
    assert alarms(world) == {"job_stuck": "send texts"}


def test_workers_that_were_all_away_are_no_job_that_stopped(world: World, clock: MovableClock) -> None:
    with world.app.app_context(), transaction():
        for job in JOBS:
            db.session.add(JobRun(job=job.name, succeeded_at=clock.now()))
    clock.advance(days=3)
    look(world)
    assert alarms(world) == {}


def test_texts_of_which_nobody_hears_again_are_said(world: World, clock: MovableClock, known: Known) -> None:
    put(world, known, 10, state="sent", sent_at=A_TUESDAY)
    clock.advance(minutes=29)
    look(world)
    assert alarms(world) == {}
    clock.advance(minutes=2)
    look(world)
    assert set(alarms(world)) == {"no_receipts"}
    put(world, known, state="delivered", sent_at=A_TUESDAY + timedelta(seconds=1))
    look(world)
    assert alarms(world) == {}


def test_a_few_that_are_not_heard_of_are_a_chance(world: World, clock: MovableClock, known: Known) -> None:
    put(world, known, 9, state="sent", sent_at=A_TUESDAY)
    clock.advance(minutes=31)
    look(world)
    assert alarms(world) == {}


def test_what_twilio_told_us_and_nobody_acts_on_is_said(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    client.post(**signed("http://localhost/webhooks/twilio/status?text=txt_1", form))
    clock.advance(minutes=11)
    look(world)
    assert set(alarms(world)) == {"callbacks_wait"}


def danger(world: World, clock: MovableClock, *, from_e164: str) -> None:
    with world.app.app_context(), transaction():
        hearing.reply(
            "SM" + "d" * 32, from_e164=from_e164, body="i want to die", opt_out=None, now=clock.now()
        )


def test_words_of_danger_that_nobody_acknowledges_are_said_after_a_quarter_of_an_hour(
    world: World, clock: MovableClock, known: Known, client: FlaskClient
) -> None:
    danger(world, clock, from_e164=MOBILE)
    with world.app.app_context(), transaction() as session:
        session.execute(sa.delete(Text))  # what is answered waits for a worker, which is an alarm of its own
    clock.advance(minutes=14)
    look(world)
    assert alarms(world) == {}
    clock.advance(minutes=1)
    look(world)
    assert alarms(world) == {"danger_waits": "task 1"}
    settled(world, clock)
    assert metrics(client)["provider_alarms", "danger_waits"] == 1
    lead = at_desk(world, "team_lead").get("/team").text
    assert "A reply suggests danger" in lead
    assert "Sam" not in lead.split("A reply suggests danger")[1][:400]
    with world.app.app_context(), transaction():
        task_id = db.session.scalars(sa.select(Task.id).where(Task.kind == "danger")).one()
        acknowledge(task_id, by=Actor("account", world.accounts["drug_worker"]), now=clock.now())
    look(world)
    assert alarms(world) == {}


def test_words_of_danger_from_a_number_that_is_nobodys_are_said_as_well(
    world: World, clock: MovableClock
) -> None:
    danger(world, clock, from_e164="+447700900999")
    look(world)
    assert alarms(world) == {}
    clock.advance(minutes=15)
    look(world)
    assert alarms(world) == {"danger_waits": "reply 1"}


def test_a_safeguarding_note_that_nobody_acknowledges_goes_to_every_lead(
    world: World, clock: MovableClock, known: Known
) -> None:
    by = Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        contacting.write_note(known.case_id, kind="safeguarding", text="x", by=by, now=clock.now())
    look(world)
    assert alarms(world) == {}
    clock.advance(minutes=15)
    look(world)
    assert alarms(world) == {"danger_waits": "task 1"}


def test_words_that_would_not_go_are_said(world: World, clock: MovableClock) -> None:
    with world.app.app_context(), transaction():
        db.session.add(
            Redaction(
                provider_id="SM1", noted_at=A_TUESDAY, due_at=A_TUESDAY, given_up_at=A_TUESDAY, tries=12
            )
        )
    look(world)
    assert alarms(world) == {"not_redacted": ""}


def filtered(world: World, known: Known, client: FlaskClient) -> None:
    """A text of theirs goes out and the network filters it."""
    with world.app.app_context():
        text = db.session.scalars(
            sa.select(Text)
            .where(Text.state == "sent", Text.case_id == known.case_id)
            .order_by(Text.id.desc())
        ).first()
        assert text is not None
        form = {"MessageSid": str(text.provider_id), "MessageStatus": "undelivered", "ErrorCode": "30007"}
    callback = signed(f"http://localhost/webhooks/twilio/status?text={text.public_id}&try={text.tries}", form)
    assert client.post(**callback).status_code == 204
    run_all_once(world.app)


def people(world: World, many: int) -> list[Known]:
    """Each with a confirmation that is due: the same words for all."""
    found = [add_to_ring(world, mobile=f"+44770090010{number}") for number in range(many)]
    for known in found:
        book(world, known)
    return found


def test_words_that_are_filtered_again_and_again_go_out_to_nobody_until_they_are_changed(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones
) -> None:
    first = people(world, 3)
    run_all_once(world.app)
    with world.app.app_context():
        assert standing.standing() == []
    for number, known in enumerate(first, start=1):
        filtered(world, known, client)
        with world.app.app_context():
            (alarm,) = standing.standing()
            assert (alarm.kind, alarm.times, alarm.stopped_at is not None) == (
                "words_filtered",
                number,
                number == 3,
            )
            assert WordedAs.read(alarm.about).kind == "assessment_booked"
    sent = len(phones.arrived)
    later = add_to_ring(world, mobile=MOBILE)
    book(world, later)
    run_all_once(world.app)
    assert len(phones.arrived) == sent
    assert states(world, later)["assessment_booked"] == "dropped: words_filtered"
    with world.app.app_context():
        assert count("tasks", kind="text_failed", case_id=later.case_id) == 1
    clock.advance(days=3)
    look(world)
    assert "words_filtered" in alarms(world)
    with world.app.app_context(), transaction():
        words = {"scheme_id": world.schemes["divert-adult"], "kind": "assessment_booked", "language": "en"}
        said = "{greeting} {who} rings {day} {date} {time}. {link} {phone}"
        db.session.add(Wording(**words, version=1, words=said, set_at=clock.now(), set_by="account:1"))
    look(world)
    assert "words_filtered" not in alarms(world)


def test_another_schemes_words_go_out_meanwhile(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones
) -> None:
    for known in people(world, 3):
        run_all_once(world.app)
        filtered(world, known, client)
    theirs = add_to_ring(world, mobile=MOBILE, scheme="diversion-deferred")
    book(world, theirs)
    run_all_once(world.app)
    assert states(world, theirs)["assessment_booked"] == "sent"


def test_somebody_may_let_the_same_words_go_out_again(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones
) -> None:
    for known in people(world, 3):
        run_all_once(world.app)
        filtered(world, known, client)
    with world.app.app_context():
        (alarm,) = standing.standing()
    lead = world.app.test_client()
    sign_in(lead, world, "team_lead")
    assert "Nothing goes out in these words." in lead.get("/alarms").text
    answer = send(lead, "/alarms", f"/alarms/{alarm.id}/end")
    assert answer.status_code == 302
    settled(world, clock)
    later = add_to_ring(world, mobile=MOBILE)
    book(world, later)
    run_all_once(world.app)
    assert states(world, later)["assessment_booked"] == "sent"
    assert alarms(world) == {}


def test_two_workers_raise_one(world: World, clock: MovableClock, known: Known) -> None:
    put(world, known, state="failed", error_code=21612, settled_at=A_TUESDAY)
    at_once(world.app, [lambda: watch(Shift(world.app))] * 4)
    with world.app.app_context():
        assert count("alarms") == 1
        assert count("audit_entries", action="alarm.raised") == 1


def test_the_database_keeps_one_of_a_kind_that_stands(world: World) -> None:
    with world.app.app_context():
        with transaction():
            assert standing.raise_alarm("texts_late", about="", times=1, now=A_TUESDAY) is not None
            assert standing.raise_alarm("texts_late", about="", times=1, now=A_TUESDAY) is None
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.add(Alarm(kind="texts_late", about="", raised_at=A_TUESDAY, last_at=A_TUESDAY))


@pytest.fixture
def refused(world: World, known: Known) -> None:
    put(world, known, state="failed", error_code=21612, settled_at=A_TUESDAY)
    look(world)


def at_desk(world: World, who: str) -> FlaskClient:
    client = world.app.test_client()
    sign_in(client, world, who)
    return client


def alive(world: World) -> None:
    with world.app.app_context():
        beat(Shift(world.app))


@pytest.mark.usefixtures("refused")
def test_it_is_said_on_every_page_to_who_is_to_act_until_somebody_sees_to_it(world: World) -> None:
    alive(world)
    admin, lead, worker = (at_desk(world, who) for who in ("administrator", "team_lead", "drug_worker"))
    said = "Twilio refuses what our texts are sent by (error 21612)."
    for path in ("/accounts", "/audit", "/schemes"):
        assert said in admin.get(path).text
    assert said not in lead.get("/team").text
    assert said not in worker.get("/my-day").text
    assert worker.get("/alarms").status_code == 403
    page = lead.get("/alarms").text
    assert said in page
    assert "Administrator" in page
    with world.app.app_context():
        (alarm,) = standing.standing()
    assert send(admin, "/alarms", f"/alarms/{alarm.id}/acknowledge").status_code == 302
    assert "You are seeing to it." in admin.get("/alarms").text
    assert said not in admin.get("/accounts").text
    assert "Administrator Example sees to it" in lead.get("/alarms").text
    with world.app.app_context():
        assert (
            count(
                "audit_entries",
                action="alarm.acknowledged",
                actor=f"account:{world.accounts['administrator']}",
            )
            == 1
        )


@pytest.mark.usefixtures("refused")
def test_what_somebody_put_right_comes_back_only_when_it_shows_again(
    world: World, clock: MovableClock, known: Known
) -> None:
    admin = at_desk(world, "administrator")
    with world.app.app_context():
        (alarm,) = standing.standing()
    clock.advance(minutes=5)
    assert send(admin, "/alarms", f"/alarms/{alarm.id}/end").status_code == 302
    look(world)
    assert alarms(world) == {}
    page = admin.get("/alarms").text
    assert "Nothing is wrong." in page or "No worker is at work" in page
    assert "Administrator Example" in page
    put(world, known, state="failed", error_code=21612, settled_at=clock.now() + timedelta(minutes=1))
    look(world)
    assert set(alarms(world)) == {"sender_refused"}


@pytest.mark.usefixtures("refused")
def test_what_is_not_there_or_over_is_not_found_and_forms_need_their_token(world: World) -> None:
    admin = at_desk(world, "administrator")
    for what in ("acknowledge", "end"):
        assert send(admin, "/alarms", f"/alarms/99/{what}").status_code == 404
        assert admin.post(f"/alarms/1/{what}").status_code == 400
        assert at_desk(world, "facilitator").post(f"/alarms/1/{what}").status_code in (400, 403)
    assert send(admin, "/alarms", "/alarms/1/end").status_code == 302
    put_right = (
        send(admin, "/audit", "/alarms/1/acknowledge") if "csrf_token" in admin.get("/audit").text else None
    )
    assert put_right is None or put_right.status_code == 404


def test_without_a_worker_it_is_said_all_the_same(world: World, clock: MovableClock) -> None:
    alive(world)
    admin = at_desk(world, "administrator")
    assert "No worker is at work" not in admin.get("/accounts").text
    clock.advance(minutes=3)
    assert "No worker is at work" in admin.get("/accounts").text
    assert "No worker is at work" in admin.get("/alarms").text
    assert "No worker is at work" not in at_desk(world, "team_lead").get("/team").text


def test_the_banner_is_one_query_and_only_for_who_may_act(world: World, known: Known) -> None:
    alive(world)

    def asked(who: str, path: str) -> list[str]:
        client = at_desk(world, who)
        client.get(path)
        with queries_of(world.app) as sent:
            client.get(path)
        return [statement for statement in sent if "FROM alarms" in statement or "JOIN alarms" in statement]

    assert [
        len(asked(who, path)) for who, path in (("administrator", "/accounts"), ("team_lead", "/team"))
    ] == [1, 1]
    assert asked("drug_worker", "/my-day") == []
    put(world, known, 5, state="failed", error_code=21612, settled_at=A_TUESDAY)
    look(world)
    assert len(asked("administrator", "/accounts")) == 1


def test_who_is_to_act_may(world: World) -> None:
    assert {role for role in Role if may(role, Permission.SEE_TO_ALARMS)} == {
        Role.ADMINISTRATOR,
        Role.TEAM_LEAD,
    }


def test_no_alarm_or_entry_of_one_says_who_somebody_is(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones
) -> None:
    for known in people(world, 3):
        run_all_once(world.app)
        filtered(world, known, client)
    with world.app.app_context():
        kept = [
            *db.session.scalars(sa.select(Alarm.about)),
            *(
                str(row)
                for row in db.session.scalars(
                    sa.select(AuditEntry.detail).where(AuditEntry.subject == "alarm")
                )
            ),
        ]
    everything = " ".join([*kept, at_desk(world, "team_lead").get("/alarms").text])
    for private in ("Sam", "07700", "+4477", "7700900"):
        assert private not in everything


def metrics(client: FlaskClient) -> dict[tuple[str, str], float]:
    """Every sample by its name and label, read by Prometheus's own parser."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_is_wrong_is_in_the_metrics(
    world: World, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    put(
        world,
        known,
        2,
        state="failed",
        error_code=21612,
        settled_at=A_TUESDAY,
        state_because="configuration_alarm",
    )
    put(
        world,
        known,
        state="failed",
        error_code=30007,
        settled_at=A_TUESDAY,
        state_because="alert_on_template",
    )
    put(world, known, 3, state="unknown")
    put(world, known, 4, state="planned", tries=0)
    with world.app.app_context(), transaction():
        rests = {"rests_since": clock.now(), "rests_until": clock.now() + timedelta(hours=1)}
        db.session.add(TextSender(address="MG1", used_until=clock.now(), rests=3, **rests))
        db.session.add(JobRun(job="send texts", succeeded_at=clock.now()))
        db.session.add(Redaction(provider_id="SM1", noted_at=A_TUESDAY, due_at=A_TUESDAY, tries=0))
    clock.advance(minutes=20)
    look(world)
    found = metrics(client)
    assert found["provider_texts_failed", "configuration_alarm"] == 2
    assert found["provider_texts_failed", "alert_on_template"] == 1
    assert found["provider_texts", "unknown"] == 3
    assert found["provider_texts_due", ""] == 4
    assert found["provider_texts_oldest_due_age_seconds", ""] == 20 * 60
    assert found["provider_text_senders", "resting"] == 1
    assert found["provider_redactions", "waiting"] == 1
    assert found["provider_job_age_seconds", "send texts"] == 20 * 60
    assert {kind for (name, kind), value in found.items() if name == "provider_alarms" and value} == {
        "sender_refused",
        "sender_rests",
        "texts_late",
    }


def test_labels_are_from_closed_lists_and_name_nobody(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    before = set(metrics(client))
    for known in people(world, 3):
        run_all_once(world.app)
        filtered(world, known, client)
    after = metrics(client)
    assert {name for name, _ in set(after) - before} <= {"provider_job_age_seconds"}
    assert after["provider_texts_failed", "alert_on_template"] == 3
