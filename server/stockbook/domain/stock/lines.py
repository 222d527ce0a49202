"""What each verb is told: one frozen dataclass a verb, from which the graph's inputs are made.

A lot is its code beside the item. A quantity is above zero, in `unit` when one
is given, else in the item's base unit. What is left out is chosen: lots by
first expired, first out.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.references import ClaimRef, DocumentRef, ItemRef, MovementRef, OrganisationRef, PlaceRef
from stockbook.domain.stock.verbs import Verb


class Against(StrEnum):
    """What a promise counts on: goods that are there, or also those on their way."""

    ON_HAND = "ON_HAND"
    INBOUND = "INBOUND"


class HoldName(StrEnum):
    """A blocking overlay."""

    FROZEN = "FROZEN"
    RECALLED = "RECALLED"
    COUNTING = "COUNTING"
    EXCURSION = "EXCURSION"


@dataclass(frozen=True, slots=True)
class Expect:
    """Goods announced for a place. Whose they will be: the own organisation's where nothing is said."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    expiry: date | None = None
    source: PlaceRef | None = None
    owner: OrganisationRef | None = None
    custodian: OrganisationRef | None = None
    disposer: OrganisationRef | None = None
    seller: OrganisationRef | None = None


@dataclass(frozen=True, slots=True)
class Receive:
    """Goods that came in: from the place where they were expected or in transit, or straight from outside."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    expiry: date | None = None
    source: PlaceRef | None = None
    owner: OrganisationRef | None = None
    custodian: OrganisationRef | None = None
    disposer: OrganisationRef | None = None
    seller: OrganisationRef | None = None


@dataclass(frozen=True, slots=True)
class Inspect:
    """An inspection begun (passed left out) or ended: passed goods await putting away, others are quarantined."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class PutAway:
    """Goods brought from where they came in to where they are sold from (or await processing)."""

    item: ItemRef
    quantity: Decimal
    source: PlaceRef
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Goods moved between places (`item`, `quantity`, `source`), or a whole pallet or vehicle (`unit_place`).

    `state` is the state they are in afterwards; left out they keep theirs.
    """

    place: PlaceRef
    item: ItemRef | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    lot: str | None = None
    source: PlaceRef | None = None
    state: str | None = None
    unit_place: PlaceRef | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Goods given to a vehicle or shipment that is bound for a site; rights pass as agreed."""

    item: ItemRef
    quantity: Decimal
    source: PlaceRef
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    claim: ClaimRef | None = None


@dataclass(frozen=True, slots=True)
class Arrive:
    """Goods in transit that arrived; rights pass as agreed."""

    item: ItemRef
    quantity: Decimal
    source: PlaceRef
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What goes into the work."""

    item: ItemRef
    quantity: Decimal
    source: PlaceRef
    unit: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What comes out of the work, a new lot."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    expiry: date | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """What of the ingredients was lost on the way."""

    item: ItemRef
    quantity: Decimal
    unit: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Transform:
    """Work at a production place: ingredients in, products out, the loss among the ingredients named."""

    place: PlaceRef
    inputs: tuple[Ingredient, ...]
    outputs: tuple[Product, ...]
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Reserve:
    """A promise of goods at a site: of any that sell there, or, with a place or lot, of these very ones."""

    item: ItemRef
    quantity: Decimal
    site: PlaceRef
    unit: str | None = None
    place: PlaceRef | None = None
    lot: str | None = None
    against: Against = Against.ON_HAND
    expires_at: datetime | None = None
    document: DocumentRef | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A promise made firm, or a part of it."""

    claim: ClaimRef
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A promise given back, or a part of it."""

    claim: ClaimRef
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sell:
    """Goods sold from a place, against a promise when one is named."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    claim: ClaimRef | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Goods a customer brought back; with the movement that sold them, they come back whose they were."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    unit: str | None = None
    lot: str | None = None
    movement: MovementRef | None = None


@dataclass(frozen=True, slots=True)
class ChangeState:
    """Goods that go from one state to another where they lie."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    from_state: str
    to_state: str
    unit: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Expire:
    """A lot whose expiry has passed; all of it when no quantity is named."""

    item: ItemRef
    lot: str
    place: PlaceRef
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Dispose:
    """Goods thrown away."""

    item: ItemRef
    quantity: Decimal
    place: PlaceRef
    state: str
    unit: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted, blind; `expected` is the book quantity seen before, and refused when it moved since.

    `drafted` is what recognition had counted before, `drafted_by` the sha256 of the model that did.
    """

    item: ItemRef
    place: PlaceRef
    counted: Decimal
    expected: Decimal
    lot: str | None = None
    state: str = "SELLABLE"
    drafted: Decimal | None = None
    drafted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A right passed by hand: on all that lies in a place, or on one item, lot or quantity there."""

    right: Right
    organisation: OrganisationRef
    place: PlaceRef
    item: ItemRef | None = None
    lot: str | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PutOnHold:
    """An overlay laid over goods; over all of them when no quantity is named.

    It is a built-in one that blocks, or by its name one of your `own`.
    """

    item: ItemRef
    place: PlaceRef
    overlay: HoldName | None = None
    own: str | None = None
    lot: str | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Unhold:
    """An overlay taken off: a built-in one that blocks, or by its name one of your `own`."""

    item: ItemRef
    place: PlaceRef
    overlay: HoldName | None = None
    own: str | None = None
    lot: str | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reverse:
    """A movement undone by its exact opposite; with `rest` an announcement, as far as its goods have not come."""

    movement: MovementRef
    rest: bool = False


Line = (
    Expect
    | Receive
    | Inspect
    | PutAway
    | Move
    | Dispatch
    | Arrive
    | Transform
    | Reserve
    | Commit
    | Release
    | Sell
    | Return
    | ChangeState
    | Expire
    | Dispose
    | Count
    | Grant
    | PutOnHold
    | Unhold
    | Reverse
)

LINES: dict[Verb, type[Line]] = {
    Verb.EXPECT: Expect,
    Verb.RECEIVE: Receive,
    Verb.INSPECT: Inspect,
    Verb.PUT_AWAY: PutAway,
    Verb.MOVE: Move,
    Verb.DISPATCH: Dispatch,
    Verb.ARRIVE: Arrive,
    Verb.TRANSFORM: Transform,
    Verb.RESERVE: Reserve,
    Verb.COMMIT: Commit,
    Verb.RELEASE: Release,
    Verb.SELL: Sell,
    Verb.RETURN: Return,
    Verb.CHANGE_STATE: ChangeState,
    Verb.EXPIRE: Expire,
    Verb.DISPOSE: Dispose,
    Verb.COUNT: Count,
    Verb.GRANT: Grant,
    Verb.HOLD: PutOnHold,
    Verb.UNHOLD: Unhold,
    Verb.REVERSE: Reverse,
}
