"""${message}."""

from alembic import op

from stockbook.store.migrations import VERSIONS, run

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Run the SQL beside this file."""
    run(op.get_bind(), VERSIONS / f"{revision}.sql")
