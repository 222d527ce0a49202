"""Subscriptions, whatever they travel by."""

from collections.abc import Callable
from typing import Any

from stockbook.api import metrics
from stockbook.api.gate import Asker
from stockbook.api.refusing import Rejected, failed
from stockbook.graph.execute import Request
from stockbook.graph.hub import Hub
from stockbook.graph.planner import Refused
from stockbook.graph.streams import Prepared, Streams
from stockbook.graph.subscriber import Send, Slow, Subscriber
from stockbook.settings import Settings

Entries = list[dict[str, Any]]


class Subscription:
    """One subscription of one client; `failed` is told why it ends, once, when it is not the client who ends it."""

    def __init__(self, hub: Hub, send: Send, failed: Callable[[Entries], None], queue_max: int) -> None:
        self._hub = hub
        self._failed = failed
        self._prepared: Prepared | None = None
        self.subscriber = Subscriber(send, self._slow, queue_max)

    async def follow(self, streaming: Streams, request: Request, asker: Asker, last_event: str | None = None) -> None:
        """Begin; returns when the subscriber has caught up, and goes on until `close`."""
        metrics.SUBSCRIPTIONS.inc()
        try:
            prepared = await streaming.prepare(request, asker.principal, asker.mask)
            if prepared.topic not in asker.mask.topics:
                raise Rejected("FORBIDDEN", f"none of your roles may follow {prepared.topic}")
            given = prepared.arguments.get("after")
            after = cursor(last_event if given is None else given)
            if self.subscriber.closed:
                return
            self._prepared = prepared
            await self._hub.join(prepared, asker.principal, self.subscriber, after)
            if self.subscriber.closed:
                self._hub.leave(prepared, self.subscriber)
        except Exception as error:  # whatever it is, it is told as entries, and logged
            entry = error.entry() if isinstance(error, Refused) else failed(error).entry()
            if not self.subscriber.closed:
                self.close()
                self._failed([entry])

    def close(self) -> None:
        """End."""
        if self.subscriber.conflated:
            metrics.CONFLATED.inc(self.subscriber.conflated)
            self.subscriber.conflated = 0
        self.subscriber.close()
        if self._prepared is not None:
            self._hub.leave(self._prepared, self.subscriber)
            self._prepared = None

    def done(self) -> None:
        """Count that it is over."""
        self.close()
        metrics.SUBSCRIPTIONS.dec()

    def _slow(self, why: Slow) -> None:
        metrics.SLOW.inc()
        self.close()
        message = f'too slow for every event: resume from {why.after}, with after: "{why.after}"'
        self._failed([{"message": message, "extensions": {"code": "TOO_SLOW", "resumeAfter": str(why.after)}}])


class Subscribing:
    """Opens subscriptions."""

    def __init__(self, hub: Hub, streaming: Streams, settings: Settings) -> None:
        self.hub = hub
        self.streaming = streaming
        self._queue_max = settings.queue_max

    def open(self, send: Send, failed: Callable[[Entries], None]) -> Subscription:
        """Return a subscription that does not follow anything yet."""
        return Subscription(self.hub, send, failed, self._queue_max)


def cursor(after: str | None) -> int | None:
    """Return the number that a cursor stands for.

    >>> cursor("17"), cursor(None)
    (17, None)
    """
    if after is None:
        return None
    if not after.isascii() or not after.isdigit() or len(after) > 18:
        raise Rejected("BAD_USER_INPUT", "`after` is the sequence of an event")
    return int(after)
