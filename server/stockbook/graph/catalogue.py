"""Who and what there is: organisations, items and their units, listings, places, lots."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from strawberry import ID

from stockbook.access.masks import ALL, Relation
from stockbook.graph.declare import (
    HOLDERS,
    NETWORK,
    OWN,
    Connection,
    Node,
    Scope,
    column,
    each,
    identity,
    many,
    one,
    shape,
)

if TYPE_CHECKING:
    from stockbook.graph.definitions import Guard, Overlay, State
    from stockbook.graph.history import Inspection, Movement
    from stockbook.graph.stock import Availability, Position

_OF_LOT = "select 1 from position x where x.item_id = {p}.item_id and x.lot_id = {p}.id"
_MOVED = "{{c}}.id in (select g.movement_id from leg g where g.{} = {{p}}.id and {{seen_leg}})"
"""A movement that one is party to may have legs that one doesn't see: those lead nobody to it."""
_BY_REFERENCE = "(select r.id from {table} r where r.external_reference = {{ref}})"


@shape(
    scope=Scope.NETWORK,
    table="organisation",
    visible=NETWORK,
    where="{p}.id <> 0",
    roots=("organisation", "organisations"),
    reference=_BY_REFERENCE.format(table="organisation"),
)
class Organisation(Node):
    """A party of the network: a farm, a carrier, a kitchen, a shop."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What its own systems call it.", sort=True)
    name: str | None = column("{p}.name", "What people call it.", sort=True)
    kind: str | None = column("{p}.kind", "COOPERATIVE, CARRIER, KITCHEN, SHOP, SUPPLIER, ...", sort=True)
    places: "Connection[Place] | None" = many("{c}.organisation_id = {p}.id", "Its places, as far as you may see them.")
    states: "Connection[State] | None" = many("{c}.organisation_id = {p}.id", "States of its own, when it is yours.")
    overlays: "Connection[Overlay] | None" = many(
        "{c}.organisation_id = {p}.id", "Overlays of its own, when it is yours."
    )
    guards: "Connection[Guard] | None" = many("{c}.organisation_id = {p}.id", "Guards of its own, when it is yours.")


@shape(
    scope=Scope.NETWORK,
    table="item",
    visible=NETWORK,
    where="{p}.id <> 0",
    pointed=False,
    roots=("item", "items"),
    reference=_BY_REFERENCE.format(table="item"),
)
class Item(Node):
    """A kind of goods, known to the whole network."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What its registrar calls it.", sort=True)
    gtin: str | None = column("{p}.gtin", "Global Trade Item Number (GS1 AI 01).")
    name: str | None = column("{p}.name", "What people call it.", sort=True)
    category: str | None = column("{p}.category", "The category it is traded in.", sort=True)
    base_unit: str | None = column("{p}.base_unit", "The unit that quantities of it are counted in.")
    decimals: int | None = column("{p}.decimals", "Digits after the point that a quantity of it may have.")
    inspected: bool | None = column("{p}.inspected", "Whether an inspection must have passed before it is put away.")
    udi: bool | None = column("{p}.udi", "Whether it is a medical device: it comes in with its production identifier.")
    risk_class: str | None = column("{p}.risk_class", "Of a medical device: I, II or III.", null=True)
    udi_from: date | None = column(
        "{p}.udi_from", "Since when devices like it are made with a UDI, where that differs from its class.", null=True
    )
    brand: str | None = column("{p}.brand", "Its brand (GS1 brand name).", null=True)
    style: str | None = column(
        "{p}.style", "Its product line: goods of one brand and style look alike, only their code tells.", null=True
    )
    size: str | None = column("{p}.size", "What it is among those: net content, size or variant.", null=True)
    registrar: "Organisation | None" = one("{p}.registrar_id", "Who made it known.")
    units: "list[ItemUnit] | None" = each("{c}.item_id = {p}.id", "Its other units.", order="{c}.unit")
    codes: "list[ItemCode] | None" = each(
        "{c}.item_id = {p}.id", "Its barcodes: everybody's, and your own.", order="{c}.id"
    )
    lots: "Connection[Lot] | None" = many("{c}.item_id = {p}.id", "Its lots.")
    positions: "Connection[Position] | None" = many("{c}.item_id = {p}.id", "Where it lies.")
    availabilities: "Connection[Availability] | None" = many("{c}.item_id = {p}.id", "What may be promised, by shelf.")
    movements: "Connection[Movement] | None" = many(
        _MOVED.format("item_id"), "What moved of it, as far as you were party to it."
    )
    listings: "Connection[Listing] | None" = many("{c}.item_id = {p}.id", "What you alone know of it.")


@shape(
    scope=Scope.NETWORK,
    table="item_unit",
    visible=NETWORK,
    present="{p}.item_id",
    locate="{p}.item_id = {first}::bigint and {p}.unit = {rest}",
)
class ItemUnit(Node):
    """A packaging or other unit of an item."""

    id: ID = identity("concat({p}.item_id, '-', {p}.unit)")
    unit: str | None = column("{p}.unit", "Its name: box, case, lb.")
    factor: Decimal | None = column("{p}.factor", "How many base units it is.")


@shape(scope=Scope.NETWORK, table="item_code", visible={ALL: "{p}.organisation_id in (0, {me})"})
class ItemCode(Node):
    """A barcode that means an item, in one of its units."""

    id: ID = identity()
    code: str | None = column("{p}.code", "What is printed: a GTIN, or a number of somebody's own.")
    unit: str | None = column("nullif({p}.unit, '')", "The unit that has it; none for the base unit.", null=True)
    own: bool | None = column("({p}.organisation_id <> 0)", "Whether it means this to your organisation only.",
                              null=False)  # fmt: skip


@shape(scope=Scope.PRIVATE, table="listing", visible=OWN, roots=("listing", "listings"))
class Listing(Node):
    """What your organisation alone knows of an item."""

    id: ID = identity()
    item: "Item | None" = one("{p}.item_id", "The item.")
    sku: str | None = column("{p}.sku", "Your own number of it.", sort=True)
    price: Decimal | None = column("{p}.price", "What you sell it for, a base unit.", sort=True)
    cost: Decimal | None = column("{p}.cost", "What you pay for it, a base unit.", sort=True)
    currency: str | None = column("{p}.currency", "Of price and cost (ISO 4217).")


@shape(
    scope=Scope.NETWORK,
    table="place",
    visible={
        ALL: "({p}.public or {p}.organisation_id = {me}"
        " or exists (select 1 from position x where x.place_id = {p}.id and x.rights_id = any({rights}) offset 0)"
        " or exists (select 1 from position x where x.site_id = {p}.id and x.rights_id = any({rights}) offset 0)"
        " or exists (select 1 from availability a where a.site_id = {p}.id"
        " and (a.seller_id = {me} or a.seller_id = any({givers})) offset 0))"
    },
    where="{p}.id <> 0",
    pointed=False,
    roots=("place", "places"),
    reference=_BY_REFERENCE.format(table="place"),
)
class Place(Node):
    """Where goods are: a site, a bin, a vehicle, a pallet, a shipment, a production order."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What its organisation calls it.", sort=True)
    name: str | None = column("{p}.name", "What people call it.", sort=True)
    kind: str | None = column("{p}.kind", "SITE, BIN, VEHICLE, PALLET, TOTE, SHIPMENT, PRODUCTION, or a virtual one.")
    organisation: "Organisation | None" = one("{p}.organisation_id", "Who hosts what lies there.")
    parent: "Place | None" = one("{p}.parent_id", "The place it is in.")
    site: "Place | None" = one("{p}.site_id", "The site it is at.")
    bound_for: "Place | None" = one("{p}.bound_for_id", "The site that what lies there is on its way to.")
    public: bool | None = column("{p}.public", "Whether the whole network knows it.")
    places: "Connection[Place] | None" = many("{c}.parent_id = {p}.id", "The places in it.")
    positions: "Connection[Position] | None" = many("{c}.place_id = {p}.id", "What lies there.")
    availabilities: "Connection[Availability] | None" = many("{c}.site_id = {p}.id", "What may be promised from there.")


@shape(
    scope=Scope.SHARED,
    table="lot",
    visible={
        Relation.OWNER: "{p}.producer_id = {me}",
        HOLDERS: f"exists ({_OF_LOT} and x.rights_id = any({{rights}}) offset 0)",
        Relation.HOST: f"exists ({_OF_LOT} and x.host_id = {{me}} offset 0)",
    },
    where="{p}.id <> 0",
    roots=("lot", "lots"),
)
class Lot(Node):
    """Goods of one make. Whoever produced it, holds it or once held it sees it."""

    id: ID = identity()
    item: "Item | None" = one("{p}.item_id", "What it is of.")
    category: str | None = column(
        "(select t.category from item t where t.id = {p}.item_id)", "The category its item is traded in.",
        null=True, sort=True,
    )  # fmt: skip
    code: str | None = column(
        "{p}.code", "What its producer calls it (GS1 AI 10; a serial is a lot of one).", sort=True
    )
    producer: "Organisation | None" = one("{p}.producer_id", "Who made it.")
    produced_on: date | None = column("{p}.produced_on", "When it was made.", sort=True)
    expiry: date | None = column("{p}.expiry", "Until when it may be sold (GS1 AI 17).", sort=True)
    positions: "Connection[Position] | None" = many("{c}.item_id = {p}.item_id and {c}.lot_id = {p}.id", "Where it is.")
    inspections: "list[Inspection] | None" = each(
        "{c}.lot_id = {p}.id", "What inspections of it found.", order="{c}.id"
    )
    movements: "Connection[Movement] | None" = many(
        _MOVED.format("lot_id"), "What happened to it, as far as you were party to it."
    )
