"""What Prometheus reads: counted where it happens, looked up when asked."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

REQUESTS = Counter("stockbook_requests", "Requests answered at /graphql.", ["status"])
SECONDS = Histogram(
    "stockbook_request_seconds",
    "Seconds from a request's last byte to its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
SOCKETS = Gauge("stockbook_sockets", "WebSockets open.")
SUBSCRIPTIONS = Gauge("stockbook_subscriptions", "Subscriptions open, all transports.")
SIGNALS = Counter("stockbook_signals", "Messages put to subscribers.")
CONFLATED = Counter(
    "stockbook_signals_conflated", "Messages that a newer state replaced before a slow client took them."
)
SLOW = Counter(
    "stockbook_subscriptions_closed_slow", "Subscriptions to every event closed because the client was slow."
)
NUMBERED_TOTAL = Counter("stockbook_stream_numbered", "Signals that this process has given their numbers.")
MOVED = Gauge("stockbook_forecasts_moved_total", "Forecasts moved, by all learners.")
WAITING = Gauge("stockbook_stream_waiting", "Signals that have no number yet.")
UNLEARNT = Gauge("stockbook_learner_waiting", "Signals that the learner furthest behind has not read yet.")
MOVEMENTS = Gauge("stockbook_movements_total", "Movements in the journal.")


@cache
def requests(status: int) -> Counter:
    """Return the counter of requests answered with a status."""
    return REQUESTS.labels(status)


class Figures(NamedTuple):
    """What is looked up for a page."""

    waiting: int
    unlearnt: int
    moved: int
    movements: int


def page(figures: Callable[[], Awaitable[Figures]]) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint; `figures` looks up what is not counted where it happens."""

    async def metrics(_: Request) -> Response:
        found = await figures()
        WAITING.set(found.waiting)
        UNLEARNT.set(found.unlearnt)
        MOVED.set(found.moved)
        MOVEMENTS.set(found.movements)
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    return metrics
