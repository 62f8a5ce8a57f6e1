"""A session gives more places than it has seats, where its course is set so.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is overbooked until somebody says so. The checks come with the columns, as SQLite would have it."""
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for table, column in (("courses", "most_extra"), ("sessions", "extra_places")):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} {number} NOT NULL DEFAULT 0 "
            f"CONSTRAINT ck_{table}_extra_places_are_more CHECK ({column} >= 0)"
        )
