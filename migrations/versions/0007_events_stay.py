"""What a force was told cannot be changed or removed, whoever connects: an event is written, numbered once, and stays.

A person who is erased is in none of them: an event names a referral by its references, and says how it went.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE = "compliance_events"
STAY = (
    *("id", "public_id", "force_id", "referral_id", "type", "occurred_at", "recorded_at", "reference"),
    *("force_reference", "scheme", "compliance", "intelligence_log", "corrects"),
)
"""What numbering leaves as it was: every column but the number."""


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    same = "IS NOT DISTINCT FROM" if postgresql else "IS"
    stays = " AND ".join(f'NEW."{column}" {same} OLD."{column}"' for column in STAY)
    numbered = f"OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND {stays}"
    for change, unless in (
        ("INSERT", "WHEN (NEW.sequence IS NOT NULL)"),
        ("UPDATE", f"WHEN (NOT ({numbered}))"),
        ("DELETE", ""),
    ):
        op.execute(_trigger(change, unless, postgresql=postgresql))


def _trigger(change: str, when: str, *, postgresql: bool) -> str:
    head = f"CREATE TRIGGER {TABLE}_no_{change.lower()} BEFORE {change} ON {TABLE} "
    if postgresql:
        return f"{head} FOR EACH ROW {when} EXECUTE FUNCTION only_added_to()"
    return f"{head} {when} BEGIN SELECT RAISE(ABORT, '{TABLE} is only ever added to'); END"
