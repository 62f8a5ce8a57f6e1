"""What there is to be alarmed about, who is to act, and what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ADMINISTRATOR = "administrator"
TEAM_LEAD = "team_lead"


@dataclass(frozen=True)
class AlarmKind:
    """``what`` and ``to_do`` are sentences; in ``what`` stands ``{about}`` where it matters, a code or a name of ours.

    ``ended_by_hand``: only somebody's word, or a day without another, shows that it is gone. ``somebody_at_risk``: it
    is said before anything else.
    """

    who: str
    what: str
    to_do: str
    ended_by_hand: bool = False
    somebody_at_risk: bool = False


KINDS: Mapping[str, AlarmKind] = {
    "no_worker": AlarmKind(
        ADMINISTRATOR,
        "No worker is at work: nothing is sent, and nothing that came in is acted on.",
        "Start “flask --app provider worker” again.",
    ),
    "danger_waits": AlarmKind(
        TEAM_LEAD,
        "A reply suggests danger, or somebody wrote a safeguarding note, and nobody has acknowledged it in time.",
        "It stands at the top of My day, or among the replies to sort. Ring, then say that it is seen to.",
        somebody_at_risk=True,
    ),
    "danger_still_waits": AlarmKind(
        ADMINISTRATOR,
        "Somebody may be in danger, and for an hour more nobody has acknowledged it.",
        "Reach a team lead, or whoever is on call, by telephone now. It ends when they say at the desk that it is seen"
        " to.",
        somebody_at_risk=True,
    ),
    "account_refused": AlarmKind(
        ADMINISTRATOR,
        "Twilio does not let us in (error {about}): no text goes out.",
        "Look at the account in Twilio’s console, then at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN. What is planned"
        " waits.",
    ),
    "sender_refused": AlarmKind(
        ADMINISTRATOR,
        "Twilio refuses what our texts are sent by (error {about}).",
        "Look at the sender and the countries it may text in Twilio’s console. It is nothing that the people did: what"
        " was refused waits as calls.",
        ended_by_hand=True,
    ),
    "sender_rests": AlarmKind(
        ADMINISTRATOR,
        "Texts by {about} rest: Twilio does not answer as it should.",
        "Look at Twilio’s status page. They go on by themselves, what is due soonest first.",
    ),
    "texts_late": AlarmKind(
        ADMINISTRATOR,
        "Texts have been due for ten minutes and more, and do not go out.",
        "See that workers are running, and whether another alarm says why.",
    ),
    "job_stuck": AlarmKind(
        ADMINISTRATOR,
        "What workers do by themselves has stopped: {about}.",
        "The worker’s log says why. Restart it if it says nothing.",
    ),
    "no_receipts": AlarmKind(
        ADMINISTRATOR,
        "Texts go out, and Twilio says of none of them whether it arrived.",
        "See that Twilio can reach PUBLIC_URL, and that TWILIO_AUTH_TOKEN is the one it signs with.",
    ),
    "callbacks_wait": AlarmKind(
        ADMINISTRATOR,
        "What Twilio told us has not been acted on for ten minutes and more.",
        "The worker’s log says why, by the number of the callback.",
    ),
    "not_redacted": AlarmKind(
        ADMINISTRATOR,
        "Words that are over still stand at Twilio: it would not take them away.",
        "Remove those messages in Twilio’s console, or ask its support.",
        ended_by_hand=True,
    ),
    "zoom_refused": AlarmKind(
        ADMINISTRATOR,
        "Zoom does not let us in: no meeting is made, and nobody gets a link of their own.",
        "Look at the application in Zoom’s marketplace, then at ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and"
        " ZOOM_CLIENT_SECRET. It goes on by itself.",
    ),
    "links_missing": AlarmKind(
        TEAM_LEAD,
        "Sessions are near that somebody in them could not join: Zoom has not made the meeting, or a link.",
        "Look at the sessions of today and tomorrow: each says why. Type another link there where it is urgent.",
    ),
    "nobody_runs": AlarmKind(
        TEAM_LEAD,
        "Sessions are held within a day that nobody runs.",
        "They stand on the team’s page. Add a facilitator, move them, or call them off.",
    ),
    "reports_missing": AlarmKind(
        TEAM_LEAD,
        "Zoom does not give its reports of sessions that are over.",
        "Import the file that Zoom calls “participants” on the register, or mark it by hand.",
    ),
    "words_filtered": AlarmKind(
        TEAM_LEAD,
        "The networks filtered these words: {about}.",
        "Change the wording. The same words are not sent again to those they did not reach: they are rung.",
        ended_by_hand=True,
    ),
}
