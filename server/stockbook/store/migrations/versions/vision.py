"""Models that recognise goods, their roll-out, and the pictures that teach the next one."""

from alembic import op

from stockbook.store.migrations import VERSIONS, run

revision = "vision"
down_revision = "insight"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run(op.get_bind(), VERSIONS / f"{revision}.sql")
