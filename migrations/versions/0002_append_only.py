"""What is only ever added to cannot be changed or removed, whoever connects.

Words about a person can be emptied, and nothing else about their row changed: that is how somebody is erased.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_entries", "audit_seals", "referral_events", "attendance_marks")
ERASABLE = {
    "notes": (("text",), ("id", "case_id", "at", "by_id", "kind")),
    "referral_changes": (("before", "after"), ("id", "referral_id", "at", "by", "field")),
}
"""Table → the words that can be emptied, and the columns that must stay as they are."""


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$"
        )
    for table in (*APPEND_ONLY, *ERASABLE):
        for change in ("UPDATE", "DELETE"):
            unless = _emptied(table, postgresql) if change == "UPDATE" and table in ERASABLE else ""
            op.execute(_trigger(table, change, unless, postgresql))


def _trigger(table: str, change: str, unless: str, postgresql: bool) -> str:
    head = f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
    if postgresql:
        return f"{head} FOR EACH ROW {unless} EXECUTE FUNCTION only_added_to()"
    return f"{head} {unless} BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"


def _emptied(table: str, postgresql: bool) -> str:
    words, stay = ERASABLE[table]
    same = "IS NOT DISTINCT FROM" if postgresql else "IS"
    conditions = [f"COALESCE(NEW.\"{word}\", '') = ''" for word in words]
    conditions += [f'NEW."{column}" {same} OLD."{column}"' for column in stay]
    return f"WHEN (NOT ({' AND '.join(conditions)}))"
