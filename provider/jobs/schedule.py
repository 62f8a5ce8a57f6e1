"""What workers do by themselves, and how often. The order is the order of ``run_all_once``."""

from __future__ import annotations

from datetime import timedelta

from provider.jobs.acting import act_on_callbacks
from provider.jobs.collecting import collect_reports
from provider.jobs.coming_of_age import end_adults_numbers
from provider.jobs.forgetting import forget
from provider.jobs.heartbeat import beat
from provider.jobs.inviting import keep_meetings
from provider.jobs.notifying import send_notices
from provider.jobs.offering import offer_places
from provider.jobs.redacting import note_what_nobody_told, redact
from provider.jobs.sealing import seal
from provider.jobs.settling import look_again, settle_unknown_texts
from provider.jobs.shift import Job
from provider.jobs.texting import send_due_texts
from provider.jobs.uploading import send_uploads
from provider.jobs.watching import watch

JOBS: tuple[Job, ...] = (
    Job("heartbeat", timedelta(seconds=10), beat, also_paused=True),
    Job("act on callbacks", timedelta(seconds=2), act_on_callbacks),
    Job("send uploads", timedelta(seconds=1), send_uploads),
    Job("offer places", timedelta(seconds=30), offer_places),
    Job("keep meetings", timedelta(seconds=5), keep_meetings),
    Job("collect meeting reports", timedelta(minutes=1), collect_reports),
    Job("send texts", timedelta(seconds=1), send_due_texts),
    Job("settle unknown texts", timedelta(seconds=15), settle_unknown_texts),
    Job("look again for texts", timedelta(minutes=5), look_again),
    Job("send notices", timedelta(seconds=2), send_notices),
    Job("redact what is over", timedelta(seconds=30), redact),
    Job("watch for trouble", timedelta(seconds=30), watch),
    Job("seal the trail", timedelta(seconds=15), seal),
    Job("end adults' numbers", timedelta(hours=1), end_adults_numbers),
    Job("look for texts nobody told of", timedelta(hours=1), note_what_nobody_told),
    Job("forget what is over", timedelta(hours=1), forget),
)
