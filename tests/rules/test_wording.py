"""Every kind of text, with and without a name: what it says, what it never says, and that it stays within two parts."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.domain.messaging.kinds import (
    ANSWERS,
    KINDS,
    SAFE_BEFORE_CONFIRMED,
    SPOKEN,
    TO_REPLIES,
    Meaning,
    in_a_room,
    means,
    template_for,
)
from provider.domain.messaging.languages import TEMPLATES, languages, shipped
from provider.domain.messaging.lint import lint, lint_words
from provider.domain.messaging.names import safe_first_name
from provider.domain.messaging.wording import PLACEHOLDERS, TextFacts, fill, may_hold, placeholders, render
from provider.domain.schemes.promises import PROMISES

STARTS = datetime(2026, 9, 30, 9, 30, tzinfo=UTC)
REPLY_BY = datetime(2026, 9, 29, 16, 0, tzinfo=UTC)
WRITTEN = "Thank you for telling us."
LINK = "https://waymark.example.org/p/abcdefghijklmnopqrstuv"


def facts(
    *,
    first_name: str | None = "Sam",
    worker: str | None = "Jo",
    service: str = "Waymark",
    phone: str = "0121 496 0000",
    link: str = LINK,
    minutes: int = 150,
    where: str = "5 High Street, Coventry CV1 1AA",
) -> TextFacts:
    return TextFacts(
        service, phone, link, first_name, worker, STARTS, minutes, where, REPLY_BY, words=WRITTEN
    )


TYPICAL = {"service": "Waymark", "phone": "0121 496 0000", "link": LINK}
LONGEST = {
    "service": "W" * 40,
    "phone": "0800 496 0000 (24/7)",
    "link": "https://" + "w" * 52,
    "where": "W" * 40,
}
NAMES = ("Sam", None, "Bartholomew-Ptolemy J", "http://x.example", "Anne-Marie Elizabeth")


EVERY = [pytest.param(kind, language, id=f"{language}-{kind}") for language in languages() for kind in KINDS]


@pytest.mark.parametrize(("kind", "language"), EVERY)
@pytest.mark.parametrize("size", [TYPICAL, LONGEST], ids=["typical", "longest"])
def test_each_kind_is_gsm_within_two_parts_filled_and_clean_in_every_language(kind, language, size):
    for name, worker in product(NAMES, ("Jo", None)):
        text = render(kind, facts(first_name=name, worker=worker, **size), language=language)
        assert text.language == language
        assert text.segments.encoding == "GSM-7"
        assert text.segments.parts <= 2, (text.segments.units, text.body)
        assert "{" not in text.body
        assert "  " not in text.body
        assert lint(text.body, language=language) == () or size is LONGEST
        assert text.body[0].isupper()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_says_who_when_how_long_how_to_change_it_and_whom_to_ring(kind):
    body = render(kind, facts()).body
    assert "Waymark" in body
    assert LINK in body
    assert "0121 496 0000" in body
    assert body.startswith(
        "Hi Sam, "
        if "greeting" in placeholders(shipped(kind, "en") or "")
        else ("" if kind in TO_REPLIES else "Hello")
    )
    if "length" in may_hold(kind):
        assert "2 hours 30 minutes" in body
    if "day" in may_hold(kind):
        assert "Wednesday 30 September" in body
        assert "10:30am" in body


def test_what_is_booked_is_always_said_with_its_day_time_and_length():
    for kind in KINDS:
        if kind.endswith(("_booked", "_moved", "_cancelled", "_7d", "_3d", "_1d", "_1h")):
            assert may_hold(kind) >= {"greeting", "day", "date", "time", "length"}, kind


@pytest.mark.parametrize("kind", sorted(SAFE_BEFORE_CONFIRMED))
def test_a_number_nobody_confirmed_gets_no_name_and_no_appointment(kind):
    body = render(kind, facts(first_name="Sam")).body
    assert not re.search(r"\bSam\b", body)
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


NOTHING_IS_KEPT = {code: promise.unless for code, promise in PROMISES.items()}


def test_every_kind_has_its_words_in_every_language_and_all_words_their_kind():
    for language in languages():
        assert {path.stem for path in (TEMPLATES / language).glob("*.txt")} == {*KINDS, *SPOKEN}, language
    assert set(ANSWERS) <= set(KINDS)
    assert len(KINDS) == len(set(KINDS))
    assert list(languages())[:2] == ["en", "cy"]


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.glob("*/*.txt")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_what_is_shipped_is_clean_and_promises_nothing_whatever_the_terms(path):
    said = path.read_text(encoding="utf-8").strip()
    assert lint_words(path.stem, said, language=path.parent.name, unkept=NOTHING_IS_KEPT) == ()
    assert placeholders(said) <= may_hold(path.stem) <= PLACEHOLDERS
    assert "\n" not in said


@pytest.mark.parametrize("kind", [*sorted(SAFE_BEFORE_CONFIRMED), *SPOKEN])
def test_where_nobody_is_known_to_be_alone_no_name_can_be_put_in(kind):
    assert "greeting" not in may_hold(kind)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", SPOKEN)
def test_what_a_drug_worker_says_names_nobody_but_themselves(kind, language):
    said = fill(shipped(kind, language) or "", facts(), kind=kind, language=language).body
    assert "Sam" not in said
    assert "Waymark" in said
    assert "0121 496 0000" in said
    assert LINK not in said


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


@pytest.mark.parametrize(
    ("kind", "there"),
    [
        ("course_booked", "room_booked"),
        ("course_moved", "room_moved"),
        ("course_cancelled", "room_cancelled"),
        ("course_reminder_14d", "room_reminder_7d"),
        ("course_reminder_1h", "room_reminder_1h"),
        ("course_another", "course_another"),
        ("missed_course", "missed_course"),
        ("assessment_booked", "assessment_booked"),
    ],
)
def test_of_a_session_in_a_room_nothing_says_online(kind, there):
    assert in_a_room(kind) == there
    assert "online" not in render(in_a_room(kind), facts()).body


@pytest.mark.parametrize("kind", ["", "course", "treatment", "../../etc/passwd", "course_reminder_100d"])
def test_there_are_no_other_kinds(kind):
    with pytest.raises(ValueError, match="no text of the kind"):
        render(kind, facts())


def test_a_missing_fact_is_a_bug_and_never_a_text_with_a_hole():
    with pytest.raises(ValueError, match="date, day, length, time"):
        render("assessment_booked", TextFacts("Waymark", "0121 496 0000", LINK))


def test_what_is_put_in_is_not_looked_at_again():
    assert "{phone}" in render("assessment_booked", facts(service="{phone}")).body


@pytest.mark.parametrize("language", ["pl", "bfi", "", "../en", "xx-YY"])
def test_a_language_that_has_no_folder_is_answered_in_english_and_says_so(language):
    assert render("assessment_booked", facts(), language=language).language == "en"


def test_a_schemes_own_words_are_used_in_their_language_and_before_what_is_shipped_in_english():
    own = {("assessment_booked", "en"): "Own {service} {day} {date} {time} {link} {phone}"}
    assert render("assessment_booked", facts(), words=own).body.startswith("Own Waymark Wednesday")
    assert render("assessment_booked", facts(), language="pl", words=own).body.startswith("Own Waymark")
    assert render("assessment_booked", facts(), language="cy", words=own).body.startswith("Helo Sam, bydd")
    assert render("assessment_moved", facts(), words=own).body.startswith("Hi Sam, ")


def test_in_welsh_days_dates_times_and_lengths_are_welsh():
    said = render("place_offered", facts(minutes=90), language="cy").body
    assert said.startswith("Helo Sam, mae lle yn ein sesiwn ddydd Mercher 30 Medi am 10:30am, 90 munud. ")
    assert "Atebwch 1 erbyn 5pm ddydd Mawrth i'w gymryd, 2 i wrthod" in said
    midday = TextFacts(
        "Waymark", "0121 496 0000", LINK, None, "Jo", datetime(2027, 2, 1, 12, 0, tzinfo=UTC), 60, None
    )
    said = render("first_contact_soon", midday, language="cy").body
    assert said.startswith("Helo. Bydd Jo o Waymark yn eich ffonio ddydd Llun 1 Chwefror tua hanner dydd o ")
    assert "(tua 1 awr)" in render("assessment_booked", midday, language="cy").body
    assert render("assessment_booked", midday, language="cy").body.startswith("Helo, bydd Waymark")


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
        ("Heddlu", None),
        ("\N{GRINNING FACE}", None),
        ("\u0301\u0301", None),
    ],
)
def test_a_first_name_is_said_as_spelled_or_left_out(recorded, said):
    assert safe_first_name(recorded) == said


@given(
    st.text(max_size=30)
    | st.from_regex(r"[A-Zİŉǅ]{3,25}", fullmatch=True)
    | st.sampled_from([f"Sam{mark}" for mark in "./:@_{}[]#?&=%+0\\n\u200b\u202e\u2024\u3002\uff0e"])
)
@settings(max_examples=500)
def test_whatever_is_recorded_no_name_carries_more_than_a_name(recorded):
    said = safe_first_name(recorded)
    if said is not None:
        assert len(said) <= 20
        assert all(unicodedata.category(letter)[0] in "LM" or letter in " -'" for letter in said)
    body = render("assessment_cancelled", facts(first_name=recorded)).body
    assert body.count("http") == 1
    assert body.startswith(f"Hi {said}, " if said else "Hello, ")


def test_a_name_beyond_gsm_is_not_misspelled_to_save_a_part():
    text = render("assessment_booked", facts(first_name="Siân"))
    assert text.body.startswith("Hi Siân, ")
    assert text.segments.encoding == "UCS-2"


def test_what_a_bare_number_means_depends_on_what_was_asked():
    assert means("assessment_booked", "1") is Meaning.SUITS
    assert means("treatment_reminder_3d", "2") is Meaning.ANOTHER_TIME
    assert means("place_offered", "2") is Meaning.NO_THANKS
    assert means("missed_assessment", "2") is None
    assert means("course_cancelled", "1") is None
