"""How this door says no: RFC 9457 problems with stable codes. Nothing that was sent is repeated in one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask, Response

from provider.domain.forces.idempotency import KeyReused
from provider.kernel.errors import FieldError, Invalid, Refusal
from provider.pathway.receiving import DuplicateReferral
from provider.web.errors import problem


class Problem(Exception):
    """A request that is answered with a problem and nothing else."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.headers = dict(headers or {})
        super().__init__(code)


class InvalidQuery(Invalid):
    """Faults in the query: each names a parameter, where a body's name a pointer."""


def answer_problems(app: Flask, api: Blueprint) -> None:
    app.register_error_handler(Problem, _problem)
    api.register_error_handler(Invalid, _invalid)
    api.register_error_handler(Refusal, _refusal)


def _problem(error: Problem) -> Response:
    answer = problem(error.status, error.code, error.title, error.detail)
    answer.headers.extend(error.headers)
    return answer


def _invalid(error: Invalid) -> Response:
    where = "parameter" if isinstance(error, InvalidQuery) else "pointer"
    errors = [
        {where: _place(fault, where), "code": fault.code, "detail": fault.detail} for fault in error.errors
    ]
    return problem(422, "invalid_request", "Unprocessable Content", "See errors.", errors=errors)


def _place(fault: FieldError, where: str) -> str:
    if where == "pointer":
        return fault.pointer
    return fault.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")


def _refusal(error: Refusal) -> Response:
    if isinstance(error, KeyReused):
        return problem(422, error.code, "Unprocessable Content", error.sentence)
    more = {"reference": error.reference} if isinstance(error, DuplicateReferral) else {}
    return problem(409, error.code, "Conflict", error.sentence, **more)
