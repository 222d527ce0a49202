"""A small network drawn from a seed: every table has rows, several organisations see different parts of it.

Movements are consistent with positions: each leg's ends have a position row
(perhaps emptied), so whoever was party to an end still sees its place and lot.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

ORGANISATIONS = (1, 2, 3, 4, 5)
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
NAMES = ("Ålesund fish", 'the "big" one', "100% juice", "番茄", "back\\slash", "line\nbreak", "it's", "soup")


@dataclass
class World:
    """Rows by table; lists of dicts in the order of their ids."""

    seed: int
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        self.tables.setdefault(table, []).append(row)
        return row

    def of(self, table: str) -> list[dict[str, Any]]:
        return self.tables.get(table, [])


def draw(seed: int) -> World:
    """Draw a network."""
    rng = random.Random(seed)
    world = World(seed)
    _parties(world, rng)
    _goods(world, rng)
    _positions(world, rng)
    _history(world, rng)
    _rest(world, rng)
    return world


def _parties(world: World, rng: random.Random) -> None:
    for id_ in ORGANISATIONS:
        world.add("organisation", id=id_, external_reference=f"org-{id_}", name=f"{NAMES[id_]} {id_}",
                  kind=rng.choice(["SHOP", "KITCHEN", "CARRIER"]))  # fmt: skip
    for id_ in range(10, 18):
        world.add("principal", id=id_, external_reference=f"p-{id_}", name=rng.choice(NAMES), kind="PERSON")
        world.add("membership", id=id_, principal_id=id_, organisation_id=ORGANISATIONS[id_ % 5], role="storekeeper",
                  sites=[], revoked_at=rng.choice([None, START]))  # fmt: skip
    for id_, (giver, taker) in enumerate([(1, 5), (2, 5), (3, 1)], 1):
        ended = START if id_ == 3 else None
        world.add("agreement", id=id_, giver_id=giver, taker_id=taker, views=True, charges=False, until=ended)
    world.add("agreement", id=9, giver_id=1, taker_id=2, verb="DISPATCH", right="CUSTODY", category="fruit",
              views=False, charges=True)  # fmt: skip
    world.add("state", code=100, organisation_id=1, number=100, name="RIPENING", base=9, may_become=[8, 10])
    world.add("overlay", id=1, organisation_id=1, name="CUSTOMS", blocks=True, meets=[8, 9])
    world.add("overlay", id=2, organisation_id=2, name="ON_DISPLAY", blocks=False, meets=[8])
    for number, laid in ((2, [2]), (3, [1, 2])):
        world.add("overlay_set", number=number, overlays=laid)
    world.add("guard", id=1, organisation_id=1, name="SHELF_LIFE", source=0, target=8, match="ALL")
    world.add("guard_condition", guard_id=1, line=0, fact="DAYS_LEFT_AT_LEAST", number=Decimal(5))


def _goods(world: World, rng: random.Random) -> None:
    for id_ in range(1, 13):
        world.add("item", id=id_, external_reference=f"item-{id_}", gtin=f"{4000 + id_}" if id_ % 3 else None,
                  name=f"{rng.choice(NAMES)} {id_ % 4}", category=rng.choice(["fruit", "salad"]), base_unit="kg",
                  decimals=rng.choice([0, 3]), inspected=rng.random() < 0.3,
                  registrar_id=rng.choice(ORGANISATIONS))  # fmt: skip
        if id_ % 2:
            world.add("item_unit", item_id=id_, unit='box "12"', factor=Decimal("12.5"))
        for number in range(id_ % 3):
            world.add("lot", id=id_ * 10 + number, item_id=id_, code=f"L{number}",
                      producer_id=rng.choice(ORGANISATIONS), produced_on=None,
                      expiry=date(2026, 6, 1) + timedelta(days=rng.randrange(60)))  # fmt: skip
    for id_ in range(1, 31):
        site = id_ if id_ <= 6 else rng.randrange(1, 7)
        organisation = ORGANISATIONS[(site - 1) % 5]
        kind = "SITE" if id_ <= 6 else rng.choice(["BIN", "SHIPMENT", "BIN"])
        bound = rng.randrange(1, 7) if kind == "SHIPMENT" else None
        world.add("place", id=id_, organisation_id=organisation, external_reference=f"place-{id_}",
                  name=f"{rng.choice(NAMES)} {id_}", kind=kind, parent_id=None if id_ <= 6 else site,
                  site_id=site, bound_for_id=bound, public=rng.random() < 0.15, strict=True)  # fmt: skip
    for organisation in ORGANISATIONS:
        world.add("place", id=100 + organisation, organisation_id=organisation, name="suppliers", kind="SUPPLIER",
                  external_reference=f"supplier-{organisation}", parent_id=None, site_id=None, bound_for_id=None,
                  public=False, strict=True)  # fmt: skip


def _positions(world: World, rng: random.Random) -> None:
    held = {tuple(rng.choice((*ORGANISATIONS, 0) if n else ORGANISATIONS) for n in range(4)) for _ in range(25)}
    for id_, (owner, custodian, disposer, seller) in enumerate(sorted(held), 1):
        world.add("rights", id=id_, owner_id=owner, custodian_id=custodian, disposer_id=disposer, seller_id=seller)
    places = [each for each in world.of("place") if each["id"] < 100]
    keys = set()
    tallies: dict[tuple[int, int, int], dict[str, Decimal]] = {}
    for id_ in range(1, 241):
        place, rights = rng.choice(places), rng.choice(world.of("rights"))
        item = rng.randrange(1, 13)
        lot = rng.choice([0, *(each["id"] for each in world.of("lot") if each["item_id"] == item)])
        state, holds = rng.choice([2, 3, 8, 8, 9, 12]), rng.choice([0, 0, 0, 1, 3, 512, 897])
        if (item, lot, place["id"], state, holds, rights["id"]) in keys:
            continue
        keys.add((item, lot, place["id"], state, holds, rights["id"]))
        quantity = rng.choice([Decimal(0), Decimal(rng.randrange(1, 90)), Decimal(rng.randrange(1, 9000)) / 1000])
        site = place["bound_for_id"] or place["site_id"]
        world.add("position", id=id_, item_id=item, lot_id=lot, place_id=place["id"], state=state, holds=holds,
                  rights_id=rights["id"], quantity=quantity, claimed=Decimal(0), host_id=place["organisation_id"],
                  site_id=site)  # fmt: skip
        if rights["seller_id"]:
            tally = tallies.setdefault(
                (rights["seller_id"], site, item), dict.fromkeys(("on_hand", "inbound"), Decimal(0))
            )
            if state in {2, 8} and not holds & 255:
                tally["on_hand" if state == 8 else "inbound"] += quantity
    hosts = {each["id"]: each["organisation_id"] for each in places}
    for id_, ((seller, site, item), tally) in enumerate(sorted(tallies.items()), 1):
        world.add("availability", id=id_, seller_id=seller, site_id=site, item_id=item, host_id=hosts[site],
                  held=Decimal(0), reserved=Decimal(rng.randrange(4)),
                  changed_at=START + timedelta(minutes=id_), **tally)  # fmt: skip


def _history(world: World, rng: random.Random) -> None:
    for id_ in range(1, 6):
        world.add("document", id=id_, organisation_id=rng.choice(ORGANISATIONS), external_reference=f"doc-{id_}",
                  kind="ORDER", counterparty_id=rng.choice([None, *ORGANISATIONS]),
                  created_at=START + timedelta(hours=id_))  # fmt: skip
    rights = {each["id"]: each for each in world.of("rights")}
    positions = world.of("position")
    for id_ in range(1, 91):
        poster = rng.choice(ORGANISATIONS)
        at = START + timedelta(hours=rng.randrange(40))
        world.add("movement", id=id_, organisation_id=poster, verb=rng.choice(["MOVE", "RECEIVE", "SELL"]),
                  key=f"k{id_}", line=1, digest=b"x", occurred_at=at, recorded_at=at + timedelta(seconds=7),
                  actor_id=rng.randrange(10, 18), document_id=rng.choice([None, None, 1, 2, 3, 4, 5]),
                  reverses_id=id_ - 1 if id_ % 17 == 0 else None, reason=rng.choice(["", "late"]))  # fmt: skip
        parties = {poster: 64}
        for number in range(1, rng.randrange(2, 5)):
            target = rng.choice(positions)
            same = [p for p in positions if (p["item_id"], p["lot_id"]) == (target["item_id"], target["lot_id"])]
            source = rng.choice([None, *same])
            ends = {f"{name}_{key}": value for name, end in (("source", source), ("target", target))
                    for key, value in _end(end, poster).items()}  # fmt: skip
            world.add("leg", movement_id=id_, number=number, item_id=target["item_id"], lot_id=target["lot_id"],
                      quantity=Decimal(rng.randrange(1, 500)) / 10, **ends)  # fmt: skip
            for name in ("source", "target"):
                row = rights.get(ends[f"{name}_rights_id"], {})
                for bit, holder in ((1, "owner_id"), (2, "custodian_id"), (4, "disposer_id"), (8, "seller_id")):
                    if row.get(holder):
                        parties[row[holder]] = parties.get(row[holder], 0) | bit
                host = ends[f"{name}_host_id"]
                parties[host] = parties.get(host, 0) | 16
        for organisation, relations in sorted(parties.items()):
            world.add("movement_party", organisation_id=organisation, movement_id=id_, topic="MOVED",
                      relations=relations, occurred_at=at)  # fmt: skip


def _end(position: dict[str, Any] | None, poster: int) -> dict[str, int]:
    if position is None:
        return {"place_id": 100 + poster, "state": 0, "holds": 0, "rights_id": 0, "host_id": poster}
    return {key: position[key] for key in ("place_id", "state", "holds", "rights_id", "host_id")}


def _rest(world: World, rng: random.Random) -> None:
    for id_, each in enumerate(world.of("availability")[::9], 1):
        world.add("claim", id=id_, document_id=rng.choice([None, 1, 2, 3]), quantity=Decimal(id_), made_by_id=id_,
                  state=rng.choice(["OPEN", "COMMITTED"]), expires_at=rng.choice([None, START]),
                  **{key: each[key] for key in ("seller_id", "site_id", "item_id")})  # fmt: skip
    for id_, lot in enumerate(world.of("lot"), 1):
        world.add("inspection", id=id_, movement_id=id_, item_id=lot["item_id"], lot_id=lot["id"],
                  place_id=rng.randrange(1, 31), passed=rng.random() < 0.5)  # fmt: skip
        world.add("charge", id=id_, movement_id=id_, agreement_id=9, item_id=lot["item_id"], lot_id=lot["id"],
                  quantity=Decimal("2.50"), debtor_id=rng.choice(ORGANISATIONS),
                  creditor_id=rng.choice(ORGANISATIONS))  # fmt: skip
    for id_ in range(1, 16):
        world.add("listing", id=id_, organisation_id=ORGANISATIONS[id_ % 5], item_id=id_ % 12 + 1, sku=f"S{id_}",
                  price=rng.choice([None, Decimal("1.250000")]), cost=Decimal("0.5"), currency="CNY")  # fmt: skip
        _work(world, rng, id_)
        world.add("series", id=id_, seller_id=ORGANISATIONS[id_ % 5], site_id=id_ % 6 + 1, item_id=id_ % 12 + 1)
        world.add("proposal", id=id_, organisation_id=ORGANISATIONS[id_ % 5], site_id=id_ % 6 + 1, item_id=id_ % 12 + 1,
                  state="OPEN" if id_ < 12 else "DISMISSED", quantity=Decimal(id_), position=Decimal(1),
                  reorder_point=4.5, ceiling=9.0, service_level=0.95, expected=3.0, safety_stock=1.5, horizon=2.0,
                  opened_at=START, reason="")  # fmt: skip
        for horizon in (1, 4):
            world.add("forecast", id=id_ * 10 + horizon, series_id=id_, organisation_id=ORGANISATIONS[id_ % 5],
                      site_id=id_ % 6 + 1, item_id=id_ % 12 + 1, horizon=horizon, starts_at=START, mean=id_ * 1.5,
                      levels=[0.5, 0.9], quantiles=[1.0, id_ / 3], past_error=rng.choice([None, 0.25]),
                      shares='{"level": 0.75}', learner="rls", revised_at=START)  # fmt: skip


def _work(world: World, rng: random.Random, id_: int) -> None:
    organisation = ORGANISATIONS[id_ % 5]
    own = [each["id"] for each in world.of("place") if each["organisation_id"] == organisation and each["id"] < 100]
    world.add("task", id=id_, organisation_id=organisation, kind=rng.choice(["SHORTFALL", "COUNT", "RECEIVE"]),
              external_reference=f"task-{id_}" if id_ % 3 else None, place_id=rng.choice([None, *own]),
              movement_id=rng.choice([None, id_]), assignee_id=rng.choice([None, 10 + id_ % 8]), saw="4", books="3",
              note=rng.choice(NAMES), state="OPEN", opened_at=START)  # fmt: skip
    for number in range(id_ % 4):
        item = rng.randrange(1, 13)
        lots = [each["id"] for each in world.of("lot") if each["item_id"] == item]
        world.add("task_line", id=id_ * 10 + number, task_id=id_, number=number, item_id=item,
                  lot_id=rng.choice([0, *lots]), quantity=rng.choice([None, Decimal(4)]), unit="",
                  place_id=rng.choice([None, *own]), counted=rng.choice([None, Decimal("2.5")]), book=Decimal(3),
                  done=Decimal(id_) / 4, state="OPEN")  # fmt: skip
    if id_ <= 6:
        world.add("device", id=id_, organisation_id=organisation, principal_id=9 + id_, model="N7", system="ANDROID",
                  system_version=f"{9 + id_}", app_version="1.0", role="storekeeper", epoch=1, enrolled_at=START,
                  waiting=id_)  # fmt: skip
    world.add("task_movement", task_id=id_, movement_id=id_ + 3)
    world.add("item_code", id=id_, organisation_id=rng.choice([0, organisation]), item_id=id_ % 12 + 1,
              code=f'"{id_}"', normal=f"{id_}", unit=rng.choice(["", "box"]))  # fmt: skip
    place = rng.choice([each for each in world.of("place") if each["id"] < 100])
    world.add("counted", id=id_, movement_id=id_, organisation_id=place["organisation_id"], item_id=id_ % 12 + 1,
              lot_id=0, place_id=place["id"], site_id=place["site_id"], book=Decimal(id_), counted=Decimal(id_ % 3),
              occurred_at=START + timedelta(hours=id_))  # fmt: skip


async def fill(connection: Any, world: World) -> None:
    """Write the rows; the history is consistent, so nothing is checked row by row."""
    await connection.execute("set session_replication_role = replica")
    for table, rows in world.tables.items():
        columns = {
            each["column_name"]: each
            for each in await connection.fetch(
                "select column_name, data_type, is_nullable, column_default, is_identity from"
                " information_schema.columns where table_name = $1",
                table,
            )
        }
        if "id" in columns:
            await connection.execute(
                f'delete from "{table}" where id = any($1)', [row["id"] for row in rows if row.get("id")]
            )
        for row in rows:
            given = {key: value for key, value in row.items() if key in columns}
            for name, about in columns.items():  # columns this world has no opinion of
                optional = about["is_nullable"] == "YES" or about["column_default"] or about["is_identity"] == "YES"
                if name not in given and not optional:
                    given[name] = _plain(about["data_type"])
            names = ", ".join(f'"{name}"' for name in given)
            marks = ", ".join(f"${at}" for at in range(1, len(given) + 1))
            await connection.execute(
                f'insert into "{table}" ({names}) overriding system value values ({marks})', *given.values()
            )
    await connection.execute("set session_replication_role = default; analyze")


def _plain(kind: str) -> Any:
    if kind == "bytea":
        return b""
    if kind.startswith("timestamp"):
        return START
    if kind in {"text", "character varying"}:
        return ""
    if kind == "jsonb":
        return "{}"
    return 0
