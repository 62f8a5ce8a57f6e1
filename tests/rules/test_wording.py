"""Every kind of text, with and without a name: what it says, what it never says, and that it stays within two parts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product

import pytest

from provider.domain.messaging.kinds import (
    ANSWERS,
    KINDS,
    SAFE_BEFORE_CONFIRMED,
    Meaning,
    means,
    template_for,
)
from provider.domain.messaging.lint import lint
from provider.domain.messaging.names import safe_first_name
from provider.domain.messaging.wording import PLACEHOLDERS, TEMPLATES, TextFacts, placeholders, render

STARTS = datetime(2026, 9, 30, 9, 30, tzinfo=UTC)
REPLY_BY = datetime(2026, 9, 29, 16, 0, tzinfo=UTC)
LINK = "https://waymark.example.org/p/abcdefghijklmnopqrstuv"


def facts(
    *,
    first_name: str | None = "Sam",
    worker: str | None = "Jo",
    service: str = "Waymark",
    phone: str = "0121 496 0000",
    link: str = LINK,
    minutes: int = 150,
) -> TextFacts:
    return TextFacts(service, phone, link, first_name, worker, STARTS, minutes, REPLY_BY)


TYPICAL = {"service": "Waymark", "phone": "0121 496 0000", "link": LINK}
LONGEST = {"service": "W" * 40, "phone": "0800 496 0000 (24/7)", "link": "https://" + "w" * 52}
NAMES = ("Sam", None, "Bartholomew-Ptolemy J", "http://x.example", "Anne-Marie Elizabeth")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "worker"), list(product(NAMES, ("Jo", None))))
@pytest.mark.parametrize("size", [TYPICAL, LONGEST], ids=["typical", "longest"])
def test_each_kind_is_gsm_within_two_parts_filled_and_clean(kind, name, worker, size):
    text = render(kind, facts(first_name=name, worker=worker, minutes=150, **size))
    assert text.segments.encoding == "GSM-7"
    assert text.segments.parts <= 2, (text.segments.units, text.body)
    assert "{" not in text.body
    assert "  " not in text.body
    assert lint(text.body) == () or size is LONGEST
    assert text.body[0].isupper()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_says_who_when_how_long_how_to_change_it_and_whom_to_ring(kind):
    body = render(kind, facts()).body
    assert "Waymark" in body
    assert LINK in body
    assert "0121 496 0000" in body
    if kind in SAFE_BEFORE_CONFIRMED:
        return
    assert body.startswith("Hi Sam, ")
    assert "2 hours 30 minutes" in body
    if kind != "waiting_list_joined":
        assert "Wednesday 30 September" in body
        assert "10:30am" in body


@pytest.mark.parametrize("kind", sorted(SAFE_BEFORE_CONFIRMED))
def test_a_number_nobody_confirmed_gets_no_name_and_no_appointment(kind):
    body = render(kind, facts(first_name="Sam")).body
    assert "Sam" not in body
    assert "appointment" not in body
    assert "session" not in body


def test_the_text_before_the_first_call_says_who_from_which_number_and_about_when():
    body = render("first_contact_soon", facts()).body
    assert (
        "Jo from Waymark will ring you on Wednesday 30 September at about 10:30am from 0121 496 0000" in body
    )
    assert "Hello. Waymark will ring you" in render("first_contact_soon", facts(worker=None)).body


def test_the_last_reminder_of_a_session_carries_the_link_to_join():
    assert f"Join here: {LINK} " in render("course_reminder_1h", facts()).body


def test_an_offered_place_says_until_when_it_is_kept():
    assert "Reply 1 by 5pm Tuesday to take it" in render("place_offered", facts()).body


@pytest.mark.parametrize("kind", KINDS)
def test_suggested_replies_are_in_the_text_and_nothing_else_is_asked(kind):
    body = render(kind, facts()).body
    for digit in "12":
        asked = re.search(rf"\b[Rr]eply {digit}\b|, {digit} (?:for|to)\b", body) is not None
        assert asked == (means(kind, digit) is not None), body


def test_every_kind_has_its_template_and_every_template_its_kind():
    assert {path.stem for path in (TEMPLATES / "en").glob("*.txt")} == set(KINDS)
    assert set(ANSWERS) <= set(KINDS)
    assert len(KINDS) == len(set(KINDS))


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.glob("*/*.txt")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_templates_use_the_closed_list_of_placeholders_and_pass_the_lint_themselves(path):
    template = path.read_text(encoding="utf-8").strip()
    assert placeholders(template) <= PLACEHOLDERS
    assert lint(template) == ()
    assert "\n" not in template
    unsafe = {"greeting", "first_name"}
    assert path.stem not in SAFE_BEFORE_CONFIRMED or not placeholders(template) & unsafe


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        ("course_reminder_7d", "course_reminder_7d"),
        ("course_reminder_14d", "course_reminder_7d"),
        ("course_reminder_5d", "course_reminder_3d"),
        ("course_reminder_2d", "course_reminder_1d"),
        ("course_reminder_0d", "course_reminder_1d"),
        ("treatment_reminder_1h", "one_to_one_reminder_1h"),
        ("treatment_reminder_4d", "one_to_one_reminder_3d"),
        ("treatment_booked", "one_to_one_booked"),
        ("missed_treatment", "missed_one_to_one"),
        ("course_moved_or_cancelled", "course_cancelled"),
    ],
)
def test_a_kind_without_words_of_its_own_takes_the_nearest(kind, template):
    assert template_for(kind) == template


@pytest.mark.parametrize("kind", ["", "course", "treatment", "../../etc/passwd", "course_reminder_100d"])
def test_there_are_no_other_kinds(kind):
    with pytest.raises(ValueError, match="no text of the kind"):
        render(kind, facts())


def test_a_missing_fact_is_a_bug_and_never_a_text_with_a_hole():
    with pytest.raises(ValueError, match="date, day, length, time"):
        render("assessment_booked", TextFacts("Waymark", "0121 496 0000", LINK))


def test_what_is_put_in_is_not_looked_at_again():
    assert "{phone}" in render("assessment_booked", facts(service="{phone}")).body


def test_a_language_without_the_template_falls_back_and_says_so():
    assert render("assessment_booked", facts(), language="cy").language == "en"
    with pytest.raises(ValueError, match="language"):
        render("assessment_booked", facts(), language="../en")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 1, 5, 0, 0, tzinfo=UTC), "Monday 5 January at midnight"),
        (datetime(2026, 1, 5, 9, 0, tzinfo=UTC), "Monday 5 January at 9am"),
        (datetime(2026, 1, 5, 12, 0, tzinfo=UTC), "Monday 5 January at midday"),
        (datetime(2026, 1, 5, 12, 15, tzinfo=UTC), "Monday 5 January at 12:15pm"),
        (datetime(2026, 7, 5, 16, 5, tzinfo=UTC), "Sunday 5 July at 5:05pm"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Sunday 25 October at 1:30am"),
    ],
)
def test_moments_are_said_on_londons_clock(moment, said):
    text = render(
        "assessment_cancelled", TextFacts("Waymark", "0121 496 0000", LINK, starts_at=moment, minutes=45)
    )
    assert said in text.body


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (45, "(45 minutes)"),
        (60, "(1 hour)"),
        (90, "(90 minutes)"),
        (120, "(2 hours)"),
        (150, "(2 hours 30 minutes)"),
    ],
)
def test_lengths_are_said_in_hours_and_minutes(minutes, said):
    assert said in render("assessment_cancelled", facts(minutes=minutes)).body


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ("Sam", "Sam"),
        ("  Sam ", "Sam"),
        ("SAM", "Sam"),
        ("JEAN-PAUL", "Jean-Paul"),
        ("O’NEIL", "O'Neil"),
        ("TJ", "TJ"),
        ("McKenzie", "McKenzie"),
        ("Mr Sam", "Sam"),
        ("Mary Jane", "Mary Jane"),
        ("Siân", "Siân"),
        ("Zoe\u0308", "Zoë"),
        ("Łukasz", "Łukasz"),
        ("محمد", "محمد"),
        ("प्रिया", "प्रिया"),
        ("A" * 20, "A" + "a" * 19),
        ("A" * 21, None),
        ("", None),
        (None, None),
        ("  ", None),
        ("-", None),
        ("'Sam", None),
        ("Sam1", None),
        ("S.", None),
        ("Sam {link}", None),
        ("https://x.example", None),
        ("Sam\u202eevil", None),
        ("Sam\nPolice", None),
        ("Cannabis", None),
        ("\N{GRINNING FACE}", None),
        ("\u0301\u0301", None),
    ],
)
def test_a_first_name_is_said_as_spelled_or_left_out(recorded, said):
    assert safe_first_name(recorded) == said


def test_a_name_beyond_gsm_is_not_misspelled_to_save_a_part():
    text = render("assessment_booked", facts(first_name="Siân"))
    assert text.body.startswith("Hi Siân, ")
    assert text.segments.encoding == "UCS-2"


GOOD = "Hi Sam, Waymark will ring you. Reply 1 or 2. Change it: https://waymark.example/p/x or ring 0121 496 0000"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("ring you", "talk about drugs"), "drug_word"),
        (("ring you", "talk about your drinking"), "drug_word"),
        (("Waymark", "Northern Recovery"), "drug_word"),
        (("ring you", "talk about the offence"), "offence_word"),
        (("ring you", "talk about your Arrest"), "offence_word"),
        (("ring you", "tell the police"), "police_word"),
        (("ring you", "tell the officer"), "police_word"),
        (("ring you", "do your assessment"), "scheme_word"),
        (("ring you", "see you for the scheme"), "scheme_word"),
        (("ring you", "wait; you must come"), "threat"),
        (("ring you", "wait, or there are consequences"), "threat"),
        (("waymark.example", "drugservice.example"), "host_name"),
        (("waymark.example", "mypolice.example"), "host_name"),
        (("Reply 1 or 2.", "Reply YES."), "twilio_keyword"),
        (("Reply 1 or 2.", "Reply 1 or stop."), "twilio_keyword"),
        (("Reply 1 or 2.", "Text CANCEL to cancel."), "twilio_keyword"),
        (("Reply 1 or 2.", "Reply with the word 'end'."), "twilio_keyword"),
        (("Reply 1 or 2.", "STOP ends this."), "twilio_keyword"),
        (("Reply 1 or 2.", "Reply 3."), "other_reply"),
        (("Reply 1 or 2.", "Reply ok."), "other_reply"),
        (("Reply 1 or 2.", "Text 5 to come."), "other_reply"),
        (("https://waymark.example/p/x", "here"), "no_link"),
        (("0121 496 0000", "us"), "no_number"),
    ],
)
def test_the_lint_refuses_what_a_text_must_not_say_or_leave_out(change, code):
    assert lint(GOOD) == ()
    assert code in {fault.code for fault in lint(GOOD.replace(*change))}


@pytest.mark.parametrize(
    "body",
    [
        GOOD.replace("Reply 1 or 2.", "Your session starts at 10am and ends at midday."),
        GOOD.replace("Reply 1 or 2.", "We will text you when there is a place."),
        GOOD.replace("Reply 1 or 2.", "Reply 1 to keep it or 2 to cancel."),
        GOOD.replace("/p/x", "/p/drug-police-STOP-0000"),
        GOOD.replace("0121 496 0000", "+44 121 496 0000"),
        GOOD.replace("Reply 1 or 2.", "Bring a friend of course; courtesy of Enforcement House."),
        "{greeting}, see {link} or ring {phone}",
    ],
)
def test_the_lint_lets_ordinary_words_be(body):
    assert lint(body) == ()


def test_what_a_bare_number_means_depends_on_what_was_asked():
    assert means("assessment_booked", "1") is Meaning.SUITS
    assert means("treatment_reminder_3d", "2") is Meaning.ANOTHER_TIME
    assert means("place_offered", "2") is Meaning.NO_THANKS
    assert means("missed_assessment", "2") is None
    assert means("course_cancelled", "1") is None
