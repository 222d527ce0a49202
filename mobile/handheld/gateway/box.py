"""What the gateway does: looks up codes, recognises pictures, takes events, says how it stands.

Nothing of it needs the network: it asks the replica, the models and the outbox
of the device that the gateway is. Asked from any thread.
"""

import threading
from collections.abc import Callable
from typing import Any

from handheld.gateway import events, words
from handheld.gateway.refused import Code, Refused, unkept, unseen
from handheld.outbox.entry import Receipt
from handheld.outbox.limits import Unkept
from handheld.rooms import Rooms
from handheld.vision.absent import Absent
from handheld.work.deed import Deed
from stockbook.domain.capture import codes
from stockbook.domain.capture.reading import Kind

Answer = dict[str, Any] | Refused
Weigh = Callable[[], str]
"""Returns what the scale says at rest, in kilograms; empty when it says nothing that counts."""
CODE_MAX = 2000


def _no_scale() -> str:
    return ""


class Box:
    """The gateway, apart from its door."""

    def __init__(self, rooms: Rooms, weigh: Weigh = _no_scale) -> None:
        self._rooms, self._weigh = rooms, weigh
        self._one_at_a_time = threading.Lock()

    # what is known

    def look_up(self, code: str, symbology: str = "") -> Answer:
        """Return what a code stands for: goods, or a place."""
        if not code or len(code) > CODE_MAX:
            return Refused(Code.BAD_INPUT, f"a code has 1 to {CODE_MAX} characters", ("code",))
        reading = codes.read(code, symbology)
        if reading.problem is not None:
            return Refused(Code.BAD_INPUT, reading.problem.value, ("code",))
        known, found = self._rooms.world.known, None
        if reading.kind in {Kind.ITEM, Kind.TEXT}:
            found = known.packing(reading.gtin or reading.reference)
        place = known.place(reading.sscc or reading.reference) if found is None else None
        if found is None and place is None:
            return Refused(Code.CODE_UNKNOWN, "nothing that is known here has this code", ("code",))
        said = {"reading": words.reading(reading), "replica": self._replica()}
        if found is None:
            assert place is not None
            return {"place": {"reference": place.reference, "kind": place.kind}, **said}
        on_hand = self._rooms.replica.on_hand(found.item.reference)
        return {"item": words.item(found.item), "unit": found.unit or found.item.unit, "onHand": str(on_hand), **said}

    # what is seen

    def recognise(self, picture: bytes) -> Answer:
        """Return what a picture may be of; it is a proposal, and nothing is recorded by it."""
        said = self._rooms.sight.recognise(picture).said
        return unseen(said.why) if isinstance(said, Absent) else words.proposal(said, self._rooms.world.known.item)

    # what is told

    def take(self, body: Any) -> Answer:
        """Take events: all of them are on the disk when this returns, or none is; an event that comes again is known.

        The same event is told by its `id`, for as long as the outbox keeps it: until a week after the server has it.
        """
        said = events.listed(body)
        if isinstance(said, Refused):
            return said
        with self._one_at_a_time:  # an event that comes twice at once is taken once
            return self._taken(said)

    def _taken(self, said: list[Any]) -> Answer:
        weight = self._weigh() if any(map(events.weighed, said)) else ""
        base = self._rooms.world.known.version
        fresh: dict[str, Deed] = {}
        outcomes: list[tuple[str, int]] = []
        for at, each in enumerate(said):
            found = events.read(each, weight or "0", base)
            if isinstance(found, Refused):
                return found._replace(path=("events", str(at), *found.path))
            number = self._known(found, fresh, weighed=events.weighed(each))
            if number is None:
                return Refused(Code.ID_TAKEN, "another event was taken under this id", ("events", str(at), "id"))
            if not number and events.weighed(each) and not weight:
                return Refused(Code.NO_WEIGHT, "no scale says a weight at rest", ("events", str(at), "weigh"))
            if not number:
                fresh[found.id] = found
            outcomes.append((found.id, number))
        kept = self._rooms.outbox.append(*fresh.values()) if fresh else ()
        if not isinstance(kept, tuple):
            assert isinstance(kept, Unkept), "the outbox's own"
            return unkept(kept.reason, kept.message)
        receipts = [each for each in kept if isinstance(each, Receipt)]
        if receipts and self._rooms.exchange.online:
            self._rooms.exchange.nudge()
        return _receipted(outcomes, receipts)

    def _known(self, found: Deed, fresh: dict[str, Deed], *, weighed: bool) -> int | None:
        """Return the number under which an event was taken before, 0 when it wasn't, None when another one was."""
        before = self._rooms.outbox.recorded(found.id)
        if before is None:
            return 0 if fresh.get(found.id, found) == found else None
        number, known = before
        return number if events.same(found, known, weighed=weighed) else None

    # how it stands

    def standing(self) -> Answer:
        """Return how the gateway stands."""
        rooms, sight = self._rooms, self._rooms.sight
        absent = sight.absent
        return {
            "device": rooms.device,
            "server": {
                "address": rooms.address,
                "online": rooms.exchange.online,
                "reachedSecondsAgo": rooms.exchange.since_seconds,
            },
            "queue": words.queue(rooms.outbox.standing(), rooms.outbox.limits),
            "refused": [words.told(each) for each in rooms.outbox.unsettled()[: words.TOLD_MAX]],
            "replica": self._replica(),
            "model": {
                "version": sight.version,
                "sha256": rooms.recognition.models.runs,
                "absent": absent and absent.why.name,
                "goods": sum(1 for each in sight.goods() if each.photographs),
                "packs": sorted(sight.packs() or ()),
            },
            "clock": {"sure": rooms.world.clock.sure, "now": rooms.world.clock.now().isoformat()},
            "weight": self._weigh() or None,
        }

    def _replica(self) -> dict[str, Any]:
        age = self._rooms.replica.age_seconds
        return {"items": self._rooms.replica.items, "version": self._rooms.world.known.version,
                "ageSeconds": None if age is None else round(age, 1)}  # fmt: skip


def _receipted(outcomes: list[tuple[str, int]], receipts: list[Receipt]) -> dict[str, Any]:
    """Return the answer to a request: an event that was taken just now is KEPT, its repetition KNOWN."""
    numbers = {each.id: each.sequence for each in receipts}
    results, told = [], set[str]()
    for id_, number in outcomes:
        known = bool(number) or id_ in told
        told.add(id_)
        results.append({"id": id_, "sequence": number or numbers[id_], "outcome": "KNOWN" if known else "KEPT"})
    warning = next((each.warning.name for each in receipts if each.warning), None)
    return {"results": results, "warning": warning}
