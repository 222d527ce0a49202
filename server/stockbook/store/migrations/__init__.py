"""Which revision is this database at, and what brings it to the next?"""

from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.util import await_only

VERSIONS = Path(__file__).parent / "versions"


def run(connection: Connection, path: Path) -> None:
    """Run a file of SQL in the connection's transaction."""
    asyncpg = connection.connection.driver_connection
    assert asyncpg is not None
    await_only(asyncpg.execute(path.read_text()))
