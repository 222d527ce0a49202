"""The data that is measured on: a network with a history, the same for the same size, loaded by COPY.

The history is consistent: replaying its legs gives the positions, and the
positions give the availability, so `stockbook verify` is green on it.

Goods come in groups: one item at one site in four states, of one lot each,
under one set of rights. Each group has had the same twenty movements, with
other quantities.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from stockbook.settings import Settings

FIRST = 1001
"""The first id of each table's rows; those below are the schema's own."""
WATCHER = FIRST
"""The organisation to which all others grant a view of their goods."""
STARTED = datetime(2026, 1, 1, tzinfo=UTC)
ACTORS = 10
"""Principals an organisation."""
SELLABLE, IN_TRANSIT, RECEIVED = 8, 2, 3
OTHERS = (4, 5, 6, 9, 10, 11)
FROZEN = 1
OWNER, CUSTODIAN, DISPOSER, SELLER, HOST, POSTER = 1, 2, 4, 8, 16, 64
WAVES = ("RECEIVE", "EXPECT", "RECEIVE", "RECEIVE", *["SELL"] * 12, "PUT_AWAY", "PUT_AWAY", "CHANGE_STATE", "RECEIVE")
"""The movements that each group has had, in order."""
LAST = (19, 1, 17, 18)
"""The last wave that touched each of a group's four positions."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is; a group is four positions and twenty movements."""

    organisations: int = 20
    sites: int = 200
    items: int = 5000
    per_site: int = 250

    @property
    def groups(self) -> int:
        """Items at sites."""
        return self.sites * self.per_site

    @property
    def positions(self) -> int:
        """Positions with something in them."""
        return 4 * self.groups

    @property
    def movements(self) -> int:
        """Movements, a leg each."""
        return len(WAVES) * self.groups


FULL = Size()
TINY = Size(organisations=4, sites=8, items=60, per_site=15)


@dataclass(frozen=True, slots=True)
class Group:
    """One item at one site: its lot, host, holders and the quantity of each wave."""

    number: int
    size: Size

    @property
    def site(self) -> int:
        """The site's number."""
        return self.number // self.size.per_site

    @property
    def item(self) -> int:
        """The item's number; the items of a site are spread over all."""
        inside = self.number % self.size.per_site
        return (inside * (self.size.items // self.size.per_site) + self.site * 7) % self.size.items

    @property
    def lot(self) -> int:
        """One of the item's two lots."""
        return 2 * self.item + self.number % 2

    @property
    def host(self) -> int:
        """The organisation whose site it is."""
        return host(self.size, self.site)

    @property
    def holders(self) -> tuple[int, int, int, int]:
        """Owner, custodian, disposer, seller: six in ten are the host's own."""
        mine, pattern = self.host, self.number * 7919 % 10
        other = (mine + 1 + self.site % 3) % self.size.organisations
        if pattern < 6:
            return mine, mine, mine, mine
        if pattern < 8:
            return other, mine, other, mine  # consigned
        return (mine, mine, other, mine) if pattern == 8 else (mine, mine, mine, other)

    @property
    def parties(self) -> dict[int, int]:
        """Who is party to its movements, with the bits of their relations."""
        bits: dict[int, int] = {}
        for organisation, bit in zip(self.holders, (OWNER, CUSTODIAN, DISPOSER, SELLER), strict=True):
            bits[organisation] = bits.get(organisation, 0) | bit
        bits[self.host] = bits.get(self.host, 0) | HOST | POSTER
        return bits

    @property
    def last(self) -> tuple[int, int]:
        """State and holds of the fourth position."""
        return OTHERS[self.number % len(OTHERS)], FROZEN if self.number % 20 == 0 else 0

    def quantity(self, wave: int) -> int:
        """Return how much a wave moved."""
        drawn = (self.number * 104_729 + wave * 15_485_863) % 999_983
        low, span = {0: (200, 800), 1: (1, 200), 2: (50, 150), 3: (5, 100), 18: (1, 5), 19: (1, 50)}.get(wave, (1, 12))
        return low + drawn % span

    def quantities(self) -> tuple[int, int, int, int]:
        """Return what the four positions hold after all waves."""
        moved = [self.quantity(wave) for wave in range(len(WAVES))]
        put_away = moved[16] + moved[17]
        return (
            moved[0] - sum(moved[4:16]) + put_away - moved[18] + moved[19],
            moved[1],
            moved[2] - put_away,
            moved[3] + moved[18],
        )


def host(size: Size, site: int) -> int:
    """Return the number of the organisation that hosts a site."""
    return site * size.organisations // size.sites


async def load(dsn: str, size: Size) -> None:
    """Fill an empty, migrated database."""
    connection = await asyncpg.connect(dsn)
    try:
        # the history is consistent by construction: its references need no checking row by row
        await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
        indexes = await connection.fetch(
            "select indexname, indexdef from pg_indexes where tablename = any($1::text[]) and indexdef not like"
            " 'CREATE UNIQUE%'",
            ["position", "availability", "movement", "leg", "movement_party"],
        )
        for each in indexes:
            await connection.execute(f'drop index "{each["indexname"]}"')
        rights: dict[tuple[int, int, int, int], int] = {}
        for number in range(size.groups):
            rights.setdefault(Group(number, size).holders, FIRST + len(rights))
        for table, columns, rows in (*_catalogue(size, rights), *_stock(size, rights), *_history(size, rights)):
            await connection.copy_to_table(table, source=_chunks(rows), columns=columns.split(), format="text")
        for each in indexes:
            await connection.execute(each["indexdef"])
        await _numbered(connection)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


Copied = tuple[str, str, Iterable[str]]


def _catalogue(size: Size, rights: dict[tuple[int, int, int, int], int]) -> Iterator[Copied]:
    organisations, sites = range(size.organisations), range(size.sites)
    actors = range(size.organisations * ACTORS)
    yield (
        "organisation",
        "id external_reference name kind",
        (f"{FIRST + n}\tORG-{n}\tOrganisation {n} e.G.\tSHOP" for n in organisations),
    )
    yield (
        "principal",
        "id external_reference name kind",
        (f"{FIRST + n}\tCLERK-{n}\tClerk {n} Müller\tPERSON" for n in actors),
    )
    yield (
        "membership",
        "principal_id organisation_id role sites",
        (f"{FIRST + n}\t{FIRST + n // ACTORS}\tstorekeeper\t{{}}" for n in actors),
    )
    yield (
        "item",
        "id external_reference gtin name category base_unit decimals inspected registrar_id",
        (
            f"{FIRST + n}\tITEM-{n}\t{4_000_000_000_000 + n * 7}\tItem {n} “{('steel', 'oak', 'blue', 'red')[n % 4]}”"
            f" {n % 99 + 1} mm\tCATEGORY {n % 20}\teach\t0\tf\t{FIRST}"
            for n in range(size.items)
        ),
    )
    yield (
        "lot",
        "id item_id code producer_id expiry",
        (
            f"{FIRST + n}\t{FIRST + n // 2}\tL{n}\t{FIRST + n % size.organisations}"
            f"\t{STARTED.date() + timedelta(days=400 + n % 700)}"
            for n in range(2 * size.items)
        ),
    )
    yield (
        "place",
        "id organisation_id external_reference name kind parent_id site_id bound_for_id public strict",
        (
            *(f"{site(n)}\t{FIRST + host(size, n)}\tSITE-{n}\tWarehouse {n} – aisle {n % 17}\tSITE\t\\N\t{site(n)}\t\\N"
              "\tf\tt" for n in sites),
            *(f"{shipment(size, n)}\t{FIRST + host(size, n)}\tSHIPMENT-{n}\tShipment to {n}\tSHIPMENT\t\\N\t\\N"
              f"\t{site(n)}\tf\tt" for n in sites),
            *(f"{virtual(size, n, kind)}\t{FIRST + n}\tgid://stockbook/virtual/{kind}/{FIRST + n}\t{kind}\t{kind}"
              "\t\\N\t\\N\t\\N\tf\tf"
              for n in organisations for kind in ("SUPPLIER", "CUSTOMER")),
        ),
    )  # fmt: skip
    yield (
        "rights",
        "id owner_id custodian_id disposer_id seller_id",
        ("\t".join(map(str, (number, *(FIRST + each for each in held)))) for held, number in rights.items()),
    )
    yield (
        "agreement",
        "giver_id taker_id views charges",
        (f"{FIRST + n}\t{WATCHER}\tt\tf" for n in organisations if FIRST + n != WATCHER),
    )


def site(number: int) -> int:
    """Return the id of a site."""
    return FIRST + number


def shipment(size: Size, number: int) -> int:
    """Return the id of the place in which goods travel to a site."""
    return FIRST + size.sites + number


def virtual(size: Size, organisation: int, kind: str) -> int:
    """Return the id of an organisation's supplier or customer place."""
    return FIRST + 2 * size.sites + 2 * organisation + (kind == "CUSTOMER")


def order(size: Size) -> list[int]:
    """Return the groups in the order in which each wave moved them: neighbours in time are far apart in space."""
    return [n * 7927 % size.groups for n in range(size.groups)]


def moment(size: Size, wave: int, turn: int) -> datetime:
    """Return when a wave moved the group whose turn it was."""
    return STARTED + timedelta(seconds=20 * (wave * size.groups + turn))


def _stock(size: Size, rights: dict[tuple[int, int, int, int], int]) -> Iterator[Copied]:
    turns = dict(zip(order(size), range(size.groups), strict=True))
    yield (
        "position",
        "id item_id lot_id place_id state holds rights_id quantity host_id site_id moved_at",
        (
            f"{1 + 4 * n + index}\t{FIRST + group.item}\t{FIRST + group.lot}\t{end}\t{quantity}\t{FIRST + group.host}"
            f"\t{site(group.site)}\t{moment(size, LAST[index], turns[n])}"
            for n in range(size.groups)
            for group in (Group(n, size),)
            for index, (end, quantity) in enumerate(zip(_ends(group, rights), group.quantities(), strict=True))
        ),
    )
    yield (
        "availability",
        "seller_id site_id item_id host_id on_hand inbound held",
        (
            f"{FIRST + group.holders[3]}\t{site(group.site)}\t{FIRST + group.item}\t{FIRST + group.host}\t{shelf}"
            f"\t{coming}\t{received + other}"
            for n in range(size.groups)
            for group in (Group(n, size),)
            for shelf, coming, received, other in (group.quantities(),)
        ),
    )


def _ends(group: Group, rights: dict[tuple[int, int, int, int], int]) -> tuple[str, str, str, str]:
    """Return place, state, holds and rights of the four positions, as columns."""
    held, there = rights[group.holders], site(group.site)
    state, holds = group.last
    return (
        f"{there}\t{SELLABLE}\t0\t{held}",
        f"{shipment(group.size, group.site)}\t{IN_TRANSIT}\t0\t{held}",
        f"{there}\t{RECEIVED}\t0\t{held}",
        f"{there}\t{state}\t{holds}\t{held}",
    )


def _history(size: Size, rights: dict[tuple[int, int, int, int], int]) -> Iterator[Copied]:
    groups = [Group(n, size) for n in range(size.groups)]
    ordered = order(size)
    hosts, parties = [each.host for each in groups], [each.parties for each in groups]
    goods = [f"{FIRST + each.item}\t{FIRST + each.lot}" for each in groups]
    ends = [_hosted(each, rights) for each in groups]
    moments = [str(STARTED + timedelta(seconds=20 * n)) for n in range(size.movements)]

    def numbered() -> Iterator[tuple[int, int, int]]:
        number = 0
        for wave in range(len(WAVES)):
            for group in ordered:
                yield number, wave, group
                number += 1

    yield (
        "movement",
        "id organisation_id verb key line digest occurred_at recorded_at actor_id reason",
        (
            f"{1 + n}\t{FIRST + hosts[g]}\t{WAVES[wave]}\tload-{n}\t1\t\\\\x00\t{moments[n]}\t{moments[n]}"
            f"\t{FIRST + hosts[g] * ACTORS + n % ACTORS}\t"
            for n, wave, g in numbered()
        ),
    )
    yield (
        "leg",
        "movement_id number item_id lot_id quantity source_place_id source_state source_holds source_rights_id"
        " source_host_id target_place_id target_state target_holds target_rights_id target_host_id",
        (f"{1 + n}\t1\t{goods[g]}\t{groups[g].quantity(wave)}\t{_leg(wave, *ends[g])}" for n, wave, g in numbered()),
    )
    heads = [0] * size.organisations

    def party() -> Iterator[str]:
        for n, _, g in numbered():
            for organisation, bits in parties[g].items():
                heads[organisation] += 1
                yield f"{FIRST + organisation}\t{1 + n}\tMOVED\t{bits}\t{moments[n]}\t3\t{heads[organisation]}"

    yield "movement_party", "organisation_id movement_id topic relations occurred_at tx sequence", party()
    yield "stream", "organisation_id head", (f"{FIRST + n}\t{heads[n]}" for n in range(size.organisations))
    # the learners have read it all: what is measured is not how they catch up
    yield (
        "stream_offset",
        "reader partition tx position",
        (f"demand\t{partition}\t3\t{sum(heads)}" for partition in range(Settings().partitions)),
    )


def _hosted(group: Group, rights: dict[tuple[int, int, int, int], int]) -> tuple[str, ...]:
    """Return the four positions, the supplier's and the customer's place, each with its host, as columns."""
    beyond = (f"{virtual(group.size, group.host, kind)}\t0\t0\t0" for kind in ("SUPPLIER", "CUSTOMER"))
    return tuple(f"{end}\t{FIRST + group.host}" for end in (*_ends(group, rights), *beyond))


def _leg(wave: int, shelf: str, coming: str, received: str, other: str, supplier: str, customer: str) -> str:
    """Return both ends of a wave's leg."""
    source, target = {
        "RECEIVE": (supplier, {2: received, 3: other}.get(wave, shelf)),
        "EXPECT": (supplier, coming),
        "SELL": (shelf, customer),
        "PUT_AWAY": (received, shelf),
        "CHANGE_STATE": (shelf, other),
    }[WAVES[wave]]
    return f"{source}\t{target}"


async def _chunks(rows: Iterable[str]) -> AsyncIterator[bytes]:
    lines: list[str] = []
    for row in rows:
        lines.append(row)
        if len(lines) == 2000:
            yield ("\n".join(lines) + "\n").encode()
            lines = []
    if lines:
        yield ("\n".join(lines) + "\n").encode()


async def _numbered(connection: asyncpg.Connection) -> None:
    """Let each identity go on after the last row."""
    for each in await connection.fetch(
        "select table_name as name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'id' and is_identity = 'YES'"
    ):
        table = f'"{each["name"]}"'
        await connection.execute(
            f"select setval(pg_get_serial_sequence('{table}', 'id'), greatest((select max(id) from {table}), 1))"
        )
