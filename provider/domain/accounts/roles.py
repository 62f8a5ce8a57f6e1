"""Who may do what: one table. A door asks for a permission, never for a role."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    DRUG_WORKER = "drug_worker"
    FACILITATOR = "facilitator"
    TEAM_LEAD = "team_lead"
    CLINICAL_LEAD = "clinical_lead"
    ADMINISTRATOR = "administrator"
    COMMISSIONER = "commissioner"
    OFFICER = "officer"
    FORCE_ADMINISTRATOR = "force_administrator"


class Permission(StrEnum):
    READ_CASELOAD = "read_caseload"
    READ_SENSITIVE_NOTES = "read_sensitive_notes"
    RECORD_CONTACT = "record_contact"
    WRITE_NOTES = "write_notes"
    SETTLE_MATCHES = "settle_matches"
    SORT_REPLIES = "sort_replies"
    BOOK = "book"
    ASSESS = "assess"
    GIVE_PLACES = "give_places"
    KEEP_APART = "keep_apart"
    READ_SESSIONS = "read_sessions"
    RUN_REGISTER = "run_register"
    MANAGE_SESSIONS = "manage_sessions"
    SPREAD_WORK = "spread_work"
    CLOSE_SERVICE = "close_service"
    CLOSE_REFERRALS = "close_referrals"
    REVIEW_BARS = "review_bars"
    READ_NUMBERS = "read_numbers"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"
    SEE_TO_ALARMS = "see_to_alarms"
    SIGN_OFF_ADVICE = "sign_off_advice"
    READ_SCHEMES = "read_schemes"
    MANAGE_SCHEMES = "manage_schemes"
    READ_WORDINGS = "read_wordings"
    EDIT_WORDINGS = "edit_wordings"
    REFER = "refer"
    READ_OWN_REFERRALS = "read_own_referrals"
    MANAGE_FORCE = "manage_force"


_P = Permission
_CALLS = frozenset(
    {
        _P.READ_CASELOAD,
        _P.READ_SENSITIVE_NOTES,
        _P.RECORD_CONTACT,
        _P.WRITE_NOTES,
        _P.SETTLE_MATCHES,
        _P.SORT_REPLIES,
        _P.BOOK,
        _P.ASSESS,
        _P.GIVE_PLACES,
        _P.KEEP_APART,
        _P.READ_SESSIONS,
        _P.CLOSE_REFERRALS,
        _P.READ_SCHEMES,
    }
)
_COURSES = frozenset({_P.READ_SESSIONS, _P.RUN_REGISTER})

MAY: dict[Role, frozenset[Permission]] = {
    Role.DRUG_WORKER: _CALLS,
    Role.FACILITATOR: _COURSES,
    Role.TEAM_LEAD: _CALLS
    | _COURSES
    | {
        _P.MANAGE_SESSIONS,
        _P.SPREAD_WORK,
        _P.CLOSE_SERVICE,
        _P.REVIEW_BARS,
        _P.READ_NUMBERS,
        _P.MANAGE_SCHEMES,
    }
    | {_P.SEE_TO_ALARMS, _P.READ_WORDINGS, _P.EDIT_WORDINGS},
    Role.CLINICAL_LEAD: frozenset(
        {
            _P.READ_CASELOAD,
            _P.READ_SENSITIVE_NOTES,
            _P.WRITE_NOTES,
            _P.READ_NUMBERS,
            _P.SIGN_OFF_ADVICE,
            _P.READ_SCHEMES,
            _P.READ_WORDINGS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            _P.MANAGE_ACCOUNTS,
            _P.CLOSE_SERVICE,
            _P.READ_AUDIT,
            _P.READ_SCHEMES,
            _P.MANAGE_SCHEMES,
            _P.SEE_TO_ALARMS,
        }
    ),
    Role.COMMISSIONER: frozenset({_P.READ_NUMBERS}),
    Role.OFFICER: frozenset({_P.REFER, _P.READ_OWN_REFERRALS}),
    Role.FORCE_ADMINISTRATOR: frozenset({_P.REFER, _P.READ_OWN_REFERRALS, _P.MANAGE_FORCE}),
}

OF_A_FORCE = frozenset({Role.OFFICER, Role.FORCE_ADMINISTRATOR})


def may(role: Role, permission: Permission) -> bool:
    """Whether the role may; what is not in the table may not."""
    return permission in MAY[role]
