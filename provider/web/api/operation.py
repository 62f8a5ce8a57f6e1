"""One operation of the Force API: what it needs, what it takes, what it answers; and its view behind a door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response

from provider.kernel.answers import Answer
from provider.kernel.parsing import Body
from provider.web.api import access
from provider.web.api.bodies import json_body
from provider.web.api.parameters import Nothing, query_as
from provider.web.guard import door


@dataclass(frozen=True)
class Operation:
    """One method on one path. ``view`` is given what stands in the path, and what was ``asked`` and ``sent``.

    ``answer`` None is an answer without JSON. ``conflicts`` says whether it can be refused with 409.
    """

    method: str
    path: str
    view: Callable[..., Response]
    scope: str
    summary: str
    answer: type[Answer] | None
    status: int = 200
    sent: type[Body] | None = None
    asked: type[Body] = Nothing
    once: bool = False
    conflicts: bool = False
    own_limit: tuple[str, int] | None = None

    @property
    def id(self) -> str:
        """The view's own name: the endpoint here, the operationId in the document."""
        return self.view.__name__

    def guarded(self) -> Callable[..., Response]:
        """The view behind its door: who may → parse → the view."""

        @door(lambda: access.let_in(self.scope, own_limit=self.own_limit, once=self.once))
        @wraps(self.view)
        def answered(**parts: Any) -> Response:
            asked = query_as(self.asked)
            if self.asked is not Nothing:
                parts["asked"] = asked
            if self.sent is not None:
                parts["sent"] = json_body()
            return self.view(**parts)

        return answered
