"""Tasks as the server tells them, made into tasks as the work knows them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from handheld.work.tasks.task import Job, Line, Task, Tolerance

JOBS = {
    "RECEIVE": Job.GOODS_IN,
    "PUT_AWAY": Job.PUT_AWAY,
    "PICK": Job.PICKING,
    "TRANSFER": Job.TRANSFER,
    "COUNT": Job.STOCKTAKE,
    "QUALITY": Job.QUALITY,
    "HAND_OVER": Job.HAND_OVER,
}
"""Kinds of tasks that are done with a handheld; the others are settled by a person at a desk."""
_ROLLING = frozenset({"VEHICLE", "SHIPMENT"})


def task(said: Mapping[str, Any]) -> Task:
    """Return the task that a row of the feed says.

    >>> task({"id": "gid://stockbook/Task/7", "externalReference": "PO-7", "kind": "RECEIVE",
    ...     "place": {"externalReference": "DOCK"}, "tolerance": "0.02", "lines": None}).job
    <Job.GOODS_IN: 'receiving'>
    """
    lines = said.get("lines") or ()
    into = next((_reference(each.get("place")) for each in lines if _rolls(each.get("place"))), "")
    out_of = next((_reference(each.get("source")) for each in lines if _rolls(each.get("source"))), "")
    hands_over = JOBS[said["kind"]] is Job.HAND_OVER
    return Task(
        said.get("externalReference") or said["id"],
        JOBS[said["kind"]],
        _reference(said.get("place")),
        tuple(_line(each) for each in lines),
        _reference(said.get("document")),
        vehicle=(into or out_of) if hands_over else "",
        arriving=hands_over and bool(out_of) and not into,
        tolerance=Tolerance(Decimal(said.get("tolerance") or 0)),
    )


def _line(said: Mapping[str, Any]) -> Line:
    lot = said.get("lot") or {}
    expiry = lot.get("expiry")
    return Line(
        said["id"],
        _reference(said.get("item")),
        Decimal(said.get("quantity") or 0),
        lot.get("code") or "",
        _reference(said.get("source")),
        _reference(said.get("place")),
        date.fromisoformat(expiry) if expiry else None,
        Decimal(said.get("done") or 0),
    )


def _reference(of: Mapping[str, Any] | None) -> str:
    return (of.get("externalReference") or of.get("id") or "") if of else ""


def _rolls(of: Mapping[str, Any] | None) -> bool:
    return of is not None and of.get("kind") in _ROLLING
