"""Keeps what a posting sends to PostgreSQL, so that pgbench can send the very same."""

import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any

import asyncpg

from stockbook.domain.stock.lines import Sell
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.posting.command import Command
from stockbook.flows.posting.post import Posting
from stockbook.store.catalogue import PostgresCatalogue
from stockbook.store.database import Database
from stockbook.store.posting import reading
from stockbook.store.posting.ledger import POST, PostgresLedger
from tests.bench.load import FIRST, Group, site

READ = 13
"""Arguments of the statement that loads the books."""
WRITTEN = ("entry", "leg", "party", "shelf", "position", "claim")


class Recording(Database):
    """A database that keeps the arguments of both statements of a posting, and does not post."""

    def __init__(self, dsn: str, size: int, cap_seconds: float | None) -> None:
        super().__init__(dsn, size, cap_seconds)
        self.reads: list[tuple[Any, ...]] = []
        self.posts: list[tuple[Any, ...]] = []

    async def fetchrow(self, statement: str, *args: Any) -> asyncpg.Record | None:
        if statement == reading.BOOKS:
            self.reads.append(args)
        return await super().fetchrow(statement, *args)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        async with super().connection() as connection:
            yield _Recorder(connection, self.posts)


class _Recorder:
    def __init__(self, connection: asyncpg.Connection, posts: list[tuple[Any, ...]]) -> None:
        self._connection, self._posts = connection, posts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, statement: str, *args: Any) -> Any:
        if statement == POST:
            self._posts.append(args)
            return None
        return await self._connection.execute(statement, *args)


async def captured(dsn: str, groups: Sequence[Group], count: int, size: int) -> str:
    """Put the arguments of so many batches of sales into a table, return the script that sends each once."""
    chance = random.Random(7)
    database = Recording(dsn, 2, None)
    catalogue = PostgresCatalogue(database)
    ledger = PostgresLedger(database, catalogue)
    posting = Posting(ledger, catalogue)
    try:
        for number in range(count):
            organisation = chance.choice(groups).host
            own = [each for each in chance.choices(groups, k=40 * size) if each.host == organisation]
            lines = tuple(
                Sell(
                    item=f"gid://stockbook/Item/{FIRST + each.item}",
                    place=f"gid://stockbook/Place/{site(each.site)}",
                    lot=f"L{each.lot}",
                    quantity=Decimal(1),
                )
                for each in own[:size]
            )
            outcomes = await posting.post(
                Command(FIRST + organisation, FIRST + organisation * 10, Verb.SELL, f"pgbench-{number}", lines)
            )
            refused = [each.refusal for each in outcomes if each.refusal]
            assert not refused, refused[0]
    finally:
        await ledger.close()
        await database.close()
    assert len(database.reads) == len(database.posts) == count, (len(database.reads), len(database.posts), count)
    types = await _kept(dsn, database.reads, database.posts)
    read = reading.BOOKS
    for number in range(READ, 0, -1):
        kept = f"((select r{number} from bench_batch where n = :n)::{types[number - 1]})"
        read = read.replace(f"${number}", kept)
    written = ", ".join(f"w{number}" for number in range(len(WRITTEN) + 1))
    return "\n".join(
        (
            "select nextval('bench_next') as n \\gset",
            " ".join(read.split()) + ";",
            f"select posting.post({written}) from bench_batch where n = :n;",
        )
    )


async def _kept(dsn: str, reads: Sequence[tuple[Any, ...]], posts: Sequence[tuple[Any, ...]]) -> list[str]:
    """Keep the arguments in a table, return the types of those that read."""
    connection = await asyncpg.connect(dsn)
    try:
        statement = await connection.prepare(reading.BOOKS)
        types = [_type(each) for each in statement.get_parameters()]
        columns = [f"r{n} {each}" for n, each in enumerate(types, 1)]
        statement = await connection.prepare(POST)
        columns += [f"w{n} {_type(each)}" for n, each in enumerate(statement.get_parameters())]
        await connection.execute(f"create table bench_batch (n bigint primary key, {', '.join(columns)})")
        await connection.execute("create sequence bench_next")
        marks = ", ".join(f"${n}" for n in range(1, len(columns) + 2))
        await connection.executemany(
            f"insert into bench_batch values ({marks})",
            [(n, *read, *post) for n, (read, post) in enumerate(zip(reads, posts, strict=True), 1)],
        )
        await connection.execute("vacuum analyze bench_batch")
        return types
    finally:
        await connection.close()


def _type(each: asyncpg.Type) -> str:
    """Return a parameter's type as SQL says it."""
    kind = each.name.removesuffix("[]").removeprefix("_")
    kind = f"posting.{kind}" if each.schema == "posting" else {"int8": "bigint"}.get(kind, kind)
    return f"{kind}[]" if each.kind == "array" else kind
