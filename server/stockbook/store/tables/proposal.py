"""What forecasts propose to order, and what became of it."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import QUANTITY, Xid8, amount, key, maybe, moment, ref


class Proposal(SQLModel, table=True):
    """So much of an item for a site, with the figures it was proposed by; of one shelf at most one is open."""

    __table_args__ = (
        Index(
            "proposal_open",
            "organisation_id",
            "site_id",
            "item_id",
            unique=True,
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("proposal_shelf", "organisation_id", "site_id", "item_id", "id"),
        Index("proposal_changed", "organisation_id", "changed"),
        Index("proposal_waiting", "id", postgresql_where=text("state = 'ACCEPTED' and movement_id is null")),
        Index(
            "proposal_withdrawing",
            "id",
            postgresql_where=text("state = 'DISMISSED' and movement_id is not null and withdrawal_id is null"),
        ),
    )
    id: int = key()
    organisation_id: int = ref("organisation.id")
    site_id: int = ref("place.id")
    item_id: int = ref("item.id")
    state: str = Field(default="OPEN", sa_column_kwargs={"server_default": "OPEN"})
    """OPEN ACCEPTED DISMISSED SUPERSEDED"""
    quantity: Decimal = amount()
    needed: Decimal = amount()
    """What is missing to the ceiling, before it is rounded up to whole packs."""
    order_unit: str = Field(default="", sa_column_kwargs={"server_default": ""})
    multiple: Decimal = amount("0")
    minimum: Decimal = amount("0")
    """The packs that one orders in, in the base unit; 0 where nothing is said."""
    position: Decimal = amount()
    """What was there or coming, less what was promised."""
    horizon: float
    service_level: float
    expected: float
    safety_stock: float
    reorder_point: float
    ceiling: float
    """The threshold as it was, with what people said: a later one explains nothing."""
    moved: float = Field(default=0.0, sa_column_kwargs={"server_default": text("0")})
    override_id: int | None = maybe("forecast_override.id")
    """By how much people moved what is expected, and the first override that did."""
    supplier_id: int | None = maybe("organisation.id")
    """Who delivered it most often; of an accepted one, whom it was ordered from."""
    opened_at: datetime = moment(now=True)
    decided_at: datetime | None = moment(nullable=True)
    actor_id: int | None = maybe("principal.id")
    """Who decided; of an accepted one null where the system did by itself."""
    accepted: Decimal | None = Field(default=None, sa_type=QUANTITY)
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    document_id: int | None = maybe("document.id", index=True)
    place_id: int | None = maybe("place.id")
    """Where the goods are expected: a place of the order's, bound for the site."""
    movement_id: int | None = maybe()
    """The posting that announced them; null until it is done."""
    withdrawal_id: int | None = maybe()
    """Of an accepted one that was dismissed: the posting that took back what had not come; null until it is done."""
    task_line_id: int | None = maybe()
    """What the storeman receives its goods by."""
    superseded_by_id: int | None = maybe("proposal.id")
    changed: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))
    """The transaction that changed it last; followers read by it."""
