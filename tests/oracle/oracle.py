"""Who sees which rows and which fields: worked out from the tables' rows and the policy files, one row at a time.

Plain Python, written from the rules and not from the code; it imports nothing
of `stockbook`. A query is a tree of `Pick`s; `Oracle.answer` gives the answer
that somebody must get, with the paths of the fields that his roles never show.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.oracle.definitions import transitions
from tests.oracle.facts import TYPES
from tests.oracle.policy import ALL, Policy
from tests.oracle.supply import substitutes
from tests.oracle.work import counted_lines

PREFIX = "gid://stockbook/"
RIGHTS = {"owner_id": "OWNER", "custodian_id": "CUSTODIAN", "disposer_id": "DISPOSER", "seller_id": "SELLER"}
BITS = {"OWNER": 1, "CUSTODIAN": 2, "DISPOSER": 4, "SELLER": 8, "HOST": 16, "VIEWER": 32, "POSTER": 64}
OWN = {
    "Listing", "Membership", "Device", "Wipe", "Overlay", "Guard", "DeviceRecognition", "GalleryPack", "Substitution",
    "Replenishment", "DeliveryStability", "ServiceLevel",
}  # fmt: skip
"""Types of which everybody sees his own rows."""
OWN_AT_SITES = {
    "Count", "CountedLine", "Forecast", "ForecastOverride", "Threshold", "Proposal", "Substitute", "Trial", "Clearance",
}  # fmt: skip
"""Types of which he whose role is limited to sites sees those of his sites."""
PAGE = 50
GROUPS = 100


class Refused(Exception):
    """The whole request is refused: it filters, sorts or groups by what the roles never show."""


@dataclass
class Pick:
    """A field that is asked for: its arguments and what is asked below it."""

    name: str
    args: dict[str, Any] = field(default_factory=dict)
    below: list["Pick"] | None = None


class World:
    """The rows of all tables."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]]) -> None:
        worked_out = {
            "transition": transitions(tables["state"]),
            "substitute": substitutes(tables),
            "counted_line": counted_lines(tables),
        }
        self.tables = tables = {**tables, **worked_out}
        self.asker = 0
        """Who asks: some figures count one's own devices."""
        self.sees_leg: Callable[[Any], bool] = bool
        """Whether the asker sees a leg: it leads him to its movement."""
        self.of_lot: dict[tuple[int, int], list[dict[str, Any]]] = {}
        for row in tables["position"]:
            self.of_lot.setdefault((row["item_id"], row["lot_id"]), []).append(row)
        self.legs: dict[int, list[dict[str, Any]]] = {}
        for leg in tables["leg"]:
            self.legs.setdefault(leg["movement_id"], []).append(leg)
        self.by_id = {
            name: {row["id"]: row for row in rows} for name, rows in tables.items() if rows and "id" in rows[0]
        }


class Oracle:
    """What one principal sees of a world."""

    def __init__(
        self, world: World, folder: Path, organisation: int, actor: int, roles: set[str], sites: tuple[int, ...] = ()
    ) -> None:
        self.world = world
        self.policy = Policy(folder, roles)
        self.me = world.asker = organisation
        self.actor = actor
        self.sites = set(sites)
        world.sees_leg = lambda leg: self.visible("Leg", leg)
        rows = world.tables
        self.givers = {a["giver_id"] for a in rows["agreement"] if a["views"] and a["taker_id"] == organisation}
        self.rights = {row["id"]: self._of_rights(row) for row in rows["rights"]}
        self.party = {
            each["movement_id"]: {name for name, bit in BITS.items() if each["relations"] & bit}
            for each in rows["movement_party"]
            if each["organisation_id"] == organisation and each["topic"] == "MOVED"
        }
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._places: set[int] | None = None
        self._rows: dict[str, list[Any]] = {}

    def _of_rights(self, row: dict[str, Any]) -> frozenset[str]:
        if row["id"] == 0:
            return frozenset()
        held = {name for column, name in RIGHTS.items() if row[column] == self.me}
        if any(row[column] in self.givers for column in RIGHTS):
            held.add("VIEWER")
        return frozenset(held)

    # what a row is to me

    def related(self, kind: str, row: Any) -> frozenset[str]:
        """Return my relations to a row that exists for me; none when it doesn't."""
        name = (kind, TYPES[kind].key(row))
        if name not in self._known:
            self._known[name] = frozenset(self._related(kind, row))
        return self._known[name]

    def _related(self, kind: str, row: Any) -> set[str] | frozenset[str]:
        mine = self.me
        if kind in OWN or kind in OWN_AT_SITES:
            away = kind in OWN_AT_SITES and self._elsewhere(row["site_id"])
            return ALL if row["organisation_id"] == mine and not away else set()
        match kind:
            case "Organisation" | "Item":
                return ALL if row["id"] else set()
            case "ItemUnit":
                return ALL
            case "ItemCode" | "State" | "Transition":
                return ALL if row["organisation_id"] in (0, mine) else set()
            case "GuardCondition":
                return self.related("Guard", self.world.by_id["guard"][row["guard_id"]])
            case "Task":
                return ALL if row["organisation_id"] == mine and not self._afar(row["place_id"]) else set()
            case "ModelVersion":
                return ALL if row["organisation_id"] == mine or row["network"] else set()
            case "RollOutStep":
                version = self.world.by_id["model_version"][row["model_version_id"]]
                return ALL if version["organisation_id"] == mine else set()
            case "RecognitionSample":
                hidden = row["site_id"] is not None and self._elsewhere(row["site_id"])
                return ALL if row["organisation_id"] == mine and not hidden else set()
            case "SampleEvent":
                return self.related("RecognitionSample", self.world.by_id["recognition_sample"][row["sample_id"]])
            case "TaskLine":
                return self.related("Task", self.world.by_id["task"][row["task_id"]])
            case "Influence":
                hidden = row["site_id"] is not None and self._elsewhere(row["site_id"])
                return ALL if (row["organisation_id"] == mine or row["network"]) and not hidden else set()
            case "InfluencePoint":
                return self.related("Influence", self.world.by_id["influence"][row["influence_id"]])
            case "OverrideScore":
                return self.related("ForecastOverride", self.world.by_id["forecast_override"][row["override_id"]])
            case "Principal":
                members = self.world.tables["membership"]
                mate = any(m["principal_id"] == row["id"] and m["organisation_id"] == mine for m in members)
                return ALL if mate or row["id"] == self.actor else set()
            case "Place":
                return ALL if row["public"] or row["organisation_id"] == mine or row["id"] in self.places() else set()
            case "Position":
                if not row["quantity"] > 0 or self._elsewhere(row["site_id"]):
                    return set()
                return self.of_position(row)
            case "Availability":
                return set() if self._elsewhere(row["site_id"]) else self._seller(row, host=row["host_id"])
            case "Lot":
                return self.of_lot(row["item_id"], row["id"]) if row["id"] else set()
            case "Inspection":
                return self.of_lot(row["item_id"], row["lot_id"], row["place_id"])
            case "Movement":
                return set() if self.sites and not self._at_sites(row["id"]) else self.party.get(row["id"], set())
            case "Leg":
                return self.of_end(row, "source") | self.of_end(row, "target")
            case "Claim":
                site = self.world.by_id["place"][row["site_id"]]
                found = {"SELLER"} if row["seller_id"] == mine else set()
                found |= {"HOST"} if site["organisation_id"] == mine else set()
                paper = self.world.by_id["document"].get(row["document_id"]) if row["document_id"] else None
                viewer = paper and mine in (paper["organisation_id"], paper["counterparty_id"])
                return found | ({"VIEWER"} if viewer else set())
            case "Document":
                return self._pair(row, POSTER="organisation_id", VIEWER="counterparty_id")
            case "Agreement":
                return self._pair(row, OWNER="giver_id", VIEWER="taker_id")
            case "Charge":
                return self._pair(row, OWNER="creditor_id", VIEWER="debtor_id")
        raise AssertionError(kind)

    def _pair(self, row: Any, **columns: str) -> set[str]:
        return {relation for relation, column in columns.items() if row[column] == self.me}

    def _seller(self, row: Any, host: int) -> set[str]:
        found = self._pair(row, SELLER="seller_id") | ({"HOST"} if host == self.me else set())
        return found | ({"VIEWER"} if row["seller_id"] in self.givers else set())

    def of_position(self, row: Any) -> set[str]:
        return set(self.rights[row["rights_id"]]) | ({"HOST"} if row["host_id"] == self.me else set())

    def of_end(self, row: Any, end: str) -> set[str]:
        host = {"HOST"} if row[f"{end}_host_id"] == self.me else set()
        return set(self.rights[row[f"{end}_rights_id"]]) | host

    def of_lot(self, item: int, lot: int, place: int | None = None) -> set[str]:
        """Who produced it is its owner; else what one is to any position it ever had."""
        found: set[str] = set()
        if self.world.by_id["lot"][lot]["producer_id"] == self.me:
            found.add("OWNER")
        for row in self.world.of_lot.get((item, lot), []):
            if lot or place is None or row["place_id"] == place:
                found |= self.of_position(row)
        return found

    def places(self) -> set[int]:
        """Return where goods of mine, or that I may view, lie or lay or are counted for."""
        if self._places is None:
            self._places = set()
            for row in self.world.tables["position"]:
                if self.rights[row["rights_id"]]:
                    self._places |= {row["place_id"], row["site_id"]}
            for row in self.world.tables["availability"]:
                if row["seller_id"] == self.me or row["seller_id"] in self.givers:
                    self._places.add(row["site_id"])
        return self._places

    def _elsewhere(self, site: int | None) -> bool:
        return bool(self.sites) and site not in self.sites

    def _afar(self, place: int | None) -> bool:
        if place is None:
            return False
        row = self.world.by_id["place"][place]
        return self._elsewhere(row["bound_for_id"] or row["site_id"])

    def _at_sites(self, movement: int) -> bool:
        ends = [
            self.world.by_id["place"][leg[f"{end}_place_id"]]
            for leg in self.world.legs.get(movement, [])
            for end in ("source", "target")
        ]
        return any((place["bound_for_id"] or place["site_id"]) in self.sites for place in ends)

    # what of it shows

    def seen(self, kind: str) -> frozenset[str]:
        return self.policy.shows(f"{kind}.id")

    def visible(self, kind: str, row: Any) -> bool:
        return bool(self.related(kind, row) & self.seen(kind))

    def shows(self, kind: str, name: str, relations: frozenset[str]) -> bool:
        return bool(self.policy.shows(f"{kind}.{name}") & relations)

    def never(self, kind: str, name: str) -> bool:
        """Return whether these roles show the field of no row, whatever one is to it (one may be several things)."""
        return not self.policy.shows(f"{kind}.{name}") & POSSIBLE[kind]

    def rows(self, kind: str) -> list[Any]:
        if kind not in self._rows:
            rows = self.world.tables[TYPES[kind].table]
            self._rows[kind] = [row for row in rows if self.visible(kind, row)]
        return self._rows[kind]

    def find(self, kind: str, row_id: Any) -> Any:
        row = self.world.by_id[TYPES[kind].table].get(row_id) if row_id is not None else None
        return row if row is not None and self.visible(kind, row) else None

    def value(self, kind: str, row: Any, name: str) -> Any:
        """Return a field as filters, sorts and sums know it: what doesn't show is null."""
        if not self.shows(kind, name, self.related(kind, row)):
            return None
        return TYPES[kind].fields[name].read(self.world, row)


SHARED = {
    "Position": "OWNER CUSTODIAN DISPOSER SELLER VIEWER HOST",
    "Availability": "SELLER HOST VIEWER",
    "Claim": "SELLER HOST VIEWER",
    "Leg": "OWNER CUSTODIAN DISPOSER SELLER VIEWER HOST",
    "LegEnd": "OWNER CUSTODIAN DISPOSER SELLER VIEWER HOST",
    "Lot": "OWNER CUSTODIAN DISPOSER SELLER VIEWER HOST",
    "Inspection": "OWNER CUSTODIAN DISPOSER SELLER VIEWER HOST",
    "Document": "POSTER VIEWER",
    "Agreement": "OWNER VIEWER",
    "Charge": "OWNER VIEWER",
}
POSSIBLE = {kind: frozenset(SHARED[kind].split()) if kind in SHARED else ALL for kind in TYPES}
"""The relations that one can have to a row of a type at all."""


def said(value: Any) -> Any:
    """Return a value as the answer says it."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
