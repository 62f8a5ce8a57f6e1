"""The audit trail: who saw and did what, and whether its chain holds."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from provider.caseload.audit_page import AuditFilter, actions, audit_page
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.kernel.database import transaction
from provider.web.addresses import a_number
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk


@desk.get("/audit")
@needs(Permission.READ_AUDIT)
def audit() -> ResponseReturnValue:
    """Looked through by what stands in the address: references, actions and colleagues, never names of people."""
    asked = AuditFilter(
        reference=_asked("reference"),
        action=_asked("action"),
        email=_asked("account"),
        before=request.args.get("before", type=a_number),
    )
    with transaction():
        record("audit.read", "account", signed_in().account_id, by=by(), now=now(), about=asked.action)
    return render_template("staff/audit/audit.html", page=audit_page(asked), asked=asked, actions=actions())


def _asked(name: str) -> str | None:
    """What stands in the address, where it is something that could be looked for."""
    text = request.args.get(name, "").strip()
    return text[:254] if text and text.isprintable() else None
