"""Texts on their way out, the links in them, what Twilio and people sent back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

_REFUSED = sa.text("error_code IS NOT NULL")
_GIVEN_UP = sa.text("given_up_at IS NOT NULL")
_TO_REDACT = sa.text("done_at IS NULL AND given_up_at IS NULL")


class Text(Base):
    """One text to one person. It is worded when it is claimed for sending, from what is true then.

    ``answers_id`` is the reply it answers; ``words`` what a drug worker wrote, who is ``written_by_id``.

    ``state``: planned → claimed → sent → delivered | failed; or cancelled, dropped (no longer true or too late),
    unknown (the send may or may not have happened). ``body`` keeps the words with ``[link]`` for the link. ``known_by``
    says how it is known that it went out: by the network's ``answer``, a ``callback``, its ``list``, or a ``person``.
    ``worded_as`` says in which words, whose they are and of which kind (``worded.WordedAs``).
    """

    __tablename__ = "texts"
    __table_args__ = (
        sa.Index("ix_texts_due", "state", "due_at"),
        sa.Index("ix_texts_case", "case_id", "due_at"),
        sa.Index("ix_texts_lease", "state", "lease_until"),
        sa.Index("ix_texts_sent_at", "sent_at"),
        sa.Index(
            "ix_texts_error_code",
            "error_code",
            "due_at",
            sqlite_where=_REFUSED,
            postgresql_where=_REFUSED,
        ),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    case_id: Mapped[int] = belongs_to("cases", index=False)
    kind: Mapped[str] = mapped_column(sa.String(40))
    appointment_id: Mapped[int | None] = belongs_to("appointments", nullable=True)
    place_id: Mapped[int | None] = belongs_to("places", nullable=True)
    once_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(12), default="planned")
    state_because: Mapped[str | None] = mapped_column(sa.String(60))
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(sa.String(60))
    to_number_id: Mapped[int | None] = belongs_to("phone_numbers", nullable=True)
    body: Mapped[str | None] = mapped_column(sa.Text)
    body_digest: Mapped[str | None] = mapped_column(sa.String(64))
    worded_as: Mapped[str | None] = mapped_column(sa.String(80))
    provider_id: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    error_code: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    known_by: Mapped[str | None] = mapped_column(sa.String(10))
    settled_at: Mapped[datetime | None]
    answers_id: Mapped[int | None] = belongs_to("replies", nullable=True)
    words: Mapped[str | None] = mapped_column(sa.Text)
    written_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)


class TextSender(Base):
    """A messaging service, number or name that texts go out by: how much of its rate is used, and whether it rests.

    ``used_until`` is the moment up to which its rate is used up. ``failures`` counts those in a row. ``rests_until`` is
    set while it rests after failures: then nothing is claimed for it, and afterwards one text goes ahead of the others.
    ``rests`` counts in a row too, ``rests_since`` is the first of them and ``rests_because`` the latest reason.
    """

    __tablename__ = "text_senders"

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(sa.String(40), unique=True)
    used_until: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    rests: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None]
    rests_since: Mapped[datetime | None]
    rests_because: Mapped[str | None] = mapped_column(sa.String(40))


class TextLink(Base):
    """Where a participant's link leads; the token is only in the text, its hash here.

    ``survey_until``: it opens the survey and nothing else, also when the case is closed, until then.
    """

    __tablename__ = "text_links"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    text_id: Mapped[int | None] = belongs_to("texts", nullable=True)
    case_id: Mapped[int] = belongs_to("cases")
    number_id: Mapped[int | None] = belongs_to("phone_numbers", nullable=True, index=False)
    created_at: Mapped[datetime]
    dead_at: Mapped[datetime | None]
    survey_until: Mapped[datetime | None]
    wrong_answers: Mapped[int] = mapped_column(default=0)
    locked_at: Mapped[datetime | None]


class ParticipantSession(Base):
    """A phone that opened a link; ``proved_at`` is when the day and month of birth were right."""

    __tablename__ = "participant_sessions"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    link_id: Mapped[int] = belongs_to("text_links")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Callback(Base):
    """What a machine told us, as it came; a job acts on it. ``kind``: text_status, text_inbound or meeting.

    ``sender`` is who texted, so that what one phone said is heard in its order; ``answered`` what was said back in
    the same breath.
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        sa.UniqueConstraint("kind", "once_key"),
        sa.Index("ix_callbacks_waiting", "handled_at", "id"),
        sa.Index("ix_callbacks_sender", "sender", "received_at"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(sa.String(20))
    once_key: Mapped[str] = mapped_column(sa.String(120))
    received_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    sender: Mapped[str | None] = mapped_column(sa.String(40))
    answered: Mapped[str | None] = mapped_column(sa.String(20))
    handled_at: Mapped[datetime | None]


class Reply(Base):
    """A text somebody sent us. Its words are health data: never to a force.

    ``waits_because``: why a person has to say whose it is (unknown, shared, ended), until ``settled_at``;
    ``settled_as`` person, nobody or unwanted. ``read_at``: somebody read it, or there was nothing to read.
    """

    __tablename__ = "replies"
    __table_args__ = (
        sa.Index("ix_replies_waiting", "waits_because", "settled_at"),
        sa.Index("ix_replies_from", "from_e164", "received_at"),
    )

    id: Mapped[Id]
    provider_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    case_id: Mapped[int | None] = belongs_to("cases", nullable=True)
    from_e164: Mapped[str] = mapped_column(sa.String(16))
    body: Mapped[str] = mapped_column(sa.Text)
    meaning: Mapped[str] = mapped_column(sa.String(20))
    received_at: Mapped[datetime]
    waits_because: Mapped[str | None] = mapped_column(sa.String(12))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(sa.String(60))
    settled_as: Mapped[str | None] = mapped_column(sa.String(12))
    read_at: Mapped[datetime | None]
    read_by: Mapped[str | None] = mapped_column(sa.String(60))


class Wording(Base):
    """The words of one kind of text as a scheme has them at the desk, in one language; a version is never changed.

    The version with the highest number is the one that is used, from ``set_at`` on. Where ``words`` is None it is what
    is shipped, as it is where there is no version at all.
    """

    __tablename__ = "wordings"
    __table_args__ = (sa.UniqueConstraint("scheme_id", "kind", "language", "version"),)

    id: Mapped[Id]
    scheme_id: Mapped[int] = belongs_to("schemes", index=False)
    kind: Mapped[str] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(10))
    version: Mapped[int]
    words: Mapped[str | None] = mapped_column(sa.Text)
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(sa.String(60))


class Redaction(Base):
    """Words that stand at the network and are to be taken from there: a text's that is over, or a reply's.

    ``provider_id`` is the message's name there. ``text_id`` is None for a reply. ``given_up_at``: the network would
    not, after many tries.
    """

    __tablename__ = "redactions"
    __table_args__ = (
        sa.Index("ix_redactions_due", "due_at", sqlite_where=_TO_REDACT, postgresql_where=_TO_REDACT),
        sa.Index(
            "ix_redactions_given_up_at",
            "given_up_at",
            sqlite_where=_GIVEN_UP,
            postgresql_where=_GIVEN_UP,
        ),
        sa.Index("ix_redactions_noted_at", "noted_at"),
    )

    id: Mapped[Id]
    provider_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    text_id: Mapped[int | None] = belongs_to("texts", nullable=True, index=False)
    noted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]


class SandboxText(Base):
    """A text as the phone it went to shows it; written by the sandbox, which stands in for the network."""

    __tablename__ = "sandbox_texts"

    id: Mapped[Id]
    sid: Mapped[str] = mapped_column(sa.String(40), unique=True)
    to_e164: Mapped[str] = mapped_column(sa.String(16), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    arrived_at: Mapped[datetime]


class Letter(Base):
    """A letter that somebody printed and posted: what it was about, a digest of its words, who and when."""

    __tablename__ = "letters"

    id: Mapped[Id]
    case_id: Mapped[int] = belongs_to("cases")
    kind: Mapped[str] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(20))
    digest: Mapped[str] = mapped_column(sa.String(64))
    appointment_id: Mapped[int | None] = belongs_to("appointments", nullable=True, index=False)
    place_id: Mapped[int | None] = belongs_to("places", nullable=True, index=False)
    posted_at: Mapped[datetime]
    posted_by: Mapped[str] = mapped_column(sa.String(60))
