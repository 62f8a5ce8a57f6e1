"""The survey: a few questions behind a link of its own, which opens nothing else."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.surveys import has_answered
from provider.kernel.database import transaction
from provider.pathway import surveying
from provider.web.context import now
from provider.web.participant import participant
from provider.web.participant.access import asked, by, draw, link
from provider.web.participant.forms import SurveyForm


@participant.get("/survey")
@asked
def survey() -> ResponseReturnValue:
    return draw("thanks") if has_answered(link().case_id) else draw("survey", form=SurveyForm())


@participant.post("/survey")
@asked
def answer_survey() -> ResponseReturnValue:
    form = SurveyForm()
    if not form.validate_on_submit():
        return draw("survey", form=form)
    with transaction():
        surveying.answer(link().case_id, form.answers, by=by(), now=now())
    return redirect(url_for("participant.survey"), 303)
