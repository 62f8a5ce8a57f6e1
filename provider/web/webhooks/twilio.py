"""What Twilio tells us: what became of a text, what somebody answered, and that somebody rang the texting number."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from provider.caseload.numbers_to_ring import numbers_to_ring
from provider.domain.messaging import inbox
from provider.kernel.database import transaction
from provider.pathway import hearing
from provider.web.context import now
from provider.web.webhooks import webhooks
from provider.web.webhooks.access import from_twilio

VOICE = {"voice": "Polly.Amy", "language": "en-GB"}
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@webhooks.post("/twilio/status")
@from_twilio
def text_status() -> ResponseReturnValue:
    """A status of one of our texts, which the address names together with the try."""
    named = {"text": request.args.get("text", ""), "try": request.args.get("try", "")}
    said = {**request.form.to_dict(), **named}
    once_key = ":".join(said.get(name, "") for name in ("MessageSid", "MessageStatus", "ErrorCode", "text"))
    with transaction():
        inbox.store("text_status", once_key=once_key, body=said, now=now())
    return "", 204


@webhooks.post("/twilio/inbound")
@from_twilio
def text_inbound() -> ResponseReturnValue:
    """A text to us. Whoever is known is answered, if at all, by a text that goes out like any other; a number that is
    no one person's, where there is something to say, in this very answer. Told again, it is not answered again.
    """
    said = request.form.to_dict()
    sender, body = said.get("From", "")[:40], said.get("Body", "").replace("\0", "")
    with transaction():
        kept = inbox.store(
            "text_inbound", once_key=said.get("MessageSid", ""), body=said, sender=sender, now=now()
        )
        if kept is None:
            return _twiml(NOTHING_TO_SAY)
        answer = hearing.answer_at_once(sender, body, opt_out=said.get("OptOutType"), now=now())
        if answer is None:
            return _twiml(NOTHING_TO_SAY)
        kind, words = answer
        inbox.note_answered(kept, kind)
    twiml = MessagingResponse()
    twiml.message(words)
    return _twiml(str(twiml))


@webhooks.post("/twilio/voice")
@from_twilio
def voice() -> ResponseReturnValue:
    """Somebody rings the number that texts come from: they hear which number to ring, and nothing else."""
    said = VoiceResponse()
    said.say("Thank you for calling. This number is for texts only.", **VOICE)
    for service, number in numbers_to_ring(request.form.get("From", ""), now=now()):
        for words in (f"To speak with {service}, please ring ", "Once more: "):
            said.say(words, **VOICE).say_as(number, interpret_as="digits")
    return _twiml(str(said))


def _twiml(words: str) -> Response:
    return Response(words, mimetype="text/xml")
