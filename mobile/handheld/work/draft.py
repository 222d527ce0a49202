"""Half a statement, kept: goods in hand, the tally of an open bin, a verdict; no event yet, but not lost either.

A draft is a text that the journal keeps beside its events, so a device that
dies asks for nothing again. What is not known any more is left out of it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from handheld.work.goods import of
from handheld.work.ports import Known
from handheld.work.scan import Goods, Scan
from handheld.work.tasks.progress import Allowed, Held, Progress
from handheld.work.tasks.task import Task
from stockbook.domain.capture.codes import read
from stockbook.domain.quantity import plain

REMEMBERED = 10_000
_TEXTS_OF: dict[int, tuple[Held, str]] = {}
"""By identity; the goods are kept beside their text, so that no other goods get the same."""
_TEXTS = ("source", "place", "verdict", "reason", "carrier", "unit", "model")


def name(task: Task) -> str:
    """Return under which name the draft of a task is kept; free jobs have one each."""
    return f"draft:{task.reference}:{task.job.name}"


def write(progress: Progress) -> str:
    """Return the draft of a progress; empty when nothing is half said. A bin that is merely open says nothing."""
    said: dict[str, Any] = {}
    if progress.rounds:
        said["rounds"] = progress.rounds
        said["earlier"] = [[*at, plain(quantity)] for at, quantity in progress.earlier.items()]
    if progress.carried is not None:
        said["carried"] = [progress.carried.reading.code, progress.carried.reading.symbology]
    if progress.drafted:
        said["drafted"] = {item: plain(quantity) for item, quantity in progress.drafted.items()}
    if said or progress.hand:
        said |= {text: getattr(progress, text) for text in _TEXTS if getattr(progress, text)}
    if dict(progress.presets) != dict(progress.task.presets):
        said |= {"began": dict(progress.task.presets), "presets": dict(progress.presets)}
    if not progress.hand:
        return _json(said) if said else ""
    hand = ",".join(map(_text, progress.hand))
    return f'{{"hand":[{hand}],{_json(said)[1:]}' if said else f'{{"hand":[{hand}]}}'


def take_up(text: str, progress: Progress, known: Known) -> Progress:
    """Return a progress with its draft; a draft that can't be read is none."""
    try:
        said = json.loads(text) if text else {}
        return replace(progress, **_changes(said, progress, known)) if said else progress
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
        return progress


def _changes(said: Mapping[str, Any], progress: Progress, known: Known) -> dict[str, Any]:
    changes: dict[str, Any] = {text: str(said.get(text, "")) for text in _TEXTS}
    changes["hand"] = tuple(held for each in said.get("hand", ()) if (held := _held(each, known)))
    changes["rounds"] = int(said.get("rounds", 0))
    changes["earlier"] = {(item, lot): Decimal(quantity) for item, lot, quantity in said.get("earlier", ())}
    changes["drafted"] = {item: Decimal(quantity) for item, quantity in said.get("drafted", {}).items()}
    changes["carried"] = Scan(read(*said["carried"])) if "carried" in said else None
    changes["bins"] = progress.bins - {changes["place"]}
    if said.get("began") == dict(progress.task.presets):
        changes["presets"] = dict(said["presets"])
    return changes


def _json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _text(held: Held) -> str:
    """Return goods in hand as they are written, worked out once: a bin of a thousand is written with every scan."""
    known = _TEXTS_OF.get(id(held))
    if known is None:
        if len(_TEXTS_OF) >= REMEMBERED:
            _TEXTS_OF.clear()
        known = _TEXTS_OF[id(held)] = held, _json(_written(held))
    return known[1]


def _written(held: Held) -> Mapping[str, Any]:
    goods, reading = held.goods, held.goods.reading
    said = {
        "item": goods.item.reference,
        "quantity": plain(goods.quantity),
        "unit": goods.unit,
        "lot": goods.lot,
        "serial": goods.serial,
        "expiry": goods.expiry.isoformat() if goods.expiry else "",
        "weight": plain(goods.weight) if goods.weight is not None else "",
        "source": goods.source,
        "code": reading.code,
        "symbology": reading.symbology,
        "joined": goods.joined,
        "chosen": goods.chosen,
        "blocks": sorted(held.allowed.blocks),
        "why": held.allowed.reason,
        "second": held.allowed.second,
    }
    return {key: value for key, value in said.items() if value}


def _held(said: Mapping[str, Any], known: Known) -> Held | None:
    item = known.item(said["item"])
    if item is None:
        return None
    reading = read(said.get("code", ""), said.get("symbology", ""))
    if said.get("joined"):
        expiry = date.fromisoformat(said["expiry"]) if said.get("expiry") else None
        reading = replace(reading, lot=said.get("lot", ""), serial=said.get("serial", ""), expiry=expiry)
    goods = Goods(
        item,
        Decimal(0),
        Decimal(0),
        lot=said.get("lot", ""),
        serial=said.get("serial", ""),
        expiry=date.fromisoformat(said["expiry"]) if said.get("expiry") else None,
        weight=Decimal(said["weight"]) if said.get("weight") else None,
        reading=reading,
        joined=bool(said.get("joined")),
        chosen=bool(said.get("chosen")),
        source=said.get("source", ""),
    )
    whole = of(goods, Decimal(said["quantity"]), said.get("unit", ""))
    if not isinstance(whole, Goods):
        return None
    allowed = Allowed(frozenset(said.get("blocks", ())), said.get("why", ""), said.get("second", ""))
    return Held(whole, Scan(reading, whole.joined, item if whole.chosen else None), allowed)
