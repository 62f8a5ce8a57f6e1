"""Who may see what behind a link: a token that leads somewhere, a phone that opened it, a person who proved it."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.participant_page import Opener, language_behind, opener
from provider.domain.messaging.links import SESSION_LENGTH, OpenLink, find_link, find_session
from provider.kernel.actors import Actor
from provider.web.context import now, settings
from provider.web.guard import door
from provider.web.speech import speak, speak_as_their_phone

COOKIE = "participant"


def _link_leads_somewhere() -> None:
    """An unknown link, a dead one, a locked one and one that may be followed no longer are the same 404."""
    g.link = find_link(str((request.view_args or {})["token"]), now=now()) or abort(404)
    language = language_behind(g.link, now=now())
    if language is None:
        abort(404)
    speak(language)


def _opened() -> ResponseReturnValue | None:
    """By a phone that pressed the button not long ago, on a page of ours."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        abort(403)
    link = find_session(request.cookies.get(COOKIE, ""), now=now())
    found = opener(link, now=now()) if link is not None else None
    if link is None or found is None or (link.survey and not found.confirmed):
        speak_as_their_phone()
        return render_template("participant/closed.html"), 403
    speak(found.language)
    g.link, g.opener = link, found
    return None


def _came_about_case() -> ResponseReturnValue | None:
    """A survey's link opens the survey and nothing else."""
    return _opened() or (redirect(url_for("participant.home")) if link().survey else None)


def _may_act() -> ResponseReturnValue | None:
    """Whoever has the phone may ask to be rung while nothing personal is shown there; afterwards who has proved it."""
    return _came_about_case() or (
        None if link().proved or not who().confirmed else redirect(url_for("participant.home"))
    )


def _proved() -> ResponseReturnValue | None:
    return _came_about_case() or (
        None if link().proved and who().confirmed else redirect(url_for("participant.home"))
    )


def _asked() -> ResponseReturnValue | None:
    """Whoever came by a survey's link, and has proved who they are."""
    return _opened() or (None if link().survey and link().proved else redirect(url_for("participant.home")))


leads_somewhere = door(_link_leads_somewhere)
opened = door(_opened)
came_about_case = door(_came_about_case)
may_act = door(_may_act)
proved = door(_proved)
asked = door(_asked)


def link() -> OpenLink:
    """The link that the request came by. Behind any of these doors."""
    return cast("OpenLink", g.link)


def who() -> Opener:
    """Whom the link leads to. Behind any of these doors but the first."""
    return cast("Opener", g.opener)


def by() -> Actor:
    """The person, once they have proved it; before that somebody with the phone."""
    return Actor("participant", who().person_id if link().proved else None)


def draw(name: str, **context: Any) -> str:
    """A page of theirs, under the neutral name of their scheme and with its number to ring."""
    return render_template(
        f"participant/{name}.html", service_name=who().service_name, ring=who().ring, **context
    )


def give_cookie(response: Response, token: str) -> None:
    """Let the phone in for as long as a session lasts; the cookie goes to no other page and no other site."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_LENGTH,
        path="/p",
        secure=settings().public_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )


def take_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/p", httponly=True, samesite="Lax")
