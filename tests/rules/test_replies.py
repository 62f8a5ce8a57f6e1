"""What people answer to a text: how it is read, in English and Welsh, from every make of telephone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.messaging.danger import suggests_danger
from provider.domain.messaging.replies import Said, read_reply

THUMB = "\N{THUMBS UP SIGN}"
SKIN = "\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"
HEART = "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"
UNSEEN = "\N{ZERO WIDTH SPACE}"

BARE = {
    Said.ONE: (
        "1",
        " 1. ",
        "“1”",
        "1\ufe0f\u20e3",
        "１",
        "1!!",
        "1 please",
        "Reply 1",
        "one",
        "1 thanks",
        "un",
        "1 diolch",
    ),
    Said.TWO: ("2", "2!", "２", "2 please", "option 2", "Two", "dau", "Ateb 2", "2 os gwelwch yn dda"),
    Said.STOP: (
        *("STOP", "Stop.", "stop", "STOPALL", "unsubscribe", "Cancel", "END", "quit", "Revoke", "OPTOUT"),
        " stop ",
    ),
    Said.START: ("START", "Unstop", "start."),
    Said.YES: ("Yes", "YES!", "yes"),
    Said.AGREES: ("yes please", "Yep", "yeah", "Ie", "That works", "ydw"),
}

NOTHING = (
    *(
        "ok",
        "OK",
        "Okay",
        "OK thanks!",
        "ok thank you so much",
        "k",
        "Thanks",
        "Thank you x",
        "cheers mate",
        "Ta",
    ),
    *(
        "great thanks",
        "Perfect, thank you",
        "will do",
        "Got it",
        "see you then",
        "No problem",
        "Iawn",
        "iawn diolch",
    ),
    *("Diolch yn fawr", "Gwych", "Grêt", "ok diolch"),
    *(
        THUMB,
        *(THUMB + chr(skin) for skin in range(0x1F3FB, 0x1F400)),
        THUMB + "\N{VARIATION SELECTOR-16}",
        THUMB * 3,
        HEART,
        "\N{PERSON WITH FOLDED HANDS}" + SKIN,
        ":-)",
        "xx x"[2:3] and "...",
        "!!",
    ),
    *(
        "Liked “Hi Sam, Waymark will ring you”",
        'Liked "Hi Sam"',
        "Loved “Hi Sam, …”",
        "Disliked “Hi”",
        "Laughed at “Hi”",
        "Emphasized “Hi”",
        "Emphasised “Hi”",
        "Questioned “Hi”",
        "Liked an image",
        f"Reacted {HEART} to “Hi Sam”",
        f"Reacted {THUMB}{SKIN} to “Hi Sam”",
        "Removed a like from “Hi Sam”",
        "Removed an exclamation from “Hi Sam”",
        f"{THUMB} to “Hi Sam”",
        f"{UNSEEN}{THUMB}{UNSEEN} to “{UNSEEN}Hi Sam{UNSEEN}”",
        f"{HEART} to 'Hi Sam'",
        "Liked “If anyone is in danger now ring 999. Samaritans 116 123”",
        "Loved “I want to die”",
    ),
)

CALL_ME = (
    *(
        "call me",
        "Call me please",
        "Please call",
        "pls ring me",
        "Can you call me",
        "can someone ring me please?",
    ),
    *(
        "could you phone me back",
        "Ring me",
        "give me a call",
        "Give us a ring",
        "can u give me a bell",
        "call back",
    ),
    *("Hi, please call me tomorrow", "ring me after 5", "Call me this afternoon", "call me after 5pm please"),
    *(
        "can you ring me when you can",
        "I need to speak to someone",
        "I'd like a call",
        "call",
        "phone me asap",
    ),
    *("call me between 1 and 3pm", "ring me at 10.30", "Please ring me later thanks"),
    *("Ffoniwch fi", "ffonia fi", "Ffoniwch fi os gwelwch yn dda", "allwch chi fy ffonio", "galwch fi yfory"),
    *("rhowch alwad i mi", "Ffoniwch fi ar ol 5"),
)

NOT_THEIRS = (
    *(
        "wrong number",
        "Wrong number mate",
        "Sorry, wrong person",
        "You have the wrong number",
        "not me",
        "Not my number",
    ),
    *("This isn't his number", "Rhif anghywir", "hello you've got the wrong number"),
)

WORDS = (
    *(
        "is this the wrong number? I rang 0121",
        "not me, my brother had it",
        "that's the wrong number of sessions",
    ),
    *("12", "1 or 2?", "3", "1 2", "0", "maybe 1", "no 2 isn't right", "I have 2 kids"),
    *("stop all", "please stop", "who is this", "help me", "", "HELP", "?", "no", "not sure", "???"),
    *(
        "don't call me",
        "do not ring me",
        "Who called me?",
        "you called me",
        "I'll call you",
        "call me a taxi to Leeds",
    ),
    *(
        "can you call my mum instead",
        "peidiwch â ffonio",
        "Can someone ring me about my hearing",
        "I missed your call",
    ),
    *("I liked it", "Liked it", "ok but not Tuesday", "thanks but I am not coming", "call me on Monday"),
    *("start with me", "the end", "Yes but later", "reacted badly to the tablets", "\N{THINKING FACE}?"),
)

DANGER = (
    *(
        "I want to die",
        "i wanna die",
        "I just wish I was dead",
        "better off dead",
        "I don't want to live any more",
    ),
    *(
        "I don't want to be here anymore",
        "dont wanna wake up",
        "I can't go on",
        "I can't go on.",
        "cant go on like this",
    ),
    *(
        "I can’t take it anymore",
        "no point in living",
        "there's nothing left to live for",
        "I want it all to end",
    ),
    *(
        "I'm dying",
        "thinking of ending it all",
        "I'm suicidal",
        "suicide",
        "thoughts of suicide",
        "feeling suiside",
    ),
    *(
        "going to kill myself",
        "gonna kill my self",
        "I might kms",
        "KMS",
        "I want to end my life",
        "end it all",
    ),
    *(
        "gonna top myself",
        "I'm going to hang myself",
        "might jump off a bridge",
        "unalive",
        "This is goodbye",
    ),
    *(
        "I've been self-harming",
        "self harm",
        "I want to hurt myself",
        "keep cutting myself",
        "I cut my wrists",
    ),
    *(
        "overdosed",
        "I've overdosed",
        "took an overdose",
        "He's OD'd",
        "my mate od’d",
        "I think I OD",
        "she oded",
        "O.D.ing",
    ),
    *("Ive taken too many tablets", "took too much.", "I took all my pills", "swallowed 30 paracetamol"),
    *("he's not breathing", "she is unconscious", "he won't wake up", "her lips are blue", "can't breathe"),
    *("I'm not safe", "I don't feel safe", "I am in danger", "he's going to kill me", "I'm gonna kill him"),
    *("Stop. I want to die", "1. I want to die", "ok. I can't go on", "I WANT TO DIE!!!", "i want\nto die"),
    *("hunanladdiad", "dw i eisiau marw", "dwi isio marw", "lladd fy hun", "Dw i'n mynd i ladd fy hun"),
    *("gorddos", "mae e wedi cymryd gorddos", "ddim eisiau byw", "alla i ddim mynd ymlaen", "hunan-niweidio"),
    *("cymryd gormod o dabledi", "dyw e ddim yn anadlu", "Dwi ddim yn teimlo'n ddiogel", "niweidio fy hun"),
)

NO_DANGER = (
    *(
        "I'm dying to start",
        "dying for a brew",
        "I'm dying of embarrassment",
        "my phone is dying",
        "killing time",
    ),
    *("my mum will kill me if I miss it", "nearly killed myself laughing", "this headache is killing me"),
    *(
        "I can't go on Tuesday",
        "can't go on the course",
        "I can't go on Zoom",
        "cant carry on with the session",
    ),
    *(
        "that's odd",
        "It's a bit odd",
        "he is odd",
        "Odd one",
        "what's the dress code",
        "Suicide Squad was rubbish",
    ),
    *("is the session about overdose awareness?", "overdosed on chocolate", "political suicide"),
    *("I cut myself shaving", "hurt my back at work", "I had too much on", "took too much time off work"),
    *(
        "I took all my kids to school",
        "I want to go on the course",
        "is it safe?",
        "the line died",
        "battery died",
    ),
    *("I don't want to be here on Monday", "do you want to live in Leeds", "goodbye", "the goodbye was nice"),
    *(
        "I went blue in the face",
        "ran 5 kms",
        "it's 10 kms away",
        "can't wake up that early",
        "breathing fine now",
    ),
    *("diolch am y cwrs", "methu dod ymlaen i Zoom", "gormod o waith", "dw i eisiau symud yr amser"),
    *("I have wanted to die of shame", "harmless", "my life is busy", "take my time", "end of my shift is 5"),
)


@pytest.mark.parametrize(("body", "said"), [(body, said) for said, bodies in BARE.items() for body in bodies])
def test_a_word_or_a_number(body: str, said: Said) -> None:
    assert read_reply(body) == said


@pytest.mark.parametrize("body", NOTHING)
def test_thanks_a_thumb_and_what_a_telephone_says_by_itself_are_nothing_to_do(body: str) -> None:
    assert read_reply(body) == Said.NOTHING_TO_DO


@pytest.mark.parametrize("body", CALL_ME)
def test_whoever_asks_to_be_rung_is_understood(body: str) -> None:
    assert read_reply(body) == Said.CALL_ME


@pytest.mark.parametrize("body", NOT_THEIRS)
def test_whoever_says_that_the_number_is_not_theirs_is_understood(body: str) -> None:
    assert read_reply(body) == Said.NOT_THEIRS


@pytest.mark.parametrize("body", WORDS)
def test_what_is_in_doubt_is_for_a_person(body: str) -> None:
    assert read_reply(body) == Said.WORDS


@pytest.mark.parametrize("body", DANGER)
def test_words_that_suggest_danger_do(body: str) -> None:
    assert suggests_danger(body)
    assert read_reply(body) == Said.DANGER


@pytest.mark.parametrize("body", NO_DANGER)
def test_words_that_only_sound_like_it_do_not(body: str) -> None:
    assert not suggests_danger(body)


@given(st.text(max_size=2000))
def test_whatever_is_written_is_read_as_something(body: str) -> None:
    assert read_reply(body) in Said


def test_a_very_long_one_is_read_soon() -> None:
    assert read_reply("ok " * 50_000 + "I can't go on") == Said.DANGER
    assert read_reply("call me please " * 10_000 + "now?") in Said
