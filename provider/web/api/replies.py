"""How this door says yes."""

from __future__ import annotations

from flask import Response, request

from provider.kernel.answers import Answer


def reply(answer: Answer, status: int = 200, *, location: str | None = None) -> Response:
    """An answer as JSON; to a GET with its ETag, and with 304 for who has that already."""
    response = Response(answer.to_json(), status, content_type="application/json")
    if location is not None:
        response.headers["Location"] = location
    return tagged(response) if request.method in {"GET", "HEAD"} else response


def tagged(response: Response) -> Response:
    """The response with an ETag of its bytes, or a 304 where the request names that tag."""
    response.add_etag()
    tag, _ = response.get_etag()
    if tag is not None and request.if_none_match.contains_weak(tag):
        response.status_code = 304
        response.data = b""
        response.headers.remove("Content-Type")
    return response
