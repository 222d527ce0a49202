"""Events of fixed devices, in the form of `schema/events/scan.json`: read, and told from those taken before.

The gateway stamps and seals them as its own, since it is the device that the
server knows: of the form's keys `id` and `labels` must be there, and its clocks
(`clock`, `wall`, `uptime`, `boot`) may be left out.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from handheld.gateway.refused import Code, Refused
from handheld.work.deed import Deed
from stockbook.domain.capture import event
from stockbook.domain.capture.event import Event
from stockbook.domain.refusal import Refusal

EVENTS_MAX = 250
"""In one request, as `captureScans` takes."""
_CLOCKS = {"clock": "000000000000-0000-fixed", "wall": datetime(1970, 1, 1, tzinfo=UTC).isoformat(),
           "uptime": 0, "boot": ""}  # fmt: skip
_WEIGH = "weigh"


def listed(body: Any) -> list[Any] | Refused:
    """Return the events of a request.

    >>> listed({"events": []}).message, listed([1]).message
    ('a request has 1 to 250 events', 'a request is {"events": [...]}')
    """
    if not isinstance(body, dict) or body.keys() != {"events"} or not isinstance(body["events"], list):
        return Refused(Code.BAD_INPUT, 'a request is {"events": [...]}')
    if not 1 <= len(body["events"]) <= EVENTS_MAX:
        return Refused(Code.BAD_INPUT, f"a request has 1 to {EVENTS_MAX} events", ("events",))
    return body["events"]


def weighed(said: Any) -> bool:
    """Return whether the gateway's scale is to say the weight of an event."""
    return isinstance(said, dict) and said.get(_WEIGH) is True


def read(said: Any, weight: str, base: str) -> Deed | Refused:
    """Return an event as the outbox takes it, or why it is none.

    Parameters
    ----------
    weight
        What the gateway's scale says, for an event that is to be weighed.
    base
        The version of the replica, where the event says none.

    Examples
    --------
    >>> said = {"id": "6F9619FF-8b86-4011-b42d-00c04fc964ff", "labels": {"action": "count"}, "weigh": True}
    >>> dict(read(said, "1.25", "v7").labels), read(said, "1.25", "v7").id[:8], read({"labels": {}}, "", "").message
    ({'action': 'count', 'weight': '1.25'}, '6f9619ff', 'an event says id, clock, wall, uptime, boot, labels')
    """
    if not isinstance(said, dict):
        return Refused(Code.BAD_INPUT, "an event is one JSON object")
    whole = {**_CLOCKS, **{name: each for name, each in said.items() if name != _WEIGH}}
    if not isinstance(said.get(_WEIGH, False), bool):
        return Refused(Code.BAD_INPUT, "to weigh or not is true or false", (_WEIGH,))
    if weighed(said) and isinstance(whole.get("labels"), dict):
        if "weight" in whole["labels"]:
            return Refused(Code.BAD_INPUT, "what is to be weighed says no weight", ("labels", "weight"))
        whole["labels"] = {**whole["labels"], "weight": weight}
    found = event.read(json.dumps(whole, ensure_ascii=False))
    if isinstance(found, Refusal):
        return Refused(Code.BAD_INPUT, found.message, found.path)
    more = found.code, found.symbology, found.task, found.person, found.base or base, found.chain
    return Deed(found.labels, *more, id=found.id.lower(), draft=found.draft)


def same(said: Deed, known: Event, *, weighed: bool) -> bool:
    """Return whether an event that comes again is the one that was taken under its id.

    Its clocks and the replica's version are the gateway's; of one that was weighed the weight is the first one.
    """
    return _meant(said, weighed=weighed) == _meant(known, weighed=weighed)


def _meant(of: Deed | Event, *, weighed: bool) -> tuple[Any, ...]:
    labels: Mapping[str, str] = of.labels
    kept = {name: each for name, each in labels.items() if not (weighed and name == "weight")}
    return kept, of.code, of.symbology, of.task, of.person, of.chain, of.draft
