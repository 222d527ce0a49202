"""The door for devices: enrolments, settings, captured events, and what they leave for a person to settle."""

from alembic import op

from stockbook.store.migrations import VERSIONS, run

revision = "devices"
down_revision = "first"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run(op.get_bind(), VERSIONS / f"{revision}.sql")
