"""What was photographed elsewhere in the organisation and two people agree on: fetched, and enrolled here as well.

So goods are photographed once for all shops. What is no longer agreed on, or
whose time is over, is forgotten here too.
"""

from collections import Counter, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from handheld.client.documents import ACCEPTED_SAMPLES
from handheld.client.sync import Step
from handheld.client.transport import Failed, Transport, Trouble

ASK_SECONDS = 3600.0
EACH_MAX = 5
"""Photographs of an item: more tell little more."""
ALL_MAX = 2_000
SIZE_MAX = 3 * 2**20
PAGES_MAX = 200
_NOT_FOR_US = frozenset({Trouble.FORBIDDEN, Trouble.OUTDATED})


@dataclass(frozen=True, slots=True)
class Shared:
    """A photograph that the organisation has: of which item, and under which sha256 it is fetched."""

    item: str
    sha256: str
    size: int
    path: str
    taken_at: datetime


class Gallery(Protocol):
    """Where photographs are enrolled."""

    def shared(self) -> Mapping[str, Collection[str]] | None:
        """Return by item the digests of what the model in force can be asked about; None while there is no model."""

    def take(self, item: str, digest: str, content: bytes, at: datetime) -> None:
        """Enrol a photograph that came from the server."""

    def keep(self, wanted: Collection[tuple[str, str]]) -> None:
        """Forget every photograph from the server but those: (item, digest)."""


class Sharing:
    """Asks once an hour what there is, and fetches what is missing, a photograph a step."""

    def __init__(self, transport: Transport, gallery: Gallery) -> None:
        self._transport, self._gallery = transport, gallery
        self._asked_at = float("-inf")
        self._model = ""
        self._missing: deque[Shared] = deque()

    def step(self, token: str, now: float, model: str) -> Step:
        """Take one step; with another model in force everything is looked at again."""
        if model != self._model or now - self._asked_at >= ASK_SECONDS:
            self._missing.clear()
            return self._ask(token, now, model)
        return self._fetch(token) if self._missing else Step()

    def _ask(self, token: str, now: float, model: str) -> Step:
        known = self._gallery.shared()
        listed = self._listed(token) if known is not None else []
        if isinstance(listed, Failed):
            if listed.trouble not in _NOT_FOR_US:
                return Step(failed=listed)
            listed = []  # the role of this device is shown no photographs
        self._asked_at, self._model = now, model
        if known is None:
            return Step()
        self._gallery.keep({(each.item, each.sha256) for each in listed})
        self._missing = deque(each for each in listed if each.sha256 not in known.get(each.item, ()))
        return Step(more=bool(self._missing))

    def _listed(self, token: str) -> list[Shared] | Failed:
        """Return what there is, the newest of each item."""
        found: list[Shared] = []
        of_item, after = Counter[str](), None
        for _ in range(PAGES_MAX):
            data = self._transport.ask(ACCEPTED_SAMPLES, {"after": after}, token)
            if isinstance(data, Failed):
                return data
            page = data["recognitionSamples"]
            for each in filter(None, map(shared, page["nodes"])):
                of_item[each.item] += 1
                if of_item[each.item] <= EACH_MAX:
                    found.append(each)
            if not page["pageInfo"]["hasNextPage"] or len(found) >= ALL_MAX:
                break
            after = page["pageInfo"]["endCursor"]
        return found[:ALL_MAX]

    def _fetch(self, token: str) -> Step:
        wanted = self._missing[0]
        piece = self._transport.fetch(wanted.path, token, wanted.sha256, 0, wanted.size)
        if isinstance(piece, Failed) and piece.trouble is not Trouble.REFUSED:
            return Step(failed=piece)
        self._missing.popleft()
        if not isinstance(piece, Failed) and sha256(piece.content).hexdigest() == wanted.sha256:
            self._gallery.take(wanted.item, wanted.sha256, piece.content, wanted.taken_at)
        return Step(more=True)


def shared(said: Any) -> Shared | None:
    """Return a photograph that the server tells of, None when it is none that could be fetched.

    >>> shared({"sha256": "ab", "size": 10, "picture": None, "item": {"externalReference": "MILK"}}) is None
    True
    """
    try:
        found = Shared(
            str(said["item"]["externalReference"]),
            str(said["sha256"]),
            int(said["size"]),
            said["picture"],
            datetime.fromisoformat(said["takenAt"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    return found if isinstance(found.path, str) and found.path.startswith("/") and 0 < found.size <= SIZE_MAX else None
