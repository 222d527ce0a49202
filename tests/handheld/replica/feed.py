"""Pages as the server tells them, written by hand."""

import itertools


def gid(kind, number):
    return f"gid://stockbook/{kind}/{number}"


def item(number, name="", **more):
    return {
        "id": gid("Item", number),
        "externalReference": f"ITEM-{number}",
        "name": name or f"Item {number}",
        "category": "FOOD",
        "gtin": None,
        "baseUnit": "piece",
        "decimals": 0,
        "udi": False,
        "units": [],
        "codes": [],
        **more,
    }


def place(number, reference="", kind="BIN", parent=None):
    return {
        "id": gid("Place", number),
        "externalReference": reference or f"P-{number}",
        "name": f"Place {number}",
        "kind": kind,
        "parent": {"id": gid("Place", parent)} if parent else None,
    }


def lot(number, of, code, expiry=None):
    return {
        "id": gid("Lot", number),
        "item": {"id": gid("Item", of)},
        "code": code,
        "expiry": expiry,
        "producedOn": None,
    }


def position(number, of, at, quantity, lot=None, state="SELLABLE", holds=(), owner=1):
    return {
        "id": gid("Position", number),
        "item": {"id": gid("Item", of)},
        "lot": {"id": gid("Lot", lot)} if lot else None,
        "place": {"id": gid("Place", at)},
        "state": state,
        "holds": list(holds),
        "quantity": quantity,
        **{right: {"id": gid("Organisation", owner)} for right in ("owner", "custodian", "disposer", "seller")},
    }


def task(number, kind="RECEIVE", state="OPEN", lines=(), **more):
    return {
        "id": gid("Task", number),
        "externalReference": f"T-{number}",
        "kind": kind,
        "state": state,
        "place": {"externalReference": "DOCK", "kind": "SITE"},
        "document": None,
        "tolerance": "0",
        "lines": list(lines),
        **more,
    }


_numbers = itertools.count(1)


def page(*, restart=False, complete=True, cursor=None, version="7", gone=(), **rows):
    return {
        "cursor": f"c{next(_numbers)}" if cursor is None else cursor,
        "complete": complete,
        "restart": restart,
        "version": version,
        "actions": ["captureScans"],
        "gone": list(gone),
        **{name: rows.get(name, []) for name in ("items", "places", "lots", "positions", "tasks")},
    }
