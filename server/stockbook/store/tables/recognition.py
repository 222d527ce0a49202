"""Which models recognise goods and who gets them; and the pictures that people corrected, which teach the next one.

Files lie in a folder by their sha256 (`store/files.py`); here is what is known of them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import key, maybe, moment, ref


def _devices() -> Any:
    return Field(default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}"))


class ModelVersion(SQLModel, table=True):
    """A model that was published, and whom it is rolled out to. `network`: to everybody's devices, else to one's own.

    A device is told the newest version of its channel that is rolled out to it,
    its organisation's own before the network's.
    """

    __tablename__ = "model_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "version"),
        UniqueConstraint("organisation_id", "sha256"),
        Index("model_version_told", "channel", "id", postgresql_where=text("state in ('ROLLING', 'PAUSED')")),
    )
    id: int = key()
    organisation_id: int = ref("organisation.id")
    network: bool
    channel: str
    version: str
    sha256: str
    """Of the model's file, under which it is kept and fetched."""
    size: int
    """Of that file, in bytes."""
    manifest: str = Field(sa_column=Column(Text, nullable=False))
    """The canonical text that is signed; see `domain/recognition/manifest.py`."""
    signature: str
    """Ed25519, in base64."""
    against_id: int | None = maybe("model_version.id")
    """The version that it was judged against."""
    better: bool
    """Whether it beat that one; if not, `reason` says why it was published all the same."""
    reason: str
    actor_id: int = ref("principal.id")
    published_at: datetime = moment(now=True)
    state: str = Field(default="PUBLISHED", sa_column_kwargs={"server_default": text("'PUBLISHED'")})
    """PUBLISHED ROLLING PAUSED ROLLED_BACK"""
    percent: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """Of devices, chosen by a hash: who is in at ten is in at twenty."""
    devices: list[int] = _devices()
    """In whatever the percentage is."""


class RollOutStep(SQLModel, table=True):
    """What was done with a version: the audit of its roll-out."""

    __tablename__ = "roll_out_step"
    id: int = key()
    model_version_id: int = ref("model_version.id", index=True)
    stage: str
    """ROLL_OUT PAUSE GO_ON ROLL_BACK"""
    percent: int
    devices: list[int] = _devices()
    reason: str
    actor_id: int = ref("principal.id")
    at: datetime = moment(now=True)


class ModelReport(SQLModel, table=True):
    """Which model a device says it runs, by the sha256 of the file; no row before it said so."""

    __tablename__ = "model_report"
    device_id: int = ref("device.id", primary=True)
    sha256: str = Field(index=True)
    reported_at: datetime = moment(now=True)


class GalleryPack(SQLModel, table=True):
    """What goods look like, as somebody handed it on and an organisation adopted it; adopted anew it is replaced.

    `source` is the pack's own file, `sha256` the one that devices fetch: of the
    goods that are items here.
    """

    __tablename__ = "gallery_pack"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    name: str
    version: str
    model: str
    """The sha256 of the model whose vectors it has."""
    source: str
    key: str
    """Whose signature it has."""
    licence: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str
    size: int
    manifest: str = Field(sa_column=Column(Text, nullable=False))
    """The canonical text that is signed for devices."""
    signature: str
    items: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}")
    )
    """Its goods that are items here."""
    photographs: int
    """How many vectors of them."""
    unmatched: Any = Field(sa_column=Column(JSONB, nullable=False))
    """Its other goods: [{"reference", "gtin", "name"}]."""
    state: str
    """ADOPTED DROPPED"""
    actor_id: int = ref("principal.id")
    adopted_at: datetime = moment(now=True)


class RecognitionSetting(SQLModel, table=True):
    """What recognition is set to: a row of the organisation for all devices, and one for a device that differs.

    Null leaves it to the organisation's row, and that to what is shipped.
    `consent` and `sample_days` are the organisation's alone.
    """

    __tablename__ = "recognition_setting"
    __table_args__ = (UniqueConstraint("organisation_id", "device_id", postgresql_nulls_not_distinct=True),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    device_id: int | None = maybe("device.id")
    channel: str | None = None
    accept: float | None = None
    """The confidence from which an item is filled in, instead of the model's own."""
    samples: bool | None = None
    """Whether corrected pictures are kept and sent."""
    metered: bool | None = None
    """Whether they may be sent over a network that is paid by volume."""
    consent: bool | None = None
    """Whether accepted samples may train models."""
    sample_days: int | None = None
    """For how many days samples are kept."""


class RecognitionSample(SQLModel, table=True):
    """A picture that an operator corrected. When its time is over its content is null and its file gone."""

    __tablename__ = "recognition_sample"
    __table_args__ = (
        UniqueConstraint("organisation_id", "sha256"),
        Index("recognition_sample_expires", "expires_at", "id", postgresql_where=text("state <> 'DELETED'")),
    )
    id: int = key()
    organisation_id: int = ref("organisation.id")
    sha256: str
    """Of the picture."""
    state: str
    """See `domain/recognition/sample.py`."""
    device_id: int | None = maybe("device.id")
    site_id: int | None = maybe("place.id")
    item_id: int | None = maybe("item.id", index=True)
    """The label: what it shows, as was said last."""
    labelled_by_id: int = ref("principal.id")
    labelled_at: datetime = moment(now=True)
    guesses: Any = Field(default=None, sa_column=Column(JSONB, nullable=True))
    """What the model took it for: [{"item": global id, "confidence": 0.83}], the best first."""
    guessed_id: int | None = maybe("item.id")
    """The best of them."""
    model: str | None = None
    """The sha256 of that model."""
    person: str
    """Who held the device, as they signed in there."""
    consent: bool
    """Whether it may train models: as the organisation was set when it was told of."""
    size: int
    """Of the picture, in bytes."""
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = moment(nullable=True)
    recorded_at: datetime = moment(now=True)
    received_at: datetime | None = moment(nullable=True)
    """When its picture came."""
    reviewed_by_id: int | None = maybe("principal.id")
    reviewed_at: datetime | None = moment(nullable=True)
    reason: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    """Why it was rejected."""
    expires_at: datetime = moment()
    """When it is to be deleted."""


class SampleEvent(SQLModel, table=True):
    """What became of a sample, by whom: the audit that stays when the sample goes."""

    __tablename__ = "sample_event"
    id: int = key()
    sample_id: int = ref("recognition_sample.id", index=True)
    did: str
    """RECORDED RECEIVED ACCEPTED REJECTED RELABELLED DELETED"""
    reason: str
    actor_id: int = ref("principal.id")
    at: datetime = moment(now=True)
