"""What a person, or a police system, reads when something cannot be done or has gone wrong."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from provider.kernel.errors import NotFound, Refusal
from provider.kernel.faults import note_fault
from provider.web.look import draw_plainly
from provider.web.speech import speak_english

log = logging.getLogger("provider.web")

PAGES = {400, 403, 404, 405, 409, 413, 429, 500, 503}


def problem(status: int, code: str, title: str, detail: str = "", **more: object) -> Response:
    """An RFC 9457 answer; ``code`` is stable."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def answer_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(NotFound, lambda _error: _answer(404, "not_found", "Not found"))
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _database)
    app.register_error_handler(Exception, _bug)


def _for_a_machine() -> bool:
    return request.path.startswith("/api/")


def _answer(status: int, code: str, title: str, detail: str = "") -> Response:
    if _for_a_machine():
        return problem(status, code, title, detail)
    speak_english()
    page = status if status in PAGES else (400 if status < 500 else 500)
    if status == 503:
        return make_response(draw_plainly("errors/503.html", sentence=detail), status)
    return make_response(render_template(f"errors/{page}.html", sentence=detail), status)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    answer = _answer(error.code, (error.name or "error").lower().replace(" ", "_"), error.name or "Error")
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value
    return answer


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return _answer(
        400, "form_expired", "This page had been open too long", "Go back, reload the page and send it again."
    )


def _refusal(error: Refusal) -> ResponseReturnValue:
    return _answer(409, error.code, "That cannot be done", error.sentence)


def _database(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    """A database that is away is not a bug of ours; anything else that it says is."""
    away = (
        isinstance(error, PoolTimeout)
        or error.connection_invalidated
        or "OperationalError" in type(error).__name__
    )
    if not away:
        return _bug(error)
    log.error("database away", extra={"error": type(error).__name__})
    answer = _answer(503, "unavailable", "We are unavailable just now", "Try again in a moment.")
    answer.headers["Retry-After"] = "5"
    return answer


def _bug(error: Exception) -> ResponseReturnValue:
    note_fault(log, "bug", error)
    return _answer(
        500, "internal_error", "Something went wrong on our side", "Try again; if it stays, ring us."
    )
