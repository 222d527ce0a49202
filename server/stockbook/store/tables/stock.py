"""What lies where, what moved, and who may know: written only by the posting function."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import Xid8, amount, key, maybe, moment, ref


class RightsRow(SQLModel, table=True):
    """One interned set of holders. Row 0 is nobody's."""

    __tablename__ = "rights"
    __table_args__ = (UniqueConstraint("owner_id", "custodian_id", "disposer_id", "seller_id"),)
    id: int = key()
    owner_id: int = ref("organisation.id")
    custodian_id: int = ref("organisation.id")
    disposer_id: int = ref("organisation.id")
    seller_id: int = ref("organisation.id")


class Position(SQLModel, table=True):
    """A quantity under its key. Rows stay when emptied; only real places have any.

    `host_id` (the place's organisation) and `site_id` (bound-for site, else the
    place's site) are copied for scope and filters. `claimed` is the sum of hard claims.
    """

    __table_args__ = (
        UniqueConstraint("item_id", "lot_id", "place_id", "state", "holds", "rights_id"),
        CheckConstraint("quantity >= 0", name="position_not_negative"),
        Index("position_place_item", "place_id", "item_id"),
        Index("position_rights", "rights_id", "id"),
        Index("position_host", "host_id", "id"),
        Index("position_site", "site_id", "rights_id"),
        Index("position_place_rights", "place_id", "rights_id"),
    )
    id: int = key()
    item_id: int = ref("item.id")
    lot_id: int = ref("lot.id", none=True)
    place_id: int = ref("place.id")
    state: int
    holds: int = 0
    rights_id: int = ref("rights.id")
    quantity: Decimal = amount()
    claimed: Decimal = amount("0")
    host_id: int = ref()
    site_id: int | None = maybe()
    moved_at: datetime | None = moment(nullable=True)
    """When the latest movement here occurred: one that occurred before it comes late."""


class Availability(SQLModel, table=True):
    """The projection a promise is checked and locked on; see `domain.stock.movement.Tally`."""

    __table_args__ = (
        UniqueConstraint("seller_id", "site_id", "item_id"),
        Index("availability_site", "site_id", "item_id"),
    )
    id: int = key()
    seller_id: int = ref("organisation.id")
    site_id: int = ref("place.id")
    item_id: int = ref("item.id", index=True)
    host_id: int = ref()
    on_hand: Decimal = amount("0")
    inbound: Decimal = amount("0")
    held: Decimal = amount("0")
    reserved: Decimal = amount("0")
    changed_at: datetime = moment(now=True)


class Movement(SQLModel, table=True):
    """The journal: one row an event, never changed. (organisation, key, line) is its idempotency key.

    The journal's tables have no foreign keys: only the posting function writes
    them, a check of five keys a row costs a quarter of the rate, and `verify`
    holds them true.
    """

    __table_args__ = (
        UniqueConstraint("organisation_id", "key", "line"),
        Index("movement_occurred", "occurred_at", "id"),
    )
    id: int = key()
    organisation_id: int = ref()
    verb: str
    key: str
    line: int
    digest: bytes = Field(sa_column=Column(BYTEA, nullable=False))
    occurred_at: datetime = moment()
    recorded_at: datetime = moment(now=True)
    actor_id: int = ref()
    document_id: int | None = maybe(index=True)
    reverses_id: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    reason: str = ""


class Leg(SQLModel, table=True):
    """`quantity` of an item and lot from one position key to another."""

    __table_args__ = (
        Index("leg_item", "item_id", "movement_id"),
        Index("leg_lot", "lot_id", "movement_id", postgresql_where=text("lot_id <> 0")),
    )
    movement_id: int = ref(primary=True)
    number: int = Field(primary_key=True)
    item_id: int = ref()
    lot_id: int = ref(none=True)
    quantity: Decimal = amount()
    source_place_id: int = ref()
    source_state: int
    source_holds: int
    source_rights_id: int = ref()
    source_host_id: int = ref()
    target_place_id: int = ref()
    target_state: int
    target_holds: int
    target_rights_id: int = ref()
    target_host_id: int = ref()


class MovementParty(SQLModel, table=True):
    """Who was party to a movement: scope and paging of history, the outbox, and the stream.

    `relations` are bits (OWNER 1, CUSTODIAN 2, DISPOSER 4, SELLER 8, HOST 16, VIEWER 32,
    POSTER 64) of both ends together. `sequence` is filled by the sequencer in commit order, gapless an
    organisation.
    """

    __tablename__ = "movement_party"
    __table_args__ = (
        Index("movement_party_history", "organisation_id", "occurred_at", "movement_id"),
        Index("movement_party_waiting", "tx", "id", postgresql_where=text("sequence is null")),
        Index("movement_party_order", "tx", "id"),
        Index(
            "movement_party_stream",
            "organisation_id",
            "sequence",
            unique=True,
            postgresql_where=text("sequence is not null"),
        ),
        UniqueConstraint("movement_id", "organisation_id", "topic"),
    )
    id: int = key()
    organisation_id: int = ref()
    movement_id: int = ref()
    topic: str = "MOVED"
    """MOVED, or SHORTFALL when a hold or loss took the shelf below what is reserved."""
    relations: int
    occurred_at: datetime = moment()
    tx: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))
    sequence: int | None = Field(default=None, sa_type=BigInteger)


class Stream(SQLModel, table=True):
    """The head of each organisation's stream of signals."""

    organisation_id: int = ref("organisation.id", primary=True)
    head: int = Field(sa_type=BigInteger)


class Claim(SQLModel, table=True):
    """A promise of a quantity: soft on a shelf, hard on a position."""

    __table_args__ = (
        Index("claim_shelf", "seller_id", "site_id", "item_id", postgresql_where=text("state in ('OPEN','COMMITTED')")),
    )
    id: int = key()
    document_id: int | None = maybe("document.id", index=True)
    seller_id: int = ref("organisation.id")
    site_id: int = ref("place.id")
    item_id: int = ref("item.id")
    position_id: int | None = maybe("position.id")
    quantity: Decimal = amount()
    """What is still promised; zero once released, expired or fulfilled."""
    state: str
    """OPEN COMMITTED RELEASED EXPIRED FULFILLED"""
    expires_at: datetime | None = moment(nullable=True, index=True)
    made_by_id: int = ref("movement.id", index=True)


class InspectionRow(SQLModel, table=True):
    """The latest result of inspecting a lot at a place."""

    __tablename__ = "inspection"
    id: int = key()
    movement_id: int = ref("movement.id", index=True)
    item_id: int = ref("item.id")
    lot_id: int = ref("lot.id", index=True)
    place_id: int = ref("place.id")
    passed: bool


class GrantRow(SQLModel, table=True):
    """A right granted on a place tree or lot; a child with a grant of its own is skipped by its parent's."""

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("place_id", "lot_id", "right"),)
    id: int = key()
    place_id: int = ref("place.id")
    lot_id: int = ref("lot.id", none=True)
    right: str
    organisation_id: int = ref("organisation.id")
    movement_id: int = ref("movement.id")


class ChargeRow(SQLModel, table=True):
    """What a passing of ownership leaves to settle."""

    __tablename__ = "charge"
    id: int = key()
    movement_id: int = ref("movement.id", index=True)
    agreement_id: int = ref("agreement.id")
    item_id: int = ref("item.id")
    lot_id: int = ref("lot.id", none=True)
    quantity: Decimal = amount()
    debtor_id: int = ref("organisation.id", index=True)
    creditor_id: int = ref("organisation.id", index=True)


class PeriodClose(SQLModel, table=True):
    """Nothing that occurred before `closed_before` is posted for this organisation any more."""

    __tablename__ = "period_close"
    organisation_id: int = ref("organisation.id", primary=True)
    closed_before: datetime = moment()


class FactsVersion(SQLModel, table=True):
    """Counts changes of the facts that deciding reads (agreements, places, states); one row."""

    __tablename__ = "facts_version"
    id: int = Field(default=1, primary_key=True, sa_type=BigInteger)
    version: int = Field(sa_type=BigInteger)
