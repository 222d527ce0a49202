"""Random worlds, put straight into the tables: combinations of rights and agreements that no trade would think of."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle import definitions, demand, devices, recognition, supply, work

START = datetime(2026, 1, 1, tzinfo=UTC)
VERBS = ["RECEIVE", "MOVE", "SELL", "DISPATCH", "COUNT"]
ORGANISATIONS = 6
Rows = dict[str, list[dict[str, Any]]]


def world(seed: int) -> Rows:
    """Return the rows of a small network; ids begin at 100, below them is what every database has."""
    return _World(random.Random(seed)).rows


_OTHER = {"source": "target", "target": "source"}


class _World:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.rows: Rows = {}
        self.organisations = [100 + n for n in range(ORGANISATIONS)]
        self._directory()
        self._places()
        definitions.rows(self)
        self._goods()
        self._paper()
        self._history()

    def add(self, table: str, **values: Any) -> int:
        rows = self.rows.setdefault(table, [])
        if "id" not in values:
            values = {"id": 100 + len(rows), **values}
        rows.append(values)
        return values["id"]

    def any(self, table: str) -> int:
        return self.chance.choice(self.rows[table])["id"]

    def maybe(self, table: str, odds: float = 0.5) -> int | None:
        return self.any(table) if self.chance.random() < odds else None

    def party(self) -> int:
        return self.chance.choice(self.organisations)

    def amount(self) -> Decimal:
        return Decimal(self.chance.choice(["0", "1", "2.5", "10", "12.000001", "300"]))

    def moment(self) -> datetime:
        return START + timedelta(hours=self.chance.randrange(12))

    def _directory(self) -> None:
        chance = self.chance
        for number in self.organisations:
            name = f"Organisation {number % 4}"
            kind = chance.choice(["SHOP", "KITCHEN"])
            self.add("organisation", id=number, external_reference=f"ORG-{number}", name=name, kind=kind)
        for number in range(4):
            self.add(
                "item",
                external_reference=f"ITEM-{number}",
                gtin=f"0000000000{number}" if number else None,
                name=chance.choice(["Tomato", "Soup", "Ässig 酱"]),
                category=chance.choice(["A", "B"]),
                base_unit="kg",
                decimals=3,
                inspected=chance.random() < 0.5,
                udi=chance.random() < 0.3,
                registrar_id=self.party(),
            )
        for item in self.rows["item"][:2]:
            for unit in ("box", "lb"):
                self.rows.setdefault("item_unit", []).append(
                    {"item_id": item["id"], "unit": unit, "factor": Decimal("0.45")}
                )
        for number in range(8):
            self.add(
                "item_code",
                organisation_id=0 if number < 4 else self.party(),
                item_id=self.any("item"),
                code=f"CODE-{number}",
                normal=f"CODE-{number}",
                unit=chance.choice(["", "box"]),
            )
        for number in range(6):
            name = f"Person {number}"
            self.add("principal", external_reference=f"P-{number}", name=name, kind="PERSON")
        for principal in self.rows["principal"]:
            for organisation in chance.sample(self.organisations, 2):
                revoked = START if chance.random() < 0.2 else None
                self.add(
                    "membership",
                    principal_id=principal["id"],
                    organisation_id=organisation,
                    role="buyer",
                    sites=[],
                    revoked_at=revoked,
                )
        for organisation in self.organisations:
            for item in chance.sample(self.rows["item"], 2):
                self.add(
                    "listing",
                    organisation_id=organisation,
                    item_id=item["id"],
                    sku=f"S{organisation}",
                    price=self.amount() if chance.random() < 0.7 else None,
                    cost=self.amount(),
                    currency="CNY",
                )

    def _places(self) -> None:
        chance = self.chance
        for organisation in self.organisations:
            site = 100 + len(self.rows.get("place", []))
            public = chance.random() < 0.3
            self._place(organisation, "SITE", None, site, public)
            for kind in chance.choices(["BIN", "VEHICLE", "SHIPMENT"], k=2):
                self._place(organisation, kind, site, site, chance.random() < 0.1)
        sites = [place["id"] for place in self.rows["place"] if place["kind"] == "SITE"]
        for number, membership in enumerate(self.rows["membership"]):
            membership["sites"] = sites[: number % 3]
        for place in self.rows["place"]:
            if place["kind"] in {"VEHICLE", "SHIPMENT"} and chance.random() < 0.7:
                place["bound_for_id"] = chance.choice(sites)

    def _place(self, organisation: int, kind: str, parent: int | None, site: int, public: bool) -> None:
        number = len(self.rows.get("place", []))
        self.add(
            "place",
            organisation_id=organisation,
            external_reference=f"PLACE-{number}",
            name=f"Place {number % 3}",
            kind=kind,
            parent_id=parent,
            site_id=site,
            bound_for_id=None,
            public=public,
            strict=True,
        )

    def _goods(self) -> None:
        chance = self.chance
        today = datetime.now(UTC).date()
        for number in range(6):
            self.add(
                "lot",
                item_id=self.any("item"),
                code=f"L{number}",
                producer_id=self.party(),
                produced_on=date(2026, 1, number + 1) if chance.random() < 0.5 else None,
                # some are about to expire whichever side of midnight the answer is given on
                expiry=(today + timedelta(1) if number % 3 else date(2026, 2, number + 1))
                if chance.random() < 0.5
                else None,
            )
        seen = set()
        for _ in range(10):
            holders = tuple(chance.choices(self.organisations, k=4))
            if holders not in seen:
                seen.add(holders)
                names = ("owner_id", "custodian_id", "disposer_id", "seller_id")
                self.add("rights", **dict(zip(names, holders, strict=True)))
        keys = set()
        for _ in range(45):
            place = chance.choice(self.rows["place"])
            lot = chance.choice([{"id": 0, "item_id": self.any("item")}, *self.rows["lot"]])
            state, holds, rights = definitions.states(chance), definitions.laid(chance), self.any("rights")
            key = (lot["item_id"], lot["id"], place["id"], state, holds, rights)
            if key in keys:
                continue
            keys.add(key)
            self.add(
                "position",
                item_id=key[0],
                lot_id=key[1],
                place_id=key[2],
                state=state,
                holds=holds,
                rights_id=rights,
                quantity=self.amount(),
                claimed=Decimal(chance.randint(0, 1)),
                host_id=place["organisation_id"],
                site_id=place["bound_for_id"] or place["site_id"],
            )
        sites = [place for place in self.rows["place"] if place["kind"] == "SITE"]
        for seller in self.organisations:
            for site in chance.sample(sites, 2):
                for item in chance.sample(self.rows["item"], 2):
                    self.add(
                        "availability",
                        seller_id=seller,
                        site_id=site["id"],
                        item_id=item["id"],
                        host_id=site["organisation_id"],
                        on_hand=self.amount(),
                        inbound=self.amount(),
                        held=self.amount(),
                        reserved=self.amount(),
                        changed_at=self.moment(),
                    )

    def _paper(self) -> None:
        chance = self.chance
        for number in range(8):
            giver, taker = chance.sample(self.organisations, 2)
            views = chance.random() < 0.4
            self.add(
                "agreement",
                giver_id=giver,
                taker_id=taker,
                verb=None if views else chance.choice(VERBS),
                right=None if views else "SALE",
                item_id=self.maybe("item"),
                category=chance.choice([None, "A"]),
                place_id=self.maybe("place", 0.3),
                views=views,
                charges=chance.random() < 0.5,
                since=self.moment() if number % 2 else None,
                until=None,
            )
        for number in range(8):
            self.add(
                "document",
                organisation_id=self.party(),
                external_reference=f"DOC-{number}",
                kind=chance.choice(["ORDER", "RECEIPT"]),
                counterparty_id=self.party() if chance.random() < 0.6 else None,
                created_at=self.moment(),
                ordered_at=self.moment(),
                due_at=self.moment() if chance.random() < 0.5 else None,
            )

    def _history(self) -> None:
        chance = self.chance
        for number in range(20):
            self._movement(number)
        for _ in range(8):
            self.add(
                "claim",
                document_id=self.maybe("document", 0.7),
                seller_id=self.party(),
                site_id=self.any("place"),
                item_id=self.any("item"),
                position_id=self.maybe("position"),
                quantity=self.amount(),
                state=chance.choice(["OPEN", "RELEASED"]),
                expires_at=self.moment() if chance.random() < 0.5 else None,
                made_by_id=self.any("movement"),
            )
        for _ in range(5):
            lot = chance.choice(self.rows["lot"])
            self.add(
                "inspection",
                movement_id=self.any("movement"),
                item_id=lot["item_id"],
                lot_id=lot["id"],
                place_id=self.any("place"),
                passed=chance.random() < 0.5,
            )
        for _ in range(6):
            debtor, creditor = chance.sample(self.organisations, 2)
            self.add(
                "charge",
                movement_id=self.any("movement"),
                agreement_id=self.any("agreement"),
                item_id=self.any("item"),
                lot_id=self.maybe("lot") or 0,
                quantity=self.amount(),
                debtor_id=debtor,
                creditor_id=creditor,
            )
        devices.rows(self)
        recognition.rows(self)
        work.rows(self)
        demand.rows(self)
        supply.rows(self)

    def _emptied(self, lot: dict[str, Any], place: dict[str, Any], ends: dict[str, Any], end: str) -> None:
        """What goods lay in stays, at nothing: so whoever sees a leg sees its lot and its places."""
        key = {
            "item_id": lot["item_id"],
            "lot_id": lot["id"],
            "place_id": place["id"],
            **{name: ends[f"{end}_{name}"] for name in ("state", "holds", "rights_id")},
        }
        if not any(key.items() <= row.items() for row in self.rows["position"]):
            host = {"host_id": place["organisation_id"], "site_id": place["bound_for_id"] or place["site_id"]}
            self.add("position", **key, quantity=Decimal(0), claimed=Decimal(0), **host)

    def _movement(self, number: int) -> None:
        chance = self.chance
        when = self.moment()
        movement = self.add(
            "movement",
            organisation_id=self.party(),
            verb=chance.choice(VERBS),
            key=f"key-{number}",
            line=0,
            digest=b"",
            occurred_at=when,
            recorded_at=when + timedelta(hours=1),
            actor_id=self.any("principal"),
            document_id=self.maybe("document"),
            reverses_id=number - 1 + 100 if number and chance.random() < 0.2 else None,
            reason=chance.choice(["", "because"]),
        )
        for leg in range(chance.randint(0, 2)):
            lot = chance.choice([{"id": 0, "item_id": self.any("item")}, *self.rows["lot"]])
            virtual = chance.choice([None, None, None, "source", "target"])
            ends: dict[str, Any] = {}
            for end in sorted(("source", "target"), key=lambda end: end == virtual):
                there = {"organisation_id": ends[f"{_OTHER[end]}_host_id"]} if end == virtual else {}
                place = chance.choice([each for each in self.rows["place"] if there.items() <= each.items()])
                ends |= {
                    f"{end}_place_id": place["id"],
                    f"{end}_state": 0 if end == virtual else definitions.states(chance),
                    f"{end}_holds": 0 if end == virtual else definitions.laid(chance),
                    f"{end}_rights_id": 0 if end == virtual else self.any("rights"),
                    f"{end}_host_id": place["organisation_id"],
                }
                if end != virtual:
                    self._emptied(lot, place, ends, end)
            self.rows.setdefault("leg", []).append(
                {"movement_id": movement, "number": leg, "item_id": lot["item_id"], "lot_id": lot["id"],
                 "quantity": Decimal(chance.randint(1, 9)), **ends}
            )  # fmt: skip
        for organisation in chance.sample(self.organisations, chance.randint(1, 3)):
            self.add(
                "movement_party",
                organisation_id=organisation,
                movement_id=movement,
                topic=chance.choice(["MOVED", "MOVED", "MOVED", "SHORTFALL"]),
                relations=chance.randint(1, 127),
                occurred_at=when,
            )


ORDER = [
    "organisation", "item", "item_unit", "item_code", "principal", "membership", "listing", "place", "lot", "rights",
    "position", "availability", "agreement", "document", "movement", "leg", "movement_party", "claim", "inspection",
    "charge", *definitions.TABLES, *devices.TABLES, *work.TABLES, *recognition.TABLES,
    *demand.TABLES, *supply.TABLES,
]  # fmt: skip


async def put(connection: Any, rows: Rows) -> None:
    """Write a world's rows."""
    for table in ORDER:
        given = rows.get(table, [])
        if given:
            names = list(given[0])
            records = [tuple(row[name] for name in names) for row in given]
            await connection.copy_records_to_table(table, records=records, columns=names)
    await connection.execute("update facts_version set version = version + 1")


async def read(connection: Any) -> Rows:
    """Read all rows of the tables that the oracle judges by."""
    found = {}
    for table in ORDER:
        source = "(select s.code as id, s.* from state s)" if table == "state" else f'"{table}"'
        found[table] = [dict(row) for row in await connection.fetch(f"select * from {source} r")]
    return found
