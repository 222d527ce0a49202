"""The replica: looked up at every scan, without network; a page at a time it follows the server."""

import json
import threading
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from handheld.outbox.clocks import Clocks, Now, system
from handheld.replica import file, page, tasks
from handheld.replica.known import Item, Lot, Packing, Place, Stock
from handheld.replica.page import Taken, normal
from handheld.replica.words import asked
from handheld.work.tasks.task import Task
from stockbook.domain.stock.states import TRAITS, Presence, State

FOUND_MAX = 50
"""Goods that a search gives at most: more is no help on a small screen."""
LOOKED_MAX = 500
"""Goods that are put in order: whoever typed so little types on."""
_ITEM = (
    "item.reference, item.name, item.category, item.gtin, item.unit, item.decimals, item.units, item.risk_class,"
    " item.brand, item.style, item.size"
)
_COMING = frozenset(State(each).name for each, traits in TRAITS.items() if traits.presence is not Presence.HERE)


class Replica:
    """What the device knows. Looked up from any thread while another takes pages.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> replica = Replica(Path(folder.name) / "replica.db")
    >>> replica.item("ITEM-1"), replica.cursor, replica.version
    (None, '', '')
    >>> replica.close(); folder.cleanup()
    """

    def __init__(self, path: Path, clocks: Clocks = system) -> None:
        self._path = path
        self._clocks = clocks
        self._writing, self._looking = threading.Lock(), threading.Lock()
        self._open()

    def _open(self) -> None:
        self._db, self._seen = file.opened(self._path), file.reading(self._path)

    def close(self) -> None:
        """Close the file."""
        with self._writing, self._looking:
            self._db.close()
            self._seen.close()

    # following the server

    def take(self, said: Mapping[str, Any]) -> Taken:
        """Take a page of the feed with its cursor, or, when anything fails, nothing of it."""
        with self._writing:
            self._db.execute("begin immediate")
            try:
                taken = page.take(self._db, said)
                if taken.complete:
                    now = json.dumps(self._clocks())
                    self._db.execute("insert or replace into meta values ('taken', ?)", (now,))
                self._db.execute("commit")
            except BaseException:
                self._db.execute("rollback")
                raise
            return taken

    def forget(self) -> None:
        """Delete everything: the device is set to keep nothing."""
        with self._writing, self._looking:
            self._db.close()
            self._seen.close()
            file.forget(self._path)
            self._open()

    @property
    def cursor(self) -> str:
        """Where the last page ended; empty to begin."""
        return self._said("cursor")

    @property
    def version(self) -> str:
        """What the positions are of, for `base` of a scan event."""
        return self._said("version")

    @property
    def complete(self) -> bool:
        """Whether everything was told once: before, what isn't known may only not have come yet."""
        return self._said("complete") == "1"

    @property
    def age_seconds(self) -> float | None:
        """How long ago it had everything that the server knew; None before the first time."""
        said = self._said("taken")
        return self._clocks().since(Now(*json.loads(said))) if said else None

    @property
    def actions(self) -> frozenset[str]:
        """What the device's roles may do: mutations by their names."""
        return frozenset(self._said("actions").split())

    # looking up

    def packing(self, code: str) -> Packing | None:
        """Return what a barcode stands for, else the item whose reference it is."""
        row = self._row(
            f"select {_ITEM}, code.unit from code join item on item.id = code.item where code.code = ?", normal(code)
        )
        if row is not None:
            return Packing(_item(row), "" if row[11] == row[4] else row[11])
        item = self.item(code)
        return None if item is None else Packing(item, "")

    def item(self, reference: str) -> Item | None:
        """Return an item by its reference."""
        row = self._row(f"select {_ITEM} from item where reference = ?", reference)
        return None if row is None else _item(row)

    def lot(self, item: str, code: str) -> Lot | None:
        """Return a lot of an item by its code."""
        row = self._row(
            "select lot.code, lot.expiry, lot.produced from item join lot on lot.item = item.id"
            " where item.reference = ? and lot.code = ?",
            item,
            code,
        )
        return None if row is None else Lot(row[0], _day(row[1]), _day(row[2]))

    def place(self, reference: str) -> Place | None:
        """Return a place by its reference; a pallet's is its SSCC."""
        row = self._row(
            "select p.reference, p.name, p.kind, coalesce(u.reference, '') from place p"
            " left join place u on u.id = p.parent where p.reference = ?",
            reference,
        )
        return None if row is None else Place(*row)

    def sites(self) -> list[str]:
        """Return the references of the sites that are known."""
        return [reference for (reference,) in self._rows("select reference from place where kind = 'SITE' order by 1")]

    def stock(self, place: str) -> list[Stock]:
        """Return what lies at a place, as of `version`."""
        return self._stock("place.reference = ?", place)

    def where(self, item: str) -> list[Stock]:
        """Return where an item lies, as of `version`."""
        return self._stock("item.reference = ?", item)

    def on_hand(self, item: str) -> Decimal:
        """Return how much of an item is here, as of `version`; what is on its way is not."""
        return sum((each.quantity for each in self.where(item) if each.state not in _COMING), Decimal(0))

    def search(self, text: str) -> list[Item]:
        """Return the goods that a text names: by a barcode or reference first, then by words."""
        exact = self.packing(text.strip())
        question = asked(text)
        rows = self._rows(
            f"select {_ITEM} from item where number in (select rowid from words where words match ? limit {LOOKED_MAX})"
            f" order by length(item.name), item.reference limit {FOUND_MAX}",
            question,
        ) if question else []  # fmt: skip
        found = [_item(row) for row in rows]
        return [exact.item, *(each for each in found if each != exact.item)] if exact else found

    def styled(self, reference: str) -> list[Item]:
        """Return the other goods of an item's brand and style: its other sizes and variants."""
        rows = self._rows(
            f"select {_ITEM} from item join item as same on same.look = item.look"
            " where same.reference = ? and item.look <> '' and item.number <> same.number"
            f" order by item.reference limit {FOUND_MAX}",
            reference,
        )
        return [_item(row) for row in rows]

    @property
    def items(self) -> int:
        """How many goods are known."""
        row = self._row("select count(*) from item")
        return row[0] if row else 0

    def tasks(self) -> list[Task]:
        """Return what is to be done."""
        kinds = ", ".join("?" * len(tasks.JOBS))
        rows = self._rows(f"select said from task where kind in ({kinds}) order by reference", *tasks.JOBS)
        return [tasks.task(json.loads(said)) for (said,) in rows]

    def _stock(self, where: str, value: str) -> list[Stock]:
        rows = self._rows(
            "select item.reference, coalesce(lot.code, ''), place.reference, position.state, position.quantity,"
            " position.holds, position.rights from position join item on item.id = position.item"
            " join place on place.id = position.place left join lot on lot.id = position.lot"
            f" where {where} order by position.id",
            value,
        )
        return [
            Stock(item, lot, place, state, Decimal(quantity), tuple(holds.split()), rights)
            for item, lot, place, state, quantity, holds, rights in rows
        ]

    def _said(self, name: str) -> str:
        row = self._row("select value from meta where name = ?", name)
        return row[0] if row else ""

    def _row(self, question: str, *given: str) -> Any:
        with self._looking:
            return self._seen.execute(question, given).fetchone()

    def _rows(self, question: str, *given: str) -> list[Any]:
        with self._looking:
            return self._seen.execute(question, given).fetchall()


def _item(row: Any) -> Item:
    units = {name: Decimal(factor) for name, factor in json.loads(row[6]).items()}
    return Item(row[0], row[1], row[2], row[3], row[4], row[5], units, row[7], row[8], row[9], row[10])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
