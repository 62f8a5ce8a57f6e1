"""How a delivery went, in words, and what the force can do about it."""

from __future__ import annotations

from provider.domain.compliance.retrying import taken
from provider.domain.compliance.sending import SECONDS

_PROBLEMS: dict[str, tuple[str, str]] = {
    "not_https": (
        "Not sent: the address is not https",
        "Add the https address of your server, and remove this one.",
    ),
    "address_not_public": (
        "Not sent: the name leads to an address that is not on the public network",
        "Have the name lead to public addresses alone.",
    ),
    "name_not_found": (
        "The name was not found",
        "Check how the address is written, and that its name is in the public name service.",
    ),
    "no_connection": (
        "No connection could be made",
        "Check that your server is up, and that your firewall lets us in.",
    ),
    "certificate_not_trusted": (
        "The certificate is not one that we trust for this name",
        "Renew it, or install it with its whole chain: any browser shows the same fault.",
    ),
    "no_answer_in_time": (
        f"No answer within {SECONDS} seconds",
        "Answer as soon as the notice is stored, and work on it afterwards.",
    ),
    "no_answer": (
        "The connection broke before an answer came",
        "Look into your server’s log, or that of the proxy before it, at this time.",
    ),
}
_STATUSES: dict[int, str] = {
    401: "Let notices in without signing in: their signature is the proof.",
    403: "Let notices in without signing in: their signature is the proof.",
    404: "Check the path of the address: your server does not know it.",
    405: "Have this path take POST.",
    410: "It means that nothing is to be sent there any more. If that was not meant, try again.",
    413: "Let your server take bodies of 64 KiB.",
    415: "Let your server take application/json.",
    429: "Nothing to do if it is rare: it is tried again later.",
}
_BY_HUNDREDS: dict[int, str] = {
    3: "A redirect is not followed. Add the address that it leads to, and remove this one.",
    4: "Check the signature with the secret of this address, over the exact bytes of the body.",
    5: "Look into your server’s log at this time.",
}


def what_happened(status: int | None, problem: str | None) -> str:
    """``Answered 204``, or the problem that kept an answer from coming."""
    if status is not None:
        return f"Answered {status}"
    return _PROBLEMS[problem][0] if problem in _PROBLEMS else "Not sent"


def after_problem(status: int | None, problem: str | None) -> str | None:
    """What to do next; None where the notice was taken."""
    if taken(status):
        return None
    if status is None:
        return _PROBLEMS[problem][1] if problem in _PROBLEMS else None
    return _STATUSES.get(status) or _BY_HUNDREDS.get(status // 100)
