"""What devices have said: devices, their enrolments and settings, and every event with its answer.

Events are a journal like that of movements and have no foreign keys to it.
"""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Column, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import key, maybe, moment, ref


class DeviceRow(SQLModel, table=True):
    """A handheld, scale or camera of an organisation; it acts as a principal of kind DEVICE."""

    __tablename__ = "device"
    id: int = key()
    organisation_id: int = ref("organisation.id", index=True)
    principal_id: int = Field(sa_type=BigInteger, foreign_key="principal.id", nullable=False, unique=True)
    model: str
    system: str
    """ANDROID IOS OTHER"""
    system_version: str
    app_version: str
    role: str
    """What its token may do."""
    epoch: int
    """The enrolment that is in force."""
    enrolled_at: datetime = moment(now=True)
    seen_at: datetime | None = moment(nullable=True)
    """When it sent events last."""
    waiting: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many events it said that it still had to send."""
    oldest_at: datetime | None = moment(nullable=True)
    """When the oldest of them was scanned."""
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    """The last number that it said it had sealed."""
    reported_at: datetime | None = moment(nullable=True)


class EnrolmentRow(SQLModel, table=True):
    """One epoch of a device: the salt its secret is derived with, and how far its events are taken."""

    __tablename__ = "enrolment"
    device_id: int = ref("device.id", primary=True)
    epoch: int = Field(primary_key=True)
    salt: bytes = Field(sa_column=Column(BYTEA, nullable=False))
    enrolled_at: datetime = moment(now=True)
    upto: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    """The last sequence up to which everything is taken, or given up after five days."""
    ended: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    """The last sequence after which the device said that it had no more: no chain goes on over it."""
    occurred_at: datetime | None = moment(nullable=True)
    """When its latest event occurred, corrected."""


class WipeRow(SQLModel, table=True):
    """An order that a device erase itself; of one enrolment at most one of each mode. Kept for good."""

    __tablename__ = "wipe"
    __table_args__ = (UniqueConstraint("device_id", "epoch", "mode"),)
    id: int = key()
    organisation_id: int = ref("organisation.id", index=True)
    device_id: int = ref("device.id")
    epoch: int
    mode: str
    """DRAIN_FIRST AT_ONCE"""
    reason: str
    seal: str
    """By which the device knows that the order is the server's."""
    ordered_by_id: int = ref("principal.id")
    ordered_at: datetime = moment(now=True)
    wiped_at: datetime | None = moment(nullable=True)
    """When the device said that it had erased itself."""
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    """The last number that the device had sealed, as it said last."""
    waiting: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many events it had not sent, as it said last."""


class Captured(SQLModel, table=True):
    """One event as it was sent, and what was answered; the same again is answered the same.

    Its movements are those under the key ``scan:REFERENCE:EPOCH:SEQUENCE``.
    """

    __table_args__ = (
        Index(
            "captured_forged",
            "device_id",
            "epoch",
            "sequence",
            postgresql_where=text("outcome in ('FORK', 'TAMPERED')"),
        ),
        Index(
            "captured_taken",
            "device_id",
            "epoch",
            "sequence",
            unique=True,
            postgresql_where=text("outcome not in ('FORK', 'TAMPERED')"),
        ),
        Index("captured_event", "device_id", "event", postgresql_where=text("event is not null")),
        Index("captured_held", "received_at", "id", postgresql_where=text("outcome = 'HELD'")),
    )
    id: int = key()
    organisation_id: int = ref(index=True)
    device_id: int = ref()
    epoch: int
    sequence: int = Field(sa_type=BigInteger)
    previous: bytes = Field(sa_column=Column(BYTEA, nullable=False))
    seal: bytes = Field(sa_column=Column(BYTEA, nullable=False))
    scan: str = Field(sa_column=Column(Text, nullable=False))
    """The text as it was sealed."""
    event: str | None = None
    """The event's own id, by which an undo names it; null for what is no event."""
    outcome: str
    """POSTED HELD REFUSED CONFLICT UNREADABLE; FORK and TAMPERED are kept as evidence."""
    flags: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    """SHORTFALL LATE CLOCK OUT_OF_ORDER"""
    code: str | None = None
    message: str | None = None
    task_id: int | None = maybe()
    sent_at: datetime = moment()
    """By the device's clock, when it was sent."""
    received_at: datetime = moment(now=True)
    occurred_at: datetime | None = moment(nullable=True)
    """Corrected by the server's clock; null for what is no event."""
    sure: bool
    """Whether that correction is sure."""


class DeviceSetting(SQLModel, table=True):
    """What devices are set to: a row of the organisation for all of them, and one for a device that differs.

    Null leaves it to the organisation's row, and that to `domain.capture.settings`.
    """

    __tablename__ = "device_setting"
    __table_args__ = (UniqueConstraint("organisation_id", "device_id", postgresql_nulls_not_distinct=True),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    device_id: int | None = maybe("device.id")
    entries_max: int | None = None
    hours_max: int | None = None
    app_min: str | None = None
    android_min: str | None = None
    ios_min: str | None = None
    unknown_labels: str | None = None
    """KEEP REFUSE"""
    cache: bool | None = None
