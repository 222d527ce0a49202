"""All tables of the core, and the rows that stand for nobody and nothing."""

from alembic import op

from stockbook.store.migrations import VERSIONS, run

revision = "first"
down_revision = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    run(op.get_bind(), VERSIONS / f"{revision}.sql")
