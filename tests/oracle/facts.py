"""What each type of the graph says, straight from the tables' rows. Imports nothing of what it judges.

`Value(read)` is a plain field, `One(type, read)` a row of another type by its
id, `Many(type, belongs)` a page of them, `Few` a plain list, `Part(prefix)` an
end of a leg. `read` gets (world, row).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

STATES = [
    None, "EXPECTED", "IN_TRANSIT", "RECEIVED", "IN_INSPECTION", "AWAITING_PUTAWAY", "AWAITING_PROCESSING",
    "IN_PROCESSING", "SELLABLE", "QUARANTINED", "DAMAGED", "RETURNED", "EXPIRED",
]  # fmt: skip
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


def num(name: str, **more: Any) -> Value:
    return col(name, kind="decimal", **more)


def at(name: str, **more: Any) -> Value:
    return col(name, kind="moment", **more)


def to(type_name: str, name: str, **more: Any) -> One:
    return One(type_name, lambda _, row: row[name], **more)


def right(name: str) -> One:
    return One("Organisation", lambda w, row: w.by_id["rights"][row["rights_id"]][name], filter=False)


def state(name: str, **more: Any) -> Value:
    return Value(lambda _, row: STATES[row[name]], **more)


def holds(name: str) -> Value:
    return Value(lambda _, row: [word for bit, word in HOLDS.items() if row[name] & bit], filter=False)


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


TYPES = {
    each.name: each
    for each in [
        Type(
            "Organisation",
            "organisation",
            {
                "externalReference": col("external_reference", sort=True),
                "name": col("name", sort=True),
                "kind": col("kind", sort=True),
                "places": Many("Place", lambda w, r, c: c["organisation_id"] == r["id"]),
            },
            roots=("organisation", "organisations"),
            reference=True,
        ),
        Type(
            "Item",
            "item",
            {
                "externalReference": col("external_reference", sort=True),
                "gtin": col("gtin"),
                "name": col("name", sort=True),
                "category": col("category", sort=True),
                "baseUnit": col("base_unit"),
                "decimals": col("decimals", kind="int"),
                "inspected": col("inspected", kind="bool"),
                "udi": col("udi", kind="bool"),
                "registrar": to("Organisation", "registrar_id"),
                "units": Few("ItemUnit", lambda w, r, c: c["item_id"] == r["id"], "unit"),
                "codes": Few("ItemCode", lambda w, r, c: c["item_id"] == r["id"], "id"),
                "lots": Many("Lot", lambda w, r, c: c["item_id"] == r["id"]),
                "positions": Many("Position", lambda w, r, c: c["item_id"] == r["id"]),
                "availabilities": Many("Availability", lambda w, r, c: c["item_id"] == r["id"]),
                "listings": Many("Listing", lambda w, r, c: c["item_id"] == r["id"]),
            },
            roots=("item", "items"),
            reference=True,
        ),
        Type(
            "ItemUnit",
            "item_unit",
            {"unit": col("unit"), "factor": num("factor")},
            key=lambda row: f"{row['item_id']}-{row['unit']}",
        ),
        Type(
            "ItemCode",
            "item_code",
            {
                "code": col("code"),
                "unit": Value(lambda w, r: r["unit"] or None),
                "own": Value(lambda w, r: r["organisation_id"] != 0, kind="bool"),
            },
        ),
        Type(
            "Listing",
            "listing",
            {
                "item": to("Item", "item_id"),
                "sku": col("sku", sort=True),
                "price": num("price", sort=True),
                "cost": num("cost", sort=True),
                "currency": col("currency"),
            },
            roots=("listing", "listings"),
        ),
        Type(
            "Place",
            "place",
            {
                "externalReference": col("external_reference", sort=True),
                "name": col("name", sort=True),
                "kind": col("kind"),
                "organisation": to("Organisation", "organisation_id"),
                "parent": to("Place", "parent_id"),
                "site": to("Place", "site_id"),
                "boundFor": to("Place", "bound_for_id"),
                "public": col("public", kind="bool"),
                "places": Many("Place", lambda w, r, c: c["parent_id"] == r["id"]),
                "positions": Many("Position", lambda w, r, c: c["place_id"] == r["id"]),
                "availabilities": Many("Availability", lambda w, r, c: c["site_id"] == r["id"]),
            },
            roots=("place", "places"),
            reference=True,
        ),
        Type(
            "Lot",
            "lot",
            {
                "item": to("Item", "item_id"),
                "code": col("code", sort=True),
                "producer": to("Organisation", "producer_id"),
                "producedOn": col("produced_on", sort=True, kind="date"),
                "expiry": col("expiry", sort=True, kind="date"),
                "positions": Many("Position", lambda w, r, c: c["item_id"] == r["item_id"] and c["lot_id"] == r["id"]),
                "inspections": Few("Inspection", lambda w, r, c: c["lot_id"] == r["id"], "id"),
            },
            roots=("lot", "lots"),
        ),
        Type(
            "Position",
            "position",
            {
                "item": to("Item", "item_id", group=True),
                "lot": to("Lot", "lot_id", group=True),
                "place": to("Place", "place_id", group=True),
                "site": to("Place", "site_id", group=True),
                "state": state("state", group=True),
                "holds": holds("holds"),
                "quantity": num("quantity", sort=True, sum=True),
                "claimed": num("claimed", sum=True),
                "owner": right("owner_id"),
                "custodian": right("custodian_id"),
                "disposer": right("disposer_id"),
                "seller": right("seller_id"),
                "host": to("Organisation", "host_id"),
            },
            roots=("position", "positions"),
        ),
        Type(
            "Availability",
            "availability",
            {
                "seller": to("Organisation", "seller_id", group=True),
                "site": to("Place", "site_id", group=True),
                "item": to("Item", "item_id", group=True),
                "onHand": num("on_hand", sort=True, sum=True),
                "inbound": num("inbound", sort=True, sum=True),
                "held": num("held", sort=True, sum=True),
                "reserved": num("reserved", sort=True, sum=True),
                "sellable": Value(lambda w, r: r["on_hand"] - r["reserved"], sort=True, sum=True, kind="decimal"),
                "sellableNow": Value(
                    lambda w, r: r["on_hand"] + r["inbound"] - r["reserved"], sort=True, sum=True, kind="decimal"
                ),
                "changedAt": at("changed_at", sort=True),
            },
            order=("item",),
            roots=("availability", "availabilities"),
        ),
        Type(
            "Claim",
            "claim",
            {
                "document": to("Document", "document_id"),
                "seller": to("Organisation", "seller_id"),
                "site": to("Place", "site_id"),
                "item": to("Item", "item_id"),
                "position": to("Position", "position_id"),
                "quantity": num("quantity", sort=True, sum=True),
                "state": col("state"),
                "expiresAt": at("expires_at", sort=True),
            },
            roots=("claim", "claims"),
        ),
        Type(
            "Movement",
            "movement",
            {
                "verb": col("verb", kind="enum"),
                "occurredAt": at("occurred_at", sort=True),
                "recordedAt": at("recorded_at"),
                "organisation": to("Organisation", "organisation_id"),
                "actor": to("Principal", "actor_id"),
                "document": to("Document", "document_id"),
                "reverses": to("Movement", "reverses_id"),
                "reason": col("reason"),
                "key": col("key"),
                "legs": Few("Leg", lambda w, r, c: c["movement_id"] == r["id"], "number"),
            },
            order=("-occurredAt",),
            roots=("movement", "movements"),
        ),
        Type(
            "Leg",
            "leg",
            {
                "item": to("Item", "item_id"),
                "lot": to("Lot", "lot_id"),
                "quantity": num("quantity"),
                "source": Part("source"),
                "target": Part("target"),
            },
            key=lambda row: f"{row['movement_id']}-{row['number']}",
        ),
        Type(
            "LegEnd",
            "",
            {
                "place": to("Place", "place_id"),
                "state": state("state"),
                "holds": holds("holds"),
                "owner": end("owner_id"),
                "custodian": end("custodian_id"),
                "disposer": end("disposer_id"),
                "seller": end("seller_id"),
            },
        ),
        Type(
            "Document",
            "document",
            {
                "externalReference": col("external_reference", sort=True),
                "kind": col("kind", sort=True),
                "organisation": to("Organisation", "organisation_id"),
                "counterparty": to("Organisation", "counterparty_id"),
                "createdAt": at("created_at", sort=True),
                "movements": Many("Movement", lambda w, r, c: c["document_id"] == r["id"]),
                "claims": Many("Claim", lambda w, r, c: c["document_id"] == r["id"]),
                "charges": Many(
                    "Charge", lambda w, r, c: w.by_id["movement"][c["movement_id"]]["document_id"] == r["id"]
                ),
            },
            roots=("document", "documents"),
            reference=True,
        ),
        Type(
            "Inspection",
            "inspection",
            {
                "item": to("Item", "item_id"),
                "lot": to("Lot", "lot_id"),
                "place": to("Place", "place_id"),
                "passed": col("passed", kind="bool"),
                "movement": to("Movement", "movement_id"),
            },
        ),
        Type(
            "Task",
            "task",
            {
                "externalReference": col("external_reference", sort=True),
                "kind": col("kind", sort=True),
                "step": col("step"),
                "state": col("state", sort=True),
                "place": to("Place", "place_id"),
                "document": to("Document", "document_id"),
                "role": col("role"),
                "assignee": to("Principal", "assignee_id"),
                "tolerance": num("tolerance"),
                "note": col("note"),
                "openedAt": at("opened_at", sort=True),
                "movement": to("Movement", "movement_id"),
                "saw": col("saw"),
                "said": col("said"),
                "books": col("books"),
                "device": to("Device", "device_id"),
                "epoch": col("epoch", kind="int"),
                "sequence": col("sequence", kind="int"),
                "closedAt": at("closed_at", sort=True),
                "settledBy": to("Principal", "settled_by_id"),
                "resolution": col("resolution"),
                "reason": col("reason"),
                "settledWith": to("Movement", "settling_id"),
                "lines": Few("TaskLine", lambda w, r, c: c["task_id"] == r["id"], "number"),
                "movements": Many(
                    "Movement",
                    lambda w, r, c: any(
                        (each["task_id"], each["movement_id"]) == (r["id"], c["id"])
                        for each in w.tables["task_movement"]
                    ),
                ),
            },
            roots=("task", "tasks"),
            reference=True,
        ),
        Type(
            "TaskLine",
            "task_line",
            {
                "number": col("number", kind="int"),
                "item": to("Item", "item_id"),
                "lot": to("Lot", "lot_id"),
                "quantity": num("quantity"),
                "unit": Value(lambda w, r: r["unit"] or None),
                "source": to("Place", "source_id"),
                "place": to("Place", "place_id"),
                "done": num("done"),
                "state": col("state"),
                "counts": col("counts", kind="int"),
                "counted": num("counted"),
                "earlier": num("earlier"),
                "book": num("book"),
                "difference": Value(
                    lambda w, r: None if None in (r["counted"], r["book"]) else r["counted"] - r["book"], kind="decimal"
                ),
                "countedBy": to("Principal", "counted_by_id"),
                "countedAt": at("counted_at"),
            },
        ),
        Type(
            "Count",
            "counted",
            {
                "movement": to("Movement", "movement_id"),
                "item": to("Item", "item_id", group=True),
                "lot": to("Lot", "lot_id"),
                "place": to("Place", "place_id", group=True),
                "site": to("Place", "site_id", group=True),
                "occurredAt": at("occurred_at", sort=True),
                "book": num("book", sum=True),
                "counted": num("counted", sum=True),
                "deviation": Value(lambda w, r: abs(r["counted"] - r["book"]), sum=True, kind="decimal"),
                "differenceRate": Value(lambda w, r: rate([r]), sum=True, kind="decimal", total=rate),
            },
            order=("-occurredAt",),
            roots=("count", "counts"),
        ),
        Type(
            "Device",
            "device",
            {
                "externalReference": Value(lambda w, r: of_principal(w, r)["external_reference"], sort=True),
                "name": Value(lambda w, r: of_principal(w, r)["name"], sort=True),
                "principal": to("Principal", "principal_id"),
                "role": col("role"),
                "model": col("model", sort=True),
                "os": col("system", sort=True),
                "osVersion": col("system_version"),
                "appVersion": col("app_version"),
                "belowMinimum": Value(too_old, kind="bool"),
                "epoch": col("epoch", kind="int"),
                "enrolledAt": at("enrolled_at", sort=True),
                "lastSeen": at("seen_at", sort=True),
                "reportedAt": at("reported_at", sort=True),
                "waiting": col("waiting", sort=True, kind="int"),
                "oldest": at("oldest_at", sort=True),
                "held": Value(
                    lambda w, r: sum(
                        each["device_id"] == r["id"] and each["outcome"] == "HELD" for each in w.tables["captured"]
                    ),
                    kind="int",
                ),
                "entriesMax": setting("entries_max", 50_000, kind="int"),
                "hoursMax": setting("hours_max", 72, kind="int"),
                "appMin": setting("app_min", ""),
                "androidMin": setting("android_min", "12"),
                "iosMin": setting("ios_min", "16"),
                "unknownLabels": setting("unknown_labels", "KEEP"),
                "cache": setting("cache", True, kind="bool"),
            },
            order=("externalReference",),
            roots=("device", "devices"),
            reference=True,
        ),
        Type(
            "Agreement",
            "agreement",
            {
                "giver": to("Organisation", "giver_id"),
                "taker": to("Organisation", "taker_id"),
                "verb": col("verb", kind="enum"),
                "right": col("right", kind="enum"),
                "views": col("views", kind="bool"),
                "charges": col("charges", kind="bool"),
                "item": to("Item", "item_id"),
                "category": col("category"),
                "place": to("Place", "place_id"),
                "since": at("since"),
                "until": at("until"),
            },
            roots=("agreement", "agreements"),
        ),
        Type(
            "Charge",
            "charge",
            {
                "movement": to("Movement", "movement_id"),
                "agreement": to("Agreement", "agreement_id"),
                "item": to("Item", "item_id"),
                "lot": to("Lot", "lot_id"),
                "quantity": num("quantity", sort=True, sum=True),
                "debtor": to("Organisation", "debtor_id", group=True),
                "creditor": to("Organisation", "creditor_id", group=True),
            },
            roots=("charge", "charges"),
        ),
        Type(
            "Principal",
            "principal",
            {
                "externalReference": col("external_reference"),
                "name": col("name"),
                "kind": col("kind"),
                "memberships": Few("Membership", lambda w, r, c: c["principal_id"] == r["id"], "id"),
            },
        ),
        Type(
            "Membership",
            "membership",
            {
                "organisation": to("Organisation", "organisation_id"),
                "role": col("role"),
                "revokedAt": at("revoked_at"),
            },
        ),
    ]
}
"""Every type that a query can reach, apart from forecasts (they need a learner) and `Me`."""
