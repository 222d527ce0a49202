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
    )
    id: int = key()
    organisation_id: int = ref("organisation.id")
    site_id: int = ref("place.id")
    item_id: int = ref("item.id")
    state: str = Field(default="OPEN", sa_column_kwargs={"server_default": "OPEN"})
    """OPEN ACCEPTED DISMISSED SUPERSEDED"""
    quantity: Decimal = amount()
    position: Decimal = amount()
    """What was there or coming, less what was promised."""
    horizon: float
    service_level: float
    expected: float
    safety_stock: float
    reorder_point: float
    ceiling: float
    """The threshold as it was: a later one explains nothing."""
    supplier_id: int | None = maybe("organisation.id")
    """Who delivered it most often; of an accepted one, whom it was ordered from."""
    opened_at: datetime = moment(now=True)
    decided_at: datetime | None = moment(nullable=True)
    actor_id: int | None = maybe("principal.id")
    accepted: Decimal | None = Field(default=None, sa_type=QUANTITY)
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    document_id: int | None = maybe("document.id", index=True)
    place_id: int | None = maybe("place.id")
    """Where the goods are expected: a place of the order's, bound for the site."""
    movement_id: int | None = maybe()
    """The posting that announced them; null until it is done."""
    superseded_by_id: int | None = maybe("proposal.id")
    changed: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))
    """The transaction that changed it last; followers read by it."""
