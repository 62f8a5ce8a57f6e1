"""At most two keys of a force work at once: each has one of two places.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GIVE_PLACES = """
    UPDATE api_keys SET place = (
        SELECT count(*) FROM api_keys AS other
        WHERE other.force_id = api_keys.force_id AND other.id <= api_keys.id
        AND (other.ends_at IS NULL OR other.ends_at > CURRENT_TIMESTAMP)
    )
    WHERE ends_at IS NULL OR ends_at > CURRENT_TIMESTAMP
"""


def upgrade() -> None:
    # Said in SQL: SQLite takes a constraint with its column, where Alembic would make the table anew.
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE api_keys ADD COLUMN place {kind} CONSTRAINT ck_api_keys_place CHECK (place IN (1, 2))"
    )
    op.execute(GIVE_PLACES)
    op.create_index("ix_api_keys_force_id_place", "api_keys", ["force_id", "place"], unique=True)
