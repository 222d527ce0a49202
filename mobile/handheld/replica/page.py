"""A page of the server's feed, taken into the file: all of it with its cursor, or nothing."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from handheld.replica.words import indexed, look
from stockbook.domain.capture import gs1

Rows = Iterable[Mapping[str, Any]]
_PASSES = ("item", "place", "lot", "position", "task")
_RIGHTS = ("owner", "custodian", "disposer", "seller")
ENDED = frozenset({"DONE", "CANCELLED"})


class Taken(NamedTuple):
    """What a page brought: whether there is more for now, and the tasks that a person has settled."""

    complete: bool
    settled: tuple[str, ...]


def take(db: sqlite3.Connection, page: Mapping[str, Any]) -> Taken:
    """Write a page; to be called within a transaction.

    When everything is told anew, rows carry the number of that telling, and
    what hasn't come again when it is complete is deleted.
    """
    meta = dict(db.execute("select name, value from meta").fetchall())
    number = int(meta.get("pass", 0)) + bool(page["restart"])
    _items(db, page.get("items") or (), number)
    _places(db, page.get("places") or (), number)
    _lots(db, page.get("lots") or (), number)
    _positions(db, page.get("positions") or (), number)
    settled = _tasks(db, page.get("tasks") or (), number)
    for gone in page.get("gone") or ():
        db.execute("delete from position where id = ?", (gone,))
        db.execute("delete from task where id = ?", (gone,))
    if page["complete"]:
        _forget(db, number)
    kept = {"pass": number, "cursor": page["cursor"], "version": page["version"],
            "actions": " ".join(page.get("actions") or ()),
            "complete": meta.get("complete", "") or ("1" if page["complete"] else "")}  # fmt: skip
    db.executemany("insert or replace into meta values (?, ?)", [(name, str(said)) for name, said in kept.items()])
    return Taken(bool(page["complete"]), settled)


def _items(db: sqlite3.Connection, rows: Rows, number: int) -> None:
    for row in rows:
        reference, gtin = row["externalReference"] or row["id"], row.get("gtin") or ""
        brand, style, size = (row.get(each) or "" for each in ("brand", "style", "size"))
        units = {each["unit"]: each["factor"] for each in row.get("units") or ()}
        said = (
            reference,
            row.get("name") or reference,
            row.get("category") or "",
            gtin,
            row.get("baseUnit") or "",
            row.get("decimals") or 0,
            json.dumps(units, ensure_ascii=False),
            "II" if row.get("udi") else "",
            brand,
            style,
            size,
            look(brand, style),
            number,
        )
        before = db.execute("select number from item where id = ?", (row["id"],)).fetchone()
        if before:
            (at,) = before
            db.execute(
                "update item set reference = ?, name = ?, category = ?, gtin = ?, unit = ?, decimals = ?, units = ?,"
                " risk_class = ?, brand = ?, style = ?, size = ?, look = ?, pass = ? where number = ?",
                (*said, at),
            )
            db.execute("delete from words where rowid = ?", (at,))
            db.execute("delete from code where item = ?", (row["id"],))
        else:
            at = db.execute(
                "insert into item (reference, name, category, gtin, unit, decimals, units, risk_class,"
                " brand, style, size, look, pass, id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*said, row["id"]),
            ).lastrowid
        words = indexed(said[1], reference, said[2], gtin, brand, style, size)
        db.execute("insert into words (rowid, said) values (?, ?)", (at, words))
        codes = [(gtin, ""), *((each["code"], each.get("unit") or "") for each in row.get("codes") or ())]
        db.executemany(
            "insert or replace into code values (?, ?, ?)",
            [(normal(code), row["id"], unit) for code, unit in codes if code],
        )


def _places(db: sqlite3.Connection, rows: Rows, number: int) -> None:
    db.executemany(
        "insert or replace into place values (?, ?, ?, ?, ?, ?)",
        [
            (row["id"], row["externalReference"] or row["id"], row.get("name") or "", row.get("kind") or "",
             _id(row.get("parent")), number)
            for row in rows
        ],
    )  # fmt: skip


def _lots(db: sqlite3.Connection, rows: Rows, number: int) -> None:
    db.executemany(
        "insert or replace into lot values (?, ?, ?, ?, ?, ?)",
        [
            (row["id"], _id(row.get("item")), row.get("code") or "", row.get("expiry"), row.get("producedOn"), number)
            for row in rows
        ],
    )


def _positions(db: sqlite3.Connection, rows: Rows, number: int) -> None:
    db.executemany(
        "insert or replace into position values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (row["id"], _id(row.get("item")), _id(row.get("lot")), _id(row.get("place")), row.get("state") or "",
             row.get("quantity") or "0", " ".join(row.get("holds") or ()),
             "|".join(_id(row.get(right)) for right in _RIGHTS), number)
            for row in rows
        ],
    )  # fmt: skip


def _tasks(db: sqlite3.Connection, rows: Rows, number: int) -> tuple[str, ...]:
    settled = []
    for row in rows:
        if row.get("state") in ENDED:
            settled.append(row["id"])
            db.execute("delete from task where id = ?", (row["id"],))
            continue
        db.execute(
            "insert or replace into task values (?, ?, ?, ?, ?)",
            (row["id"], row.get("externalReference") or row["id"], row.get("kind") or "",
             json.dumps(row, ensure_ascii=False), number),
        )  # fmt: skip
    return tuple(settled)


def _forget(db: sqlite3.Connection, number: int) -> None:
    """Delete what hasn't come again since everything was told anew."""
    db.execute("delete from words where rowid in (select number from item where pass < ?)", (number,))
    db.execute("delete from code where item in (select id from item where pass < ?)", (number,))
    for table in _PASSES:
        db.execute(f"delete from {table} where pass < ?", (number,))


def normal(code: str) -> str:
    """Return a code as it is looked up: trade item numbers in 14 digits.

    >>> normal("6921168509256"), normal("A99912345")
    ('06921168509256', 'A99912345')
    """
    return gs1.number(code) or code


def _id(of: Mapping[str, Any] | None) -> str:
    return of["id"] if of else ""
