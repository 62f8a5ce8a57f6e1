"""The linter: what a text must not say, promise, ask for, hold or leave out, each example with the word it names."""

from __future__ import annotations

from itertools import product

import pytest

from provider.commands.demo.schemes import COURSES, FORCES, SCHEMES
from provider.domain.messaging.forbidden import forbidden_in, forbidden_in_host, never, promises_in
from provider.domain.messaging.kinds import KINDS, SPOKEN
from provider.domain.messaging.languages import languages, shipped
from provider.domain.messaging.lint import clean, lint, lint_words
from provider.domain.schemes.promises import PROMISES, unkept
from provider.domain.schemes.terms import Terms

GOOD = "Hi Sam, Waymark will ring you. Reply 1 or 2. Change it: https://waymark.example/p/x or ring 0121 496 0000"
WORDS = "{greeting}, {service} will ring you on {day} {date} at {time}. Reply 1, or 2 to change it: {link} or {phone}"
WELSH = "{greeting}, bydd {service} yn eich ffonio {day} {date} am {time}. Atebwch 1, neu 2 i'w newid: {link}, {phone}"
DEMO = [(force, code, terms) for force in FORCES for code, (_, terms) in SCHEMES[force].items()]


def codes(
    said: str, *, kind: str = "assessment_booked", language: str = "en", terms: Terms | None = None
) -> set[str]:
    kept = unkept(terms) if terms is not None else {code: one.unless for code, one in PROMISES.items()}
    return {fault.code for fault in lint_words(kind, said, language=language, unkept=kept)}


def each(kind: str, words: str) -> list[tuple[str, str]]:
    return [(kind, word) for word in words.split()]


def asking(sentence: str, words: str) -> list[tuple[tuple[str, str], str]]:
    return [(("Reply 1 or 2.", sentence.format(word)), "twilio_keyword") for word in words.split()]


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
        (("ring you", "talk about dr\u00adugs"), "drug_word"),
        (("ring you", "siarad am gyffuriau"), ""),
        (("waymark.example", "drugservice.example"), "host_name"),
        (("waymark.example", "mypolice.example"), "host_name"),
        (("waymark.example", "gwasanaethcyffuriau.example"), "host_name"),
        (("Reply 1 or 2.", "Reply YES."), "twilio_keyword"),
        (("Reply 1 or 2.", "Reply 1 or stop."), "twilio_keyword"),
        (("Reply 1 or 2.", "Text CANCEL to cancel."), "twilio_keyword"),
        (("Reply 1 or 2.", "Reply with the word 'end'."), "twilio_keyword"),
        (("Reply 1 or 2.", "STOP ends this."), "twilio_keyword"),
        *(
            (("Reply 1 or 2.", f"Reply {word} now."), "twilio_keyword")
            for word in ["STOP", "STOPALL", "UNSUBSCRIBE"]
        ),
        *(
            (("Reply 1 or 2.", f"Text {word}."), "twilio_keyword")
            for word in ["Cancel", "End", "Quit", "Revoke", "Optout"]
        ),
        *asking("Send us {}.", "start yes unstop"),
        (("Reply 1 or 2.", "Reply 3."), "other_reply"),
        (("Reply 1 or 2.", "Reply ok."), "other_reply"),
        (("Reply 1 or 2.", "Text 5 to come."), "other_reply"),
        (("https://waymark.example/p/x", "here"), "no_link"),
        (("0121 496 0000", "us"), "no_number"),
    ],
)
def test_what_a_text_must_not_say_or_leave_out(change, code):
    assert lint(GOOD) == ()
    assert {fault.code for fault in lint(GOOD.replace(*change))} == ({code} if code else set())


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
def test_ordinary_words_are_let_be(body):
    assert lint(body) == ()


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        *(
            ("drug_word", word)
            for word in [
                "drug",
                "DRUGS",
                "Cannabis",
                "weed",
                "cocaine",
                "heroin",
                "ketamine",
                "alcohol",
                "sober",
                "rehab",
            ]
        ),
        *(
            ("drug_word", word)
            for word in ["addiction", "overdosed", "needles", "substances", "naloxone", "spice", "crack"]
        ),
        *(
            ("offence_word", word)
            for word in ["offender", "crime", "criminals", "arrested", "court", "charges"]
        ),
        *(
            ("offence_word", word)
            for word in ["prosecution", "convicted", "guilty", "caution", "possession", "fined"]
        ),
        *(
            ("police_word", word)
            for word in ["police", "policeman", "officer", "custody", "probation", "sergeant", "force"]
        ),
        *(
            ("scheme_word", word)
            for word in ["scheme", "diversion", "referral", "compliance", "intervention", "assessment"]
        ),
        *each("threat", "must consequences fail final obligated warning"),
    ],
)
def test_forbidden_words_in_any_case_and_ending_are_named(kind, word):
    found = lint(GOOD.replace("ring you", f"say {word} to you"))
    assert [(fault.code, fault.word) for fault in found] == [(kind, word)]
    assert word in found[0].detail


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        *(
            ("drug_word", word)
            for word in ["cyffuriau", "gyffur", "chyffuriau", "nghyffur", "halcohol", "alcohol", "driniaeth"]
        ),
        *(
            ("offence_word", word)
            for word in ["trosedd", "drosedd", "throseddu", "llys", "lys", "garchar", "arestio"]
        ),
        *each("police_word", "heddlu swyddog swyddogion ddalfa"),
        *each("scheme_word", "cynllun gynllun asesiad hasesiad atgyfeirio"),
        *each("threat", "rhaid raid ganlyniadau"),
    ],
)
def test_welsh_words_are_known_with_the_beginnings_that_welsh_gives_them(kind, word):
    said = WELSH.replace("ffonio", f"ffonio am {word}", 1)
    assert codes(WELSH, language="cy") == set()
    found = lint_words("assessment_booked", said, language="cy", unkept={})
    assert [(fault.code, fault.word) for fault in found] == [(kind, word)]


def test_a_text_is_held_to_english_words_too_and_a_name_to_every_languages():
    assert codes(WELSH.replace("ffonio", "ffonio am drugs", 1), language="cy") == {"drug_word"}
    assert forbidden_in("Cyffuriau Cymru") == (("drug_word", "Cyffuriau"),)
    assert forbidden_in("Cyffuriau Cymru", language="en") == ()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Atebwch STOP.", "twilio_keyword"),
        ("Tecstiwch cancel.", "twilio_keyword"),
        ("Atebwch iawn.", "other_reply"),
        ("Atebwch 1 neu 3.", "other_reply"),
        ("Anfonwch yes atom.", "twilio_keyword"),
    ],
)
def test_welsh_asks_for_answers_in_its_own_words(said, code):
    assert codes(f"{WELSH} {said}", language="cy") == {code}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("{link}", "https://waymark.example/p/x"), {"typed_link"}),
        (("{link}", "{link} www.waymark.example"), {"typed_link"}),
        (("{link}", "{link} waymark.org/x"), {"typed_link"}),
        (("{phone}", "0121 496 0000"), {"personal_data"}),
        (("{phone}", "{phone} 07700 900123"), {"personal_data"}),
        (("{phone}", "{phone} +44 7700 900123"), {"personal_data"}),
        (("{day}", "{day} 14/05/2003"), {"personal_data"}),
        (("{day}", "{day} 14.5.03"), {"personal_data"}),
        (("{day}", "{day} 2003-05-14"), {"personal_data"}),
        (("{service}", "{service} B1 1AA"), {"personal_data"}),
        (("{service}", "{service} sam@home.invalid"), {"personal_data"}),
        (("{service}", "{service} K7QM-2X4D"), {"personal_data"}),
        (("{service}", "{service} 20/123456/26"), {"personal_data"}),
        (("{service}", "{service} 1234567"), {"personal_data"}),
        (("{greeting}", "{first_name}"), {"unknown_placeholder"}),
        (("{greeting}", "{family_name}"), {"unknown_placeholder"}),
        (("{greeting}", "{{greeting}}"), {"unknown_placeholder"}),
        (("{greeting}", "{greeting!r}"), {"unknown_placeholder"}),
        (("{greeting}", "{greeting.__class__}"), {"unknown_placeholder"}),
        (("{greeting}", "{% if x %}"), {"unknown_placeholder"}),
        (("{greeting}", "{Greeting}"), {"unknown_placeholder"}),
        (("{greeting}", "{greeting"), {"unknown_placeholder"}),
        (("{greeting}", "{}"), {"unknown_placeholder"}),
        (("{time}", "{time} {by_time}"), {"unknown_placeholder"}),
        (("{service}", "We"), {"no_name"}),
        ((" at {time}", ""), {"no_time"}),
        (("{day}", ""), {"no_time"}),
        (("{date}", ""), {"no_time"}),
        ((": {link} or", " or ring"), {"no_link"}),
        ((" or {phone}", ""), {"no_number"}),
        (("Reply 1, or 2 to change it", "It’s fine"), {"costly_character"}),
        (("Reply 1", "Wait – reply 1"), {"costly_character"}),
        (("Reply 1", "\u200bReply 1"), {"costly_character"}),
        (("Reply 1", "Caf\u00ea, reply 1"), {"costly_character"}),
        (("Reply 1", "\N{SMILING FACE WITH SMILING EYES} reply 1"), set()),
        (("Reply 1", "Café £5 [x], reply 1"), set()),
        (("{service}", "{who}"), set()),
    ],
)
def test_words_with_placeholders_say_only_what_everybody_may_get(change, code):
    assert codes(WORDS) == set()
    assert codes(WORDS.replace(*change)) == code


def test_a_character_that_another_language_needs_stays():
    assert codes(WELSH.replace("yn eich", "yn eich tŷ"), language="cy") == set()
    assert codes(WORDS.replace("will", "tŷ will")) == {"costly_character"}


def test_an_answer_that_means_nothing_to_this_text_is_not_suggested():
    said = "{greeting}, sorry we missed you on {day} {date} at {time}. {link} {phone} {service}. "
    assert codes(f"{said} Reply 1 for a call.", kind="missed_assessment") == set()
    assert codes(f"{said} Reply 2 for a call.", kind="missed_assessment") == {"other_reply"}
    assert codes(f"{said} Reply 1 for a call.", kind="course_cancelled") == {"other_reply"}


@pytest.mark.parametrize("kind", SPOKEN)
def test_what_is_said_on_the_telephone_is_held_to_the_same_words_but_needs_no_link(kind):
    assert codes("It is {who} on {phone}.", kind=kind) == set()
    assert codes("It is {who} – on {phone}.", kind=kind) == set()
    assert codes("It is {who}.", kind=kind) == {"no_number"}
    assert codes("It is {who} about drugs, {phone}.", kind=kind) == {"drug_word"}
    assert codes("{greeting}, it is {who}, {phone}.", kind=kind) == {"unknown_placeholder"}
    assert codes("It is {who}, {phone}, {link}.", kind=kind) == {"unknown_placeholder"}


UNLIMITED = Terms(
    service_name="W",
    phone="0121 496 0000",
    intelligence_sentence="",
    repeat_rule="unlimited",
    bar_months=None,
)


@pytest.mark.parametrize(
    ("phrase", "promise", "makes_it_true", "breaks_it"),
    [
        ("This stays open to you.", "offered_again", {}, {"repeat_rule": "while_engaging", "bar_months": 12}),
        ("You are always welcome.", "offered_again", {}, {"repeat_rule": "up_to", "repeat_limit": 2}),
        ("Use it as often as you like.", "without_limit", {}, {"repeat_rule": "while_engaging"}),
        (
            "You can come back.",
            "can_come_back",
            {"back_within_days": 28, "repeat_rule": "while_engaging", "bar_months": 12},
            {"back_within_days": 0, "repeat_rule": "while_engaging", "bar_months": 12},
        ),
        ("You get another chance.", "another_chance", {"misses_allowed": 1}, {"misses_allowed": 0}),
        (
            "It will not count against you.",
            "not_held_against",
            {"intelligence_log": False},
            {"may_prosecute": True},
        ),
        ("Nothing will happen.", "not_held_against", {"intelligence_log": False}, {"intelligence_log": True}),
        ("Nothing happens.", "not_held_against", {"intelligence_log": False}, {"basis": "required_by_law"}),
        ("It is your choice.", "own_choice", {}, {"basis": "required_by_law"}),
        ("You do not have to come.", "own_choice", {}, {"may_prosecute": True}),
    ],
)
def test_a_promise_stands_only_where_the_terms_make_it_true(phrase, promise, makes_it_true, breaks_it):
    said = f"{WORDS} {phrase}"
    assert {code for code, _ in promises_in(said, language="en")} >= {promise}
    true = UNLIMITED.model_copy(update={"intelligence_log": False, **makes_it_true})
    assert PROMISES[promise].kept(true)
    assert promise not in unkept(true)
    assert codes(said, terms=true) == set()
    broken = true.model_copy(update=breaks_it)
    assert codes(said, terms=broken) == {"promise"}
    fault = lint_words("assessment_booked", said, language="en", unkept=unkept(broken))[0]
    assert PROMISES[promise].unless in fault.detail


@pytest.mark.parametrize(
    "phrase",
    [
        "Ring any time.",
        "Ring day or night.",
        "We answer 24/7.",
        "It is confidential.",
        "Nobody else will know.",
        "We will not tell anybody.",
        "It is free of charge.",
        "We will ring within 2 days.",
        "We will ring within 24 hours.",
        "We guarantee a place.",
        "You can change it as often as you like.",
    ],
)
def test_what_no_terms_make_true_is_never_promised(phrase):
    assert "promise" in codes(
        f"{WORDS} {phrase}", terms=UNLIMITED.model_copy(update={"intelligence_log": False})
    )


@pytest.mark.parametrize(
    "phrase", ["Croeso bob amser.", "Gallwch ddod yn ôl.", "Ffoniwch unrhyw bryd.", "Mae am ddim."]
)
def test_welsh_promises_are_known_too(phrase):
    assert codes(f"{WELSH} {phrase}", language="cy") == {"promise"}
    assert "promise" in codes(f"{WORDS} {phrase} It stays open.")


def test_every_promise_of_every_language_is_one_that_terms_can_speak_to():
    for code in languages():
        assert set(never(code).promises) == set(PROMISES), code
        assert set(never(code).words) == set(never("en").words), code


@pytest.mark.parametrize(
    ("terms", "kind", "language"),
    [
        pytest.param(terms, kind, language, id=f"{code}-{language}-{kind}")
        for (_, code, terms), language, kind in product(DEMO, languages(), (*KINDS, *SPOKEN))
    ],
)
def test_everything_shipped_is_clean_under_every_scheme_of_the_demo(terms, kind, language):
    assert lint_words(kind, shipped(kind, language) or "", language=language, unkept=unkept(terms)) == ()
    assert clean(kind, shipped(kind, language) or "", language, frozenset(unkept(terms).items()))
    assert forbidden_in(terms.service_name) == ()


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.code)
def test_the_names_of_courses_that_become_topics_are_neutral_in_every_language(course):
    assert forbidden_in(course.name) == ()
    assert forbidden_in(course.neutral_name) == ()


@pytest.mark.parametrize(
    "host", ["drughelp.org", "cannabis-advice.org", "mypolice.uk", "court.example", "heddlu.cymru"]
)
def test_a_host_name_is_looked_through_where_words_run_together(host):
    assert forbidden_in_host(host)


@pytest.mark.parametrize("host", ["waymark.example", "127.0.0.1", "localhost", "next-step.org.uk"])
def test_a_neutral_host_name_is_let_be(host):
    assert forbidden_in_host(host) == ()
