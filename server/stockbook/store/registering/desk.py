"""The desk where facts are registered: one transaction, one author, references resolved as one goes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any, TypeVar

import asyncpg

from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.author import Author, Registered, Verdicts
from stockbook.store.catalogue import FACTS, GID, number_of
from stockbook.store.database import Database
from stockbook.store.faults import faults

TEXT_MAX = 500
NUMBER_END = Decimal(10) ** 12
DIGITS = 6
_UNKNOWN = {
    "Item": Code.ITEM_UNKNOWN,
    "Place": Code.PLACE_UNKNOWN,
    "Organisation": Code.ORGANISATION_UNKNOWN,
    "Principal": Code.REFERENCE_UNKNOWN,
}


class RefusedError(Exception):
    """An entry is refused: carries the refusal from where it was found to where it is answered."""

    def __init__(self, code: Code, message: str, *path: str, **figures: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(code, message, path, figures)


@dataclass(slots=True)
class Desk:
    """A connection inside a transaction, and who asks."""

    connection: asyncpg.Connection
    author: Author

    async def one(self, kind: str, reference: str, path: str) -> int:
        """Return the id of what a reference names, or refuse."""
        table = kind.lower()
        given = number_of(kind, reference)
        if given is not None:
            found = await self.connection.fetchval(f"select id from {table} where id = $1 and id <> 0", given)
        else:
            found = await self.connection.fetchval(
                f"select id from {table} where external_reference = $1 and id <> 0", reference
            )
        if found is None:
            raise RefusedError(_UNKNOWN[kind], f"there is no such {table}", path)
        return int(found)

    async def maybe(self, kind: str, reference: str | None, path: str) -> int | None:
        """Return the id of what an optional reference names."""
        return None if reference is None else await self.one(kind, reference, path)

    async def own(self, reference: str | None, path: str) -> int:
        """Return the organisation that an entry is for, if its author may speak for it.

        The answer is the same whether or not another organisation exists.
        """
        mine = self.author.organisation
        if reference is None:
            return mine
        try:
            found = await self.one("Organisation", reference, path)
        except RefusedError:
            if self.author.everywhere:
                raise
            found = -1
        if found != mine and not self.author.everywhere:
            raise RefusedError(Code.ACTION_DENIED, "this may be registered for one's own organisation only", path)
        return found

    async def site(self, reference: str, path: str) -> int:
        """Return the id of a site of one's own (or a public one), within those that the author is limited to."""
        place = await self.one("Place", reference, path)
        row = await self.connection.fetchrow("select kind, public, organisation_id from place where id = $1", place)
        assert row is not None
        mine = row["organisation_id"] == self.author.organisation or row["public"] or self.author.everywhere
        if not mine or (self.author.sites and place not in self.author.sites):
            raise RefusedError(Code.PLACE_UNKNOWN, "there is no such place", path)
        if row["kind"] != "SITE":
            raise RefusedError(Code.BAD_INPUT, "this is said of a site", path)
        return place

    async def device(self, reference: str, path: str) -> int:
        """Return the id of a device of one's own organisation."""
        given = number_of("Device", reference)
        found = await self.connection.fetchval(
            "select d.id from device d join principal p on p.id = d.principal_id"
            " where d.organisation_id = $1 and (d.id = $2 or p.external_reference = $3)",
            self.author.organisation,
            given,
            None if given is not None else reference,
        )
        if found is None:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no such device", path)
        return int(found)

    async def put(self, table: str, unique: str, row: dict[str, Any], ignoring: tuple[str, ...] = ()) -> Registered:
        """Insert a row, or find the one that says the same; one that says other is refused.

        `ignoring` names columns that change by themselves later.
        """
        columns = ", ".join(f'"{name}"' for name in row)
        values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        made = await self.connection.fetchval(
            f"insert into {table} ({columns}) values ({values}) on conflict do nothing returning id", *row.values()
        )
        if made is not None:
            return made, False
        keys = [name.strip() for name in unique.split(",")]
        where = " and ".join(f"{name} = ${number}" for number, name in enumerate(keys, 1))
        known = await self.connection.fetchrow(f"select * from {table} where {where}", *(row[key] for key in keys))
        if known is None:
            raise RefusedError(Code.BAD_INPUT, "another entry has one of its unique names")
        other = [name for name in row if name not in ignoring and known[name] != row[name]]
        if other:
            raise RefusedError(Code.BAD_INPUT, f"it is registered already, with another {other[0].removesuffix('_id')}")
        return known["id"], True


_E = TypeVar("_E")
One = Callable[[Desk, _E], Awaitable[Registered]]


async def all_or_none(
    db: Database, author: Author, entries: Sequence[_E], one: One[_E], *, facts: bool = False
) -> Verdicts:
    """Register entries in one transaction, all of them or none; `facts` changes what deciding reads."""
    verdicts: Verdicts = []
    async with faults(), db.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        if facts:
            await connection.execute(f"select pg_advisory_xact_lock({FACTS})")
        desk = Desk(connection, author)
        for number, entry in enumerate(entries):
            try:
                readable(entry)
                verdicts.append(await one(desk, entry))
            except RefusedError as error:
                said = error.refusal
                verdicts.append(Refusal(said.code, said.message, ("lines", str(number), *said.path), said.figures))
        if any(isinstance(verdict, Refusal) for verdict in verdicts):
            await transaction.rollback()
            fallen = Refusal(Code.CHAIN_FAILED, "another entry of this request was refused")
            return [verdict if isinstance(verdict, Refusal) else fallen for verdict in verdicts]
        if facts and not all(known for _, known in verdicts):  # type: ignore[misc]
            await connection.execute("update facts_version set version = version + 1")
        await transaction.commit()
    return verdicts


def readable(entry: Any, path: tuple[str, ...] = ()) -> None:
    """Refuse an entry whose texts or numbers no column takes."""
    for each in fields(entry):
        value = getattr(entry, each.name)
        here = (*path, _camel(each.name))
        if isinstance(value, str):
            if "\0" in value or len(value) > TEXT_MAX:
                raise RefusedError(Code.BAD_INPUT, f"a text of at most {TEXT_MAX} characters, none of them NUL", *here)
            if each.name == "external_reference" and (value.startswith(GID) or not _plain(value)):
                said = f"a reference is printable, with no space around it, and does not begin with {GID}"
                raise RefusedError(Code.BAD_INPUT, said, *here)
            if each.name == "name" and not value.strip():
                raise RefusedError(Code.BAD_INPUT, "a name is not empty", *here)
        elif isinstance(value, Decimal):
            exponent = value.as_tuple().exponent
            if not value.is_finite() or abs(value) >= NUMBER_END or not isinstance(exponent, int) or exponent < -DIGITS:
                raise RefusedError(
                    Code.BAD_INPUT, "a number below 10^12 with at most six digits after the point", *here
                )
        elif isinstance(value, tuple):
            for number, inner in enumerate(value):
                if is_dataclass(inner):
                    readable(inner, (*here, str(number)))


def _plain(reference: str) -> bool:
    """Return whether one reference can be told from another by looking at it."""
    return bool(reference) and reference == reference.strip() and reference.isprintable()


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
