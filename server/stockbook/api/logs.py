"""Logs: one JSON object a line on standard error, each with the id of the request it belongs to.

Each request leaves a line when it has been answered. By structlog one costs
thirty microseconds, a tenth of a read, and a system call takes ten of them: so
these are made straight and written together, a tenth of a second later.
"""

import asyncio
import atexit
import logging
import sys
import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request being answered."""


TEXT_MAX = 200
"""Letters of what a client says that go into a line."""
GATHERED_SECONDS, GATHERED_MAX = 0.1, 100
"""How long lines of requests wait for others, and how many do."""
_GATHERED: list[str] = []


class Line:
    """What is told of a request once it has been answered; begun when there is one."""

    __slots__ = ("began", "id", "operation", "organisation")
    written = True
    """Whether requests leave lines at all."""

    def __init__(self, request: str) -> None:
        self.id = request
        self.began = time.perf_counter()
        self.organisation: int | None = None
        """For whom it was asked, once that is known."""
        self.operation: str | None = None
        """What was asked: the operation's name."""

    def write(self, event: str, status: int | None = None, size: int | None = None, **more: Any) -> None:
        """Write the line; `size` is how many bytes the answer has."""
        if not Line.written:
            return
        told = {
            "event": event,
            "organisation": self.organisation,
            "operation": self.operation and self.operation[:TEXT_MAX],
            "status": status,
            "milliseconds": round((time.perf_counter() - self.began) * 1000, 2),
            "bytes": size,
            **more,
            "request_id": self.id,
            "level": "info",
            "logger": __name__,
            "timestamp": datetime.now(UTC),
        }
        _GATHERED.append(orjson.dumps(told, default=str, option=orjson.OPT_UTC_Z).decode() + "\n")
        if len(_GATHERED) == 1:
            asyncio.get_running_loop().call_later(GATHERED_SECONDS, flush)
        elif len(_GATHERED) >= GATHERED_MAX:
            flush()


@atexit.register
def flush() -> None:
    """Write the lines of requests that wait."""
    said = "".join(_GATHERED)
    _GATHERED.clear()
    if said:
        sys.stderr.write(said)


def configure(level: int = logging.INFO, *, requests: bool = True) -> None:
    """Make everything that is logged, libraries' words included, JSON lines; `requests`: a line for each as well."""
    Line.written = requests
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _with_request,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                _with_request,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True
    for name in ("uvicorn.error", "httpx"):  # they tell of every socket and every request
        logging.getLogger(name).setLevel(logging.WARNING)


def _with_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (current := request_id.get()) is not None:
        event.setdefault("request_id", current)
    return event


def _dumps(event: Any, default: Any = str, **_: Any) -> str:
    return orjson.dumps(event, default=default).decode()
