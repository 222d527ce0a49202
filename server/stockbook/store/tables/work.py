"""What people and handhelds work by: tasks with the lines that are expected, and what was counted.

A task's `changed` is the transaction that changed it or one of its lines last;
triggers keep it, and the feed of replicas reads by it.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import QUANTITY, Xid8, amount, key, maybe, moment, ref


class Task(SQLModel, table=True):
    """Something that somebody must do, or settle; see `flows.tasks` for its words."""

    __table_args__ = (
        UniqueConstraint("organisation_id", "external_reference"),
        Index("task_changed", "organisation_id", "changed", "id"),
        Index("task_document", "document_id", postgresql_where=text("state in ('OPEN','DOING')")),
        Index("task_capture", "device_id", "epoch", "sequence", postgresql_where=text("device_id is not null")),
    )
    id: int = key()
    organisation_id: int = ref("organisation.id", index=True)
    external_reference: str | None = None
    kind: str
    """RECEIVE PUT_AWAY PICK TRANSFER COUNT QUALITY HAND_OVER; DISCREPANCY SHORTFALL REFUSED CONFLICT"""
    step: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The business step, in the words of GS1's Core Business Vocabulary."""
    place_id: int | None = maybe("place.id", index=True)
    """The read point."""
    document_id: int | None = maybe("document.id")
    movement_id: int | None = maybe("movement.id", index=True)
    """What opened it, when that was a posting."""
    note: str
    state: str = Field(default="OPEN", sa_column_kwargs={"server_default": "OPEN"})
    """OPEN DOING DONE CANCELLED"""
    assignee_id: int | None = maybe("principal.id")
    tolerance: Decimal = Field(default=Decimal(0), sa_type=QUANTITY, sa_column_kwargs={"server_default": text("0")})
    """The share of what is expected that may differ: of a receipt above it, of a count either way."""
    opened_at: datetime = moment(now=True)
    closed_at: datetime | None = moment(nullable=True)
    settled_by_id: int | None = maybe("principal.id")
    resolution: str | None = None
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    settling_id: int | None = maybe("movement.id")
    """The posting that settled it."""
    device_id: int | None = maybe()
    """With `epoch` and `sequence` the captured event that opened it."""
    epoch: int | None = None
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    saw: str | None = None
    said: str | None = None
    books: str | None = None
    """The sides of a conflict: a quantity or a state each, as the device saw it, said it, and as the books have it."""
    changed: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))


class TaskLine(SQLModel, table=True):
    """What is expected: so much of an item and lot, from one place to another. `done` follows the postings.

    Of a count: `counts` are how often it was counted, `counted` is the latest
    figure and `earlier` the one before it; `book` is what the books said at the
    latest, null while there is none.
    """

    __tablename__ = "task_line"
    __table_args__ = (UniqueConstraint("task_id", "number"),)
    id: int = key()
    task_id: int = ref("task.id")
    number: int
    item_id: int = ref("item.id")
    lot_id: int = ref("lot.id", none=True)
    quantity: Decimal | None = Field(default=None, sa_type=QUANTITY)
    unit: str = ""
    """The unit that it was asked for in; quantities are in the base unit."""
    source_id: int | None = maybe("place.id")
    place_id: int | None = maybe("place.id")
    done: Decimal = amount("0")
    state: str = "OPEN"
    """OPEN DONE; of a count also RECOUNT (count it again) and REVIEW (a person must say)."""
    counts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    counted: Decimal | None = Field(default=None, sa_type=QUANTITY)
    earlier: Decimal | None = Field(default=None, sa_type=QUANTITY)
    book: Decimal | None = Field(default=None, sa_type=QUANTITY)
    counted_by_id: int | None = maybe("principal.id")
    counted_at: datetime | None = moment(nullable=True)
    first: Decimal | None = Field(default=None, sa_type=QUANTITY)
    first_by_id: int | None = maybe("principal.id")
    first_at: datetime | None = moment(nullable=True)
    """The figure of the first count, whose it was, and when: what the speed and accuracy of counting are judged by."""
    drafted: Decimal | None = Field(default=None, sa_type=QUANTITY)
    drafted_by: str | None = None
    """What recognition had counted before a person did, and the sha256 of the model: what its drafts are judged by."""


class TaskMovement(SQLModel, table=True):
    """Which movements were posted for which task."""

    __tablename__ = "task_movement"
    movement_id: int = ref("movement.id", primary=True)
    task_id: int = ref("task.id", primary=True, index=True)


class CountedRow(SQLModel, table=True):
    """What a count found beside what the books said, one row a count that is in the books."""

    __tablename__ = "counted"
    __table_args__ = (Index("counted_site", "organisation_id", "site_id", "occurred_at"),)
    id: int = key()
    movement_id: int = ref("movement.id", index=True)
    organisation_id: int = ref("organisation.id")
    item_id: int = ref("item.id")
    lot_id: int = ref("lot.id", none=True)
    place_id: int = ref("place.id")
    site_id: int | None = maybe()
    book: Decimal = amount()
    counted: Decimal = amount()
    occurred_at: datetime = moment()
