"""What forecasts hear from outside, what people say against them, thresholds, and the sandbox."""

from alembic import op

from stockbook.store.migrations import VERSIONS, run

revision = "insight"
down_revision = "devices"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run(op.get_bind(), VERSIONS / f"{revision}.sql")
