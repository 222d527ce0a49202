"""The ledger in PostgreSQL.

A batch is posted in one call when all of it can stand, which is nearly always.
When it can't, the same rows are locked in a transaction, `verdict.judge` says
entry by entry what stands, and that is posted by the same call.
"""

from collections.abc import Collection, Iterator, Sequence

import asyncpg

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.books import Announced, Books
from stockbook.domain.stock.movement import End, Entry, Position, Shelf
from stockbook.flows.ports import Fault, OrderedItem, Outcome, Want
from stockbook.store.catalogue import FACTS, REMEMBERED_MAX, PostgresCatalogue
from stockbook.store.database import Database
from stockbook.store.faults import AGAIN, GONE, faults
from stockbook.store.posting import beside, reading
from stockbook.store.posting.announced import ANNOUNCED, announced, arguments
from stockbook.store.posting.locks import Locked, judged, lock
from stockbook.store.posting.rights import KnownRights
from stockbook.store.posting.sheet import Sheet, World, lay_out
from stockbook.store.posting.verdict import Verdict, chains, judge
from stockbook.store.posting.wake import Wake
from stockbook.store.work import progress

POST = "select posting.post($1, $2, $3, $4, $5, $6, $7)"
UNFIT = "SB000"
"""The function's own word for a batch that can't be written as it is."""
LEGS_MAX = 128
"""Legs a call carries, when its chains allow: what one transaction locks, others wait for."""
IDS = 1024
"""Ids taken from a sequence at a time: the way there and back costs as much as ten sales."""
TRIES = 5
"""Two postings may meet in ways that end one of them; decided again it sees the other's rows."""


class PostgresLedger:
    """`flows.ports.Ledger` over PostgreSQL."""

    def __init__(self, db: Database, catalogue: PostgresCatalogue, legs_max: int = LEGS_MAX) -> None:
        self._db = db
        self._catalogue = catalogue
        self._legs_max = legs_max
        self._wake = Wake(db)
        self._rights = KnownRights(db)
        self._shelves: set[Shelf] = set()
        self._positions: set[Position] = set()
        self._blocks: dict[str, list[int]] = {}

    async def close(self) -> None:
        """Send the last wake-up."""
        await self._wake.close()

    async def load(self, want: Want) -> Books:
        """Return a working set, of the version that the catalogue's answers had until now."""
        version = await self._catalogue.version()
        async with faults():
            row = await self._db.fetchrow(reading.BOOKS, *reading.arguments(want))
            assert row is not None
            await self._rights.read(reading.rights_ids(row))
            books = reading.books_of(row, version, self._rights.of)
            if want.movements:
                for found in await self._db.fetch(reading.RECORDED, sorted(want.movements)):
                    books.movements[found["id"]] = reading.recorded(found)
            if want.later:
                reading.later(books, await self._db.fetch(reading.LATER, *reading.columns(want.later, 3)))
        self._catalogue.at(row["version"])
        return books

    async def announced(self, items: Collection[OrderedItem]) -> Announced:
        """Return what orders have announced of items and not received."""
        async with faults():
            return announced(await self._db.fetch(ANNOUNCED, *arguments(items)))

    async def post(self, version: int, entries: Sequence[Entry]) -> list[Outcome]:
        """Write entries, an outcome each, in order; see the port."""
        outcomes: list[Outcome] = []
        for chunk in _cut(entries, self._legs_max):
            outcomes += await self._post(version, chunk)
        if any(outcome.movement is not None and not outcome.duplicate for outcome in outcomes):
            self._wake.up()
        return outcomes

    async def _post(self, version: int, entries: list[Entry]) -> list[Outcome]:
        gone = False
        for _ in range(TRIES):
            try:
                async with faults():
                    return await self._try(version, entries)
            except Fault as fault:
                if isinstance(fault.__cause__, GONE) and not gone:  # if it was written after all, its keys say so
                    gone = True
                elif not isinstance(fault.__cause__, AGAIN):
                    raise
            except beside.TakenError:
                continue
        raise Fault("other postings were faster, again and again")

    async def _try(self, version: int, entries: list[Entry]) -> list[Outcome]:
        if await self._catalogue.version() != version:
            return [_conflict() for _ in entries]
        world = await self._world(entries)
        entries = await progress.with_tasks(self._db, entries)
        named = {(entry.organisation, entry.key, entry.line) for entry in entries}
        reversals = [entry.reverses for entry in entries if entry.reverses]
        posted = None
        if len(named) == len(entries) and len(set(reversals)) == len(reversals):
            posted = await self._all(version, entries, world)
        return posted or await self._some(version, entries, world)

    async def _all(self, version: int, entries: list[Entry], world: World) -> list[Outcome] | None:
        """Post all of them, or nothing: then None."""
        more = await self._named(entries)
        try:
            async with self._db.connection() as connection:
                if more.anything:
                    async with connection.transaction():
                        await more.begin(connection)
                        sheet = lay_out(more.numbered, world)
                        await connection.execute(POST, version, *sheet.arguments)
                        await more.finish(connection)
                else:
                    sheet = lay_out(more.numbered, world)
                    await connection.execute(POST, version, *sheet.arguments)
        except (asyncpg.PostgresError, beside.TakenError) as error:
            if getattr(error, "sqlstate", UNFIT) != UNFIT:
                raise
            return None
        self._know(sheet, version + more.relocates)
        return [Outcome(movement=number, claims=more.claims.get(number, ())) for number, _ in more.numbered]

    async def _some(self, version: int, entries: list[Entry], world: World) -> list[Outcome]:
        """Lock, judge entry by entry, post what stands."""
        numbered = await self._named(entries)
        async with self._db.connection() as connection, connection.transaction():
            if numbered.relocates:
                await connection.execute(f"select pg_advisory_xact_lock({FACTS})")
            locked = await lock(connection, lay_out(numbered.numbered, world), entries)
            if locked.version != version:
                return [_conflict() for _ in entries]
            verdicts = judge(entries, locked.found)
            standing = [number for number, verdict in enumerate(verdicts) if verdict.stands]
            more = numbered.only(standing)
            shortfalls = [
                (numbered.numbered[number][0], shelf) for number in standing for shelf in verdicts[number].shortfalls
            ]
            await more.begin(connection)
            sheet = lay_out(more.numbered, world, shortfalls)
            await locked.unmake(connection, sheet)
            if standing:
                await connection.execute(POST, version, *judged(sheet).arguments)
                await more.finish(connection, shortfalls)
        self._know(sheet, version + more.relocates)
        return [self._outcome(verdict, number, numbered, locked) for number, verdict in enumerate(verdicts)]

    def _outcome(self, verdict: Verdict, number: int, numbered: beside.More, locked: Locked) -> Outcome:
        if verdict.refusal is not None:
            return Outcome(refusal=verdict.refusal)
        if verdict.posted is not None:
            return Outcome(verdict.posted, duplicate=True, claims=locked.claims.get(verdict.posted, ()))
        movement = numbered.numbered[number if verdict.same is None else verdict.same][0]
        return Outcome(movement, duplicate=verdict.same is not None, claims=numbered.claims.get(movement, ()))

    async def _named(self, entries: list[Entry]) -> beside.More:
        """Give entries and their new claims the ids they will have."""
        more = beside.More(list(zip(await self._ids("movement", len(entries)), entries, strict=True)))
        more.name_claims(await self._ids("claim", len(beside.new_claims(entries))))
        return more

    async def _world(self, entries: list[Entry]) -> World:
        places: set[int] = set()
        rights: set[Rights] = set()
        for entry in entries:
            ends: list[End | Position] = [end for leg in entry.legs for end in (leg.source, leg.target)]
            ends += [claim.position for claim in entry.claims if claim.position]
            for end in ends:
                places.add(end.place)
                rights.add(end.rights)
            places.update(shelf.site for shelf, _ in entry.tallies)
            places.update(shelf.site for shelf in (*entry.promises, *entry.inbound_promises))
        await self._rights.make(rights)
        return World(
            places=await self._catalogue.places(list(places)),
            views=await self._catalogue.views(),
            rights=self._rights.ids,
            known_shelves=self._shelves,
            known_positions=self._positions,
        )

    async def _ids(self, table: str, count: int) -> list[int]:
        """Return fresh ids, taken from the sequence in blocks; those not used are never given again."""
        kept = self._blocks.setdefault(table, [])
        while len(kept) < count:
            rows = await self._db.fetch(
                f"select nextval(pg_get_serial_sequence('{table}', 'id')) from generate_series(1, $1)",
                max(count, IDS),
            )
            kept += [row[0] for row in rows]
        taken = kept[:count]
        del kept[:count]
        return taken

    def _know(self, sheet: Sheet, version: int) -> None:
        """Remember the rows that are committed now: they are never removed."""
        for known, keys in ((self._shelves, sheet.shelf_keys), (self._positions, sheet.position_keys)):
            if len(known) > REMEMBERED_MAX:
                known.clear()
            known.update(keys)  # type: ignore[arg-type]
        self._catalogue.at(version)


def _conflict() -> Outcome:
    return Outcome(refusal=Refusal(Code.CONFLICT, "the facts changed while this was decided"))


def _cut(entries: Sequence[Entry], legs_max: int) -> Iterator[list[Entry]]:
    """Cut between chains; an entry that moves a place changes facts, so its chain goes alone."""
    chunk: list[Entry] = []
    legs = 0
    for numbers in chains(entries):
        chain = [entries[number] for number in numbers]
        alone = any(entry.relocations for entry in chain)
        size = sum(max(len(entry.legs), 1) for entry in chain)
        if chunk and (alone or legs + size > legs_max):
            yield chunk
            chunk, legs = [], 0
        chunk += chain
        legs += size
        if alone:
            yield chunk
            chunk, legs = [], 0
    if chunk:
        yield chunk
