"""Who and what there is: organisations, items, units, places, lots, agreements, documents."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import QUANTITY, Xid8, amount, key, maybe, moment, ref


class Organisation(SQLModel, table=True):
    """A party of the network. Row 0 is NONE."""

    id: int = key()
    external_reference: str = Field(unique=True)
    name: str
    kind: str
    """COOPERATIVE, CARRIER, KITCHEN, SHOP, SUPPLIER, OPERATOR, ..."""


class Item(SQLModel, table=True):
    """A kind of goods; known to the whole network. `changed`: the transaction that changed it, a unit or a code."""

    __table_args__ = (Index("item_changed", "changed", "id"),)
    id: int = key()
    external_reference: str = Field(unique=True)
    gtin: str | None = Field(default=None, unique=True)
    name: str
    category: str = Field(default="", index=True)
    base_unit: str
    decimals: int = Field(default=0)
    """Digits after the point that a quantity of it may have."""
    inspected: bool = Field(default=False)
    """Whether an inspection must have passed before it is put away."""
    udi: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether it is a medical device: it comes in with its production identifier, or not at all."""
    risk_class: str | None = None
    """I II III, of a medical device."""
    udi_from: date | None = None
    """Since when devices like it are made with a UDI, where that differs from its class."""
    brand: str | None = None
    style: str | None = None
    """Its product line: goods of one brand and style look alike, and only their code tells them apart."""
    size: str | None = None
    """What it is among those: net content, size or variant."""
    registrar_id: int = ref("organisation.id")
    changed: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))


class ItemUnit(SQLModel, table=True):
    """A packaging or other unit of an item: `factor` base units (a box of 12, a lb of .453592 kg)."""

    __tablename__ = "item_unit"
    item_id: int = ref("item.id", primary=True)
    unit: str = Field(primary_key=True)
    factor: Decimal = amount()


class ItemCode(SQLModel, table=True):
    """A barcode that means an item, in one of its units ('' is the base unit).

    Codes of organisation 0 are everybody's, others that organisation's own.
    `normal` is the code as it is looked up: a GTIN in fourteen digits.
    """

    __tablename__ = "item_code"
    __table_args__ = (UniqueConstraint("organisation_id", "normal"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    item_id: int = ref("item.id", index=True)
    code: str
    normal: str = Field(index=True)
    unit: str = ""


class Listing(SQLModel, table=True):
    """What an organisation alone knows of an item: its own SKU, price and cost."""

    __table_args__ = (UniqueConstraint("organisation_id", "item_id"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    item_id: int = ref("item.id")
    sku: str = ""
    price: Decimal | None = Field(default=None, sa_type=QUANTITY)
    cost: Decimal | None = Field(default=None, sa_type=QUANTITY)
    currency: str = "CNY"


class Place(SQLModel, table=True):
    """Where goods are: site, bin, vehicle, pallet, tote, shipment, production order, or a virtual place.

    `site_id` is the nearest SITE above (itself for a site) and is kept when a place
    moves; `bound_for_id` names the site that what lies here is on its way to.
    `changed` is the transaction that changed the row last.
    """

    __table_args__ = (Index("place_changed", "organisation_id", "changed", "id"),)
    id: int = key()
    organisation_id: int = ref("organisation.id", index=True)
    external_reference: str = Field(unique=True)
    name: str
    kind: str
    """SITE BIN VEHICLE PALLET TOTE SHIPMENT PRODUCTION; virtual: SUPPLIER CUSTOMER PROCESS LOSS DISCREPANCY"""
    parent_id: int | None = maybe("place.id")
    site_id: int | None = maybe(index=True)
    bound_for_id: int | None = maybe("place.id")
    public: bool = False
    strict: bool = True
    """Strict: a posting typed in without stock is refused. Loose: it goes through the discrepancy place."""
    changed: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))


class Lot(SQLModel, table=True):
    """Goods of one make: GS1 AI 10, with expiry AI 17. Row 0 is NONE."""

    __table_args__ = (UniqueConstraint("item_id", "code"),)
    id: int = key()
    item_id: int = ref("item.id")
    code: str
    producer_id: int = ref("organisation.id", index=True)
    produced_on: date | None = None
    expiry: date | None = Field(default=None, index=True)


class LotParent(SQLModel, table=True):
    """Genealogy: `quantity` of lot `parent_id` went into lot `lot_id`."""

    __tablename__ = "lot_parent"
    lot_id: int = ref("lot.id", primary=True)
    parent_id: int = ref("lot.id", primary=True, index=True)
    quantity: Decimal = amount()


class Agreement(SQLModel, table=True):
    """Says which right passes from whom to whom on which verb, or that `taker` may view `giver`'s goods.

    Null narrows nothing; the most specific agreement wins (item, then category,
    then place), and a tie is refused when the second is made.
    """

    id: int = key()
    giver_id: int = ref("organisation.id", index=True)
    taker_id: int = ref("organisation.id", index=True)
    verb: str | None = None
    """The verb on which `right` passes; null for a view."""
    right: str | None = None
    """OWNERSHIP CUSTODY DISPOSAL SALE; null with `views`."""
    item_id: int | None = maybe("item.id")
    category: str | None = None
    place_id: int | None = maybe("place.id")
    """Only where this place is the destination (or lies above it)."""
    views: bool = False
    charges: bool = False
    """Whether passing ownership leaves a charge to settle."""
    since: datetime | None = moment(nullable=True)
    until: datetime | None = moment(nullable=True)


class Document(SQLModel, table=True):
    """An order, delivery, receipt, count or production order that movements refer to."""

    __table_args__ = (UniqueConstraint("organisation_id", "external_reference"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    external_reference: str
    kind: str
    counterparty_id: int | None = maybe("organisation.id", index=True)
    created_at: datetime = moment(now=True)
    ordered_at: datetime = moment(now=True)
    """When what it asks for was ordered."""
    due_at: datetime | None = moment(nullable=True)
    """When that was promised."""


class StateRow(SQLModel, table=True):
    """A state; `base` is the built-in one whose traits it has.

    The built-in ones are organisation 0's; others, from 100, are that organisation's
    own. `code` is what positions carry, `number` what the organisation counts it as.
    """

    __tablename__ = "state"
    __table_args__ = (UniqueConstraint("organisation_id", "name"), UniqueConstraint("organisation_id", "number"))
    code: int = Field(default=None, primary_key=True, sa_column_args=(Identity(start=100),))
    organisation_id: int = ref("organisation.id")
    number: int
    name: str
    label_en: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    label_zh: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    base: int
    may_become: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}")
    )


class OverlayRow(SQLModel, table=True):
    """An overlay that an organisation added; `meets` are the built-in states that it may lie over."""

    __tablename__ = "overlay"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    name: str
    label_en: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    label_zh: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    blocks: bool
    meets: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))


class OverlaySet(SQLModel, table=True):
    """Added overlays that lie over goods together: positions carry its number. Sets are made, never changed."""

    __tablename__ = "overlay_set"
    number: int = Field(default=None, primary_key=True, sa_column_args=(Identity(),))
    overlays: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False, unique=True))


class GuardRow(SQLModel, table=True):
    """A guard that an organisation added, before what is in `source` (0: any state) becomes `target`."""

    __tablename__ = "guard"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    name: str
    label_en: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    label_zh: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    source: int
    target: int
    match: str
    """ALL or ANY of its conditions."""


class ConditionRow(SQLModel, table=True):
    """One thing that a guard asks for."""

    __tablename__ = "guard_condition"
    guard_id: int = ref("guard.id", primary=True)
    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    fact: str
    number: Decimal | None = Field(default=None, sa_type=QUANTITY, nullable=True)
    text: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
