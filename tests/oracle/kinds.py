"""The kinds of field that a type of the graph has, and how they are read from the tables' rows.

`Value(read)` is a plain field, `One(type, read)` a row of another type by its
id, `Many(type, belongs)` a page of them, `Few` a plain list, `Part(prefix)` an
end of a leg. `read` gets (world, row).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

STATES = [
    None, "EXPECTED", "IN_TRANSIT", "RECEIVED", "IN_INSPECTION", "AWAITING_PUTAWAY", "AWAITING_PROCESSING",
    "IN_PROCESSING", "SELLABLE", "QUARANTINED", "DAMAGED", "RETURNED", "EXPIRED",
]  # fmt: skip
BASES = STATES
HOLDS = {1: "FROZEN", 2: "RECALLED", 4: "COUNTING", 8: "EXCURSION"}


@dataclass
class Value:
    read: Callable[[Any, Any], Any]
    sort: bool = False
    sum: bool = False
    group: bool = False
    filter: bool = True
    kind: str = "str"
    total: Callable[[Any], Any] | None = None


@dataclass
class One:
    type: str
    read: Callable[[Any, Any], Any]
    group: bool = False
    filter: bool = True


@dataclass
class Many:
    type: str
    belongs: Callable[[Any, Any, Any], bool]


@dataclass
class Few:
    type: str
    belongs: Callable[[Any, Any, Any], bool]
    order: str


@dataclass
class Part:
    prefix: str


@dataclass
class Type:
    name: str
    table: str
    fields: dict[str, Any]
    order: tuple[str, ...] = ()
    roots: tuple[str, str] | None = None
    reference: bool = False
    key: Callable[[Any], str] = field(default=lambda row: str(row["id"]))


def col(name: str, **more: Any) -> Value:
    return Value(lambda _, row: row[name], **more)


def category(**more: Any) -> Value:
    """The category of a row's item."""
    return Value(lambda w, r: w.by_id["item"][r["item_id"]]["category"], **more)


def num(name: str, **more: Any) -> Value:
    return col(name, kind="decimal", **more)


def at(name: str, **more: Any) -> Value:
    return col(name, kind="moment", **more)


def to(type_name: str, name: str, **more: Any) -> One:
    return One(type_name, lambda _, row: row[name], **more)


def right(name: str) -> One:
    return One("Organisation", lambda w, row: w.by_id["rights"][row["rights_id"]][name], group=True)


def moved(of: str) -> Many:
    """Movements with a leg of it that the asker sees."""
    return Many("Movement", lambda w, r, c: any(g[of] == r["id"] and w.sees_leg(g) for g in w.legs.get(c["id"], ())))


def state(name: str, **more: Any) -> Value:
    return Value(lambda world, row: state_of(world, row[name]), **more)


def state_of(world: Any, code: int) -> str | None:
    """What whoever asks calls a state: another organisation's own one is the built-in one that it maps to."""
    if code < len(STATES):
        return STATES[code]
    row = world.by_id["state"][code]
    return row["name"] if row["organisation_id"] == world.asker else STATES[row["base"]]


def laid(world: Any, holds: int, *, blocking: bool) -> list[str]:
    """What whoever asks sees laid: others' own overlays that block are FROZEN, those that don't are not there."""
    sets = {row["number"]: row["overlays"] for row in world.tables["overlay_set"]}
    own = [world.by_id["overlay"][each] for each in sets.get(holds >> 8, [])]
    frozen = any(row["blocks"] and row["organisation_id"] != world.asker for row in own)
    names = [word for bit, word in HOLDS.items() if holds & bit or (word == "FROZEN" and frozen)]
    mine = [row["name"] for row in own if row["organisation_id"] == world.asker and (row["blocks"] or not blocking)]
    return names + sorted(mine)


def holds(name: str) -> Value:
    return Value(lambda world, row: laid(world, row[name], blocking=True), filter=False)


def overlays() -> Value:
    """What lies over a position; no world has promotions, which a test of their own shows."""

    def read(world: Any, row: Any) -> list[str]:
        names = laid(world, row["holds"], blocking=False)
        expiry = world.by_id["lot"][row["lot_id"]]["expiry"] if row["lot_id"] else None
        if expiry and row["state"] != 12 and timedelta(0) <= expiry - datetime.now(UTC).date() <= timedelta(3):
            names.append("NEAR_EXPIRY")
        return [*names, *(["RESERVED"] if row["claimed"] > 0 else [])]

    return Value(read, filter=False)


def rate(rows: list[Any]) -> Decimal | None:
    """What counts were off, as a share of the books."""
    book = sum((row["book"] for row in rows), Decimal(0))
    off = sum((abs(row["counted"] - row["book"]) for row in rows), Decimal(0))
    return (off / book).quantize(Decimal("0.000001"), ROUND_HALF_UP) if book else None


def of_principal(world: Any, row: Any) -> Any:
    return world.by_id["principal"][row["principal_id"]]


def setting(name: str, shipped: Any, **more: Any) -> Value:
    return Value(lambda w, r: set_to(w, r, name, shipped), **more)


def set_to(world: Any, row: Any, name: str, shipped: Any) -> Any:
    """What a device is set to: by itself, else by its organisation, else as shipped."""
    for device in (row["id"], None):
        for each in world.tables["device_setting"]:
            own = (each["organisation_id"], each["device_id"]) == (row["organisation_id"], device)
            if own and each[name] is not None:
                return each[name]
    return shipped


def too_old(world: Any, row: Any) -> bool:
    least = {"ANDROID": ("android_min", "12"), "IOS": ("ios_min", "16")}.get(row["system"])
    system = numbers(set_to(world, row, *least)) if least else []
    return numbers(row["system_version"]) < system or numbers(row["app_version"]) < numbers(
        set_to(world, row, "app_min", "")
    )


def numbers(version: str) -> list[int]:
    """A version as numbers: "1.10.0-beta" is 1, 10."""
    found = []
    for part in version.strip().split("."):
        digits = "".join(itertools.takewhile("0123456789".__contains__, part))
        found += [int(digits)] if digits else []
        if digits != part or not digits:
            break
    while found and not found[-1]:
        found.pop()
    return found


def end(name: str) -> One:
    return One("Organisation", lambda w, row: w.by_id["rights"][row["rights_id"]][name])
