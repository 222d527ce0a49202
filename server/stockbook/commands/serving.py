"""serve, work, migrate: the server itself."""

import asyncio
import gc
import signal
import sys
from typing import Annotated, Any

import typer
import uvicorn

from stockbook.api.listening import options
from stockbook.api.origins import opened
from stockbook.app import build
from stockbook.commands.reaching import brought_up, current, started
from stockbook.commands.saying import out, stop, well
from stockbook.settings import Settings
from stockbook.store.embedded import running
from stockbook.worker import run as beside
from stockbook.worker import work as run_worker

GRACE_SECONDS = 10
"""How long requests in flight may take to end when the server stops."""
OBJECTS = 10_000
"""New objects after which the collector looks for cycles: as many as a batch or two make."""

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.", min=0, max=65_535)]


def serve(host: Host = None, port: Port = None) -> None:
    """Serve the graph, with its worker unless STOCKBOOK_WORKER=0; on the embedded PostgreSQL or DATABASE_URL."""
    settings = Settings()
    # uvicorn raises the signal again when it has stopped: it must end us in order, or PostgreSQL stays behind
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with started(settings) as dsn:
        brought_up(dsn)
        chosen = settings.model_copy(update={"database_url": dsn, **_given(host=host, port=port)})
        out.print(f"http://{chosen.host}:{chosen.port}/graphql")
        settled()
        uvicorn.run(
            opened(build(chosen, beside if chosen.worker else None), chosen.origins),
            host=chosen.host,
            port=chosen.port,
            loop="uvloop",
            timeout_graceful_shutdown=GRACE_SECONDS,
            **options(chosen),
        )


def work() -> None:
    """Run one more worker beside `serve`, on its database; it takes its share of the partitions."""
    settings = Settings()
    dsn = settings.database_url or running(settings.home)
    if dsn is None:
        stop("nothing serves here to work beside: start `stockbook serve`, or set DATABASE_URL")
    current(dsn)
    settled()
    asyncio.run(run_worker(settings.model_copy(update={"database_url": dsn})))


def migrate() -> None:
    """Bring the database to this version; does nothing when it is there."""
    with started(Settings()) as dsn:
        brought_up(dsn)
    well("The database is of this version")


def settled() -> None:
    """Spare the collector what stays until the end: walking it took a tenth of all time, 150 ms at once."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, 10, 10)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
