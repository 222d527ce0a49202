"""The three reads: as asked of Stockbook, of PostGraphile, and how their answers compare."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.bench.drive import Request
from tests.bench.load import FIRST, Size, host

STATES = (
    None, "EXPECTED", "IN_TRANSIT", "RECEIVED", "IN_INSPECTION", "AWAITING_PUTAWAY", "AWAITING_PROCESSING",
    "IN_PROCESSING", "SELLABLE", "QUARANTINED", "DAMAGED", "RETURNED", "EXPIRED",
)  # fmt: skip

Asker = tuple[int, int]
"""The organisation that asks and what it asks for, both as numbers of the loaded data."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One read; `peer` is the same for PostGraphile, `askers` who asks for what."""

    name: str
    words: str
    document: str
    peer: str
    askers: Callable[[Size], Iterator[Asker]]
    variable: str | None = None
    type: str = ""

    def asked(self, asker: Asker, token: str) -> Request:
        """Return the request to Stockbook."""
        variables = {self.variable: f"gid://stockbook/{self.type}/{FIRST + asker[1]}"} if self.variable else {}
        return Request("/graphql", _body(self.document, variables), token)

    def peer_asked(self, asker: Asker) -> Request:
        """Return the request to PostGraphile."""
        variables = {self.variable: str(FIRST + asker[1])} if self.variable else {}
        return Request("/graphql", _body(self.peer, variables), str(FIRST + asker[0]))

    def bare_asked(self, asker: Asker) -> Request:
        """Return the request to the bare route."""
        return Request(f"/{self.name}/{FIRST + asker[0]}/{FIRST + asker[1]}")


def _body(document: str, variables: dict[str, str]) -> str:
    return json.dumps({"query": " ".join(document.split()), "variables": variables})


def _hosts(size: Size) -> Iterator[Asker]:
    """Yield every site, asked for by its host."""
    yield from ((host(size, site), site) for site in range(size.sites))


def _watched(size: Size) -> Iterator[Asker]:
    """Yield items, asked for by the organisation that may view everybody's goods."""
    chance = random.Random(7)
    yield from ((0, chance.randrange(size.items)) for _ in range(1000))


def _everybody(size: Size) -> Iterator[Asker]:
    """Yield every organisation, asking for its history."""
    yield from ((organisation, 0) for organisation in range(size.organisations))


Q1 = Operation(
    "Q1",
    "one site's first 50 items with what is sellable now",
    """query Shelf($site: ID!) { availabilities(first: 50, filter: {site: {eq: $site}}) {
      nodes { sellableNow item { name gtin } site { name } } } }""",
    """query Shelf($site: BigInt!) { allAvailabilities(condition: {siteId: $site}, first: 50, orderBy: [ITEM_ID_ASC]) {
      nodes { sellableNow itemByItemId { name gtin } placeBySiteId { name } } } }""",
    _hosts,
    "site",
    "Place",
)
Q2 = Operation(
    "Q2",
    "one item's 40 positions at all places, with their hosts",
    """query Item($item: ID!) { item(id: $item) { name gtin positions(first: 100) {
      nodes { quantity state place { name organisation { name } } } } } }""",
    """query Item($item: BigInt!) { itemByRowId(rowId: $item) { name gtin
      positionsByItemId(first: 100, orderBy: [ROW_ID_ASC]) {
      nodes { quantity state placeByPlaceId { name organisationByOrganisationId { name } } } } } }""",
    _watched,
    "item",
    "Item",
)
Q3 = Operation(
    "Q3",
    "a page of 100 movements with their legs",
    """query History { movements(first: 100) { edges { cursor node { verb occurredAt actor { name }
      legs { quantity item { name gtin } source { place { name } } target { place { name } } } } }
      pageInfo { hasNextPage endCursor } } }""",
    """query History { allMovementParties(first: 100, orderBy: [OCCURRED_AT_DESC, MOVEMENT_ID_DESC]) { edges { cursor
      node { movementByMovementId { verb occurredAt principalByActorId { name } seenLegsByMovementId { nodes {
      quantity itemByItemId { name gtin } source { name } target { name } } } } } }
      pageInfo { hasNextPage endCursor } } }""",
    _everybody,
)
OPERATIONS = (Q1, Q2, Q3)


def told(answer: bytes) -> Any:
    """Return what Stockbook's answer says, in a form that both servers' answers can be brought to."""
    return _plain(json.loads(answer)["data"])


def peer_told(answer: bytes) -> Any:
    """Return what PostGraphile's answer says, under Stockbook's names."""
    return _plain(_renamed(json.loads(answer)["data"]))


_NAMES = {
    "allAvailabilities": "availabilities",
    "itemByItemId": "item",
    "placeBySiteId": "site",
    "itemByRowId": "item",
    "positionsByItemId": "positions",
    "placeByPlaceId": "place",
    "organisationByOrganisationId": "organisation",
    "allMovementParties": "movements",
    "principalByActorId": "actor",
    "seenLegsByMovementId": "legs",
}


def _renamed(value: Any) -> Any:
    match value:
        case {"movementByMovementId": movement}:
            return _renamed(movement)
        case {"seenLegsByMovementId": {"nodes": legs}, **rest}:
            return {**_renamed(rest), "legs": [_leg(each) for each in legs]}
        case dict():
            return {_NAMES.get(key, key): _renamed(inner) for key, inner in value.items()}
        case list():
            return [_renamed(each) for each in value]
    return value


def _leg(leg: dict[str, Any]) -> dict[str, Any]:
    ends = {end: {"place": leg[end]} if leg[end] else None for end in ("source", "target")}
    return {"quantity": leg["quantity"], "item": leg["itemByItemId"], **ends}


def _plain(value: Any, key: str = "") -> Any:
    """Bring numbers, times, states and cursors (each server has its own) to one form."""
    match value:
        case dict():
            return {name: _plain(inner, name) for name, inner in value.items()}
        case list():
            return [_plain(each) for each in value]
        case str() if key in {"quantity", "sellableNow"}:
            return Decimal(value)
        case str() if key == "occurredAt":
            return datetime.fromisoformat(value)
        case str() if key in {"cursor", "endCursor"}:
            return ...
        case int() if key == "state":
            return STATES[value]
    return value
