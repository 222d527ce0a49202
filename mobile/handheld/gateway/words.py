"""What the gateway answers, as JSON has it."""

from collections.abc import Callable
from typing import Any

from handheld.outbox.answers import Told
from handheld.outbox.limits import Limits, Standing
from handheld.vision import sentences
from handheld.vision.proposal import Alike, Proposal
from handheld.work.ports import Item
from handheld.work.saying.words import Language
from stockbook.domain.capture.reading import Reading

TOLD_MAX = 50
"""Answers of the server that a person must see, in one look at how the gateway stands."""
_SHOWN = ("category", "gtin", "brand", "style", "size")


def item(known: Item) -> dict[str, Any]:
    """Return goods."""
    more = {name: said for name in _SHOWN if (said := getattr(known, name, ""))}
    units = {name: str(factor) for name, factor in known.units.items()}
    return {"reference": known.reference, "name": known.name, "baseUnit": known.unit, "decimals": known.decimals,
            "units": units, **more}  # fmt: skip


def reading(said: Reading) -> dict[str, Any]:
    """Return what a code says besides what it is of.

    >>> from stockbook.domain.capture.codes import read
    >>> reading(read("]C1" "0106921168509256" "17261211" "10B2611"))
    {'kind': 'item', 'gtin': '06921168509256', 'lot': 'B2611', 'expiry': '2026-12-11'}
    """
    facts = {
        "gtin": said.gtin,
        "lot": said.lot,
        "serial": said.serial,
        "expiry": said.expiry,
        "produced": said.produced,
        "sscc": said.sscc,
        "quantity": said.quantity,
        "weight": said.weight,
    }
    return {"kind": said.kind.value, **{name: str(each) for name, each in facts.items() if each not in {None, ""}}}


def proposal(said: Proposal, known: Callable[[str], Item | None]) -> dict[str, Any]:
    """Return what a picture may be of, with the sentence that a storeman is shown."""
    name = _name(known, said.filled)
    return {
        "known": said.known,
        "filled": said.filled or None,
        "candidates": [
            {"item": each.item, "name": _name(known, each.item), "confidence": round(each.confidence, 4)}
            for each in said.candidates
        ],
        "alike": [_alike(each, known) for each in said.alike],
        "upsideDown": said.upside_down,
        "says": {
            "code": said.word,
            "zh": sentences.shown(said.word, Language.CHINESE, item=name),
            "en": sentences.shown(said.word, Language.ENGLISH, item=name),
        },
        "model": said.model,
    }


def queue(standing: Standing, limits: Limits) -> dict[str, Any]:
    """Return how the outbox stands."""
    against = {"warning": standing.warning, "reason": standing.reason, "stop": standing.stop}
    return {
        "waiting": standing.waiting,
        "oldestSeconds": round(standing.oldest_seconds, 1),
        "held": standing.held,
        "unsettled": standing.unsettled,
        "entriesMax": limits.entries,
        "hoursMax": limits.hours,
        **{name: each and each.name for name, each in against.items()},
    }


def told(each: Told) -> dict[str, Any]:
    """Return what the server says against an event, until a person has settled it."""
    return {
        "id": each.event.id if each.event else None,
        "sequence": each.answer.sequence,
        "outcome": each.answer.outcome.name,
        "code": each.answer.code,
        "message": each.answer.message,
        "task": each.answer.task or None,
    }


def _alike(each: Alike, known: Callable[[str], Item | None]) -> dict[str, Any]:
    size = getattr(known(each.item), "size", "")
    return {"item": each.item, "name": _name(known, each.item), "size": size or None,
            "because": sorted(source.name for source in each.sources)}  # fmt: skip


def _name(known: Callable[[str], Item | None], reference: str) -> str:
    found = known(reference) if reference else None
    return found.name if found else reference
