"""The links at the top of a desk page: those that lead where this person may go."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for

from provider.domain.accounts.roles import Permission
from provider.web.context import signed_in_or_none


@dataclass(frozen=True)
class NavigationItem:
    text: str
    href: str
    current: bool


_LINKS = (
    ("My day", "staff.my_day", Permission.RECORD_CONTACT),
    ("Referrals", "staff.find", Permission.READ_CASELOAD),
    ("Replies", "staff.replies", Permission.SORT_REPLIES),
    ("Diary", "staff.diary", Permission.BOOK),
    ("Sessions", "staff.sessions", Permission.READ_SESSIONS),
    ("Team", "staff.team", Permission.SPREAD_WORK),
    ("Reviews", "staff.reviews", Permission.REVIEW_BARS),
    ("Accounts", "staff.accounts", Permission.MANAGE_ACCOUNTS),
    ("Audit", "staff.audit", Permission.READ_AUDIT),
    ("Closures", "staff.closures", Permission.CLOSE_SERVICE),
    ("Schemes", "staff.schemes", Permission.READ_SCHEMES),
    ("Wordings", "staff.wordings", Permission.READ_WORDINGS),
    ("Numbers", "staff.numbers", Permission.READ_NUMBERS),
    ("Alarms", "staff.alarms", Permission.SEE_TO_ALARMS),
    ("Refer somebody", "officer.start", Permission.REFER),
    ("My referrals", "officer.mine", Permission.READ_OWN_REFERRALS),
    ("Force", "force.home", Permission.MANAGE_FORCE),
)

_IN_THE_DIARY = frozenset({"staff.closures"})
"""Linked from the diary for whoever has it: more links than these do not fit beside each other."""


def navigation() -> tuple[NavigationItem, ...]:
    """Links for whoever is signed in; none for nobody."""
    who = signed_in_or_none()
    if who is None:
        return ()
    return tuple(
        NavigationItem(text, url_for(endpoint), request.endpoint == endpoint)
        for text, endpoint, permission in _LINKS
        if who.may(permission) and not (endpoint in _IN_THE_DIARY and who.may(Permission.BOOK))
    )
