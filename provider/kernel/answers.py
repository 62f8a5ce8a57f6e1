"""What is sent to a machine: frozen objects with a closed list of fields, and the one way they become JSON.

The same models describe the answer in the OpenAPI document.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema


def rfc3339(moment: datetime) -> str:
    """An aware moment as it is sent: in UTC, with its offset, ``2026-11-20T21:40:00+00:00``."""
    return moment.astimezone(UTC).isoformat()


SentMoment = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Answer(BaseModel):
    """Base of everything sent: made from a row or another frozen object, by the fields it names and no others."""

    model_config = ConfigDict(frozen=True, from_attributes=True, extra="ignore")

    def to_json(self) -> bytes:
        return json_bytes(self.model_dump(mode="json", by_alias=True))


def json_bytes(value: object) -> bytes:
    """Compact JSON in UTF-8, in the order of the fields."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
