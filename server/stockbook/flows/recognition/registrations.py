"""What is published, rolled out and set for recognition; and the corrected pictures that come back from devices.

Entries are registered as other facts are (`registrations`): all of a request or
none, the same again is known. Files come by HTTP, named by their sha256
(`pictures` for samples); what is registered here names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol

from stockbook.domain.recognition.sample import SampleVerdict
from stockbook.domain.stock.references import ItemRef, PlaceRef, Ref
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.registrations import DeviceRef

ModelRef = Annotated[str, Ref("ModelVersion")]
SampleRef = Annotated[str, Ref("RecognitionSample")]
GalleryPackRef = Annotated[str, Ref("GalleryPack")]
CHANNEL = "stable"
"""The channel that a device follows when nothing is set."""
SAMPLE_DAYS = 365
"""For how many days samples are kept when nothing is set."""


class Stage(StrEnum):
    """What is done with a version's roll-out."""

    ROLL_OUT = "ROLL_OUT"
    """To so many devices in a hundred, and to those named; again to widen or narrow it."""
    PAUSE = "PAUSE"
    """Devices that run it keep it, no other gets it."""
    GO_ON = "GO_ON"
    """As before the pause."""
    ROLL_BACK = "ROLL_BACK"
    """Every device goes back to what it would run without this version."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A version to publish. `manifest` is the sha256 of its `sku.json`, sent before like the model's file.

    It must beat the last version of its channel on the held-back figures;
    `reason` publishes it all the same, and is kept. `network`: for everybody.
    """

    manifest: str
    channel: str = CHANNEL
    network: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollOutEntry:
    """A step of a version's roll-out. `percent` and `devices` are for ROLL_OUT; a percentage left out stays."""

    model: ModelRef
    stage: Stage
    percent: int | None = None
    devices: tuple[DeviceRef, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ModelReportEntry:
    """The model that the device that asks runs, by the sha256 of its file."""

    runs: str


@dataclass(frozen=True, slots=True)
class GalleryPackEntry:
    """A gallery pack to adopt, by the sha256 of its file, sent before; again it is matched to the items of now."""

    pack: str


@dataclass(frozen=True, slots=True)
class GalleryPackDropEntry:
    """A gallery pack that is to be recognised by no longer: devices forget it."""

    pack: GalleryPackRef


@dataclass(frozen=True, slots=True)
class RecognitionSettingEntry:
    """What recognition is set to on all of one's devices, or on the one named; what was set before is replaced whole.

    `accept` is the confidence from which an item is filled in. `samples`:
    corrected pictures are kept and sent, with `metered` also over networks paid
    by volume. `consent` (they may train models) and `sample_days` (so long they
    are kept) are for all devices.
    """

    device: DeviceRef | None = None
    channel: str | None = None
    accept: Decimal | None = None
    samples: bool | None = None
    metered: bool | None = None
    consent: bool | None = None
    sample_days: int | None = None


@dataclass(frozen=True, slots=True)
class GuessEntry:
    """What a model took a picture for, and how sure it was."""

    item: ItemRef
    confidence: Decimal


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """A corrected picture, by its sha256; its file is sent afterwards. `item` is what it shows, as a person said."""

    sha256: str
    size: int
    item: ItemRef
    taken_at: datetime
    guesses: tuple[GuessEntry, ...] = ()
    model: str | None = None
    site: PlaceRef | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class SampleReviewEntry:
    """What another person than who labelled a sample says to it. RELABEL names the item."""

    sample: SampleRef
    verdict: SampleVerdict
    item: ItemRef | None = None
    reason: str = ""


class Recognition(Protocol):
    """Keeps models and samples; `store` implements it."""

    async def publish_models(self, author: Author, entries: Sequence[ModelEntry]) -> Verdicts:
        """Publish versions, each signed; one that is no better is refused with MODEL_NOT_BETTER."""
        ...

    async def roll_out_models(self, author: Author, entries: Sequence[RollOutEntry]) -> Verdicts:
        """Roll versions out, pause them, go on, roll them back; the id is the version's."""
        ...

    async def report_model(self, author: Author, entries: Sequence[ModelReportEntry]) -> Verdicts:
        """Take down which model a device runs: only as that device; the id is the device's."""
        ...

    async def adopt_gallery_packs(self, author: Author, entries: Sequence[GalleryPackEntry]) -> Verdicts:
        """Adopt packs: signed for one's devices; one of a model that none of them runs is PACK_OF_ANOTHER_MODEL."""
        ...

    async def drop_gallery_packs(self, author: Author, entries: Sequence[GalleryPackDropEntry]) -> Verdicts:
        """Drop packs."""
        ...

    async def set_recognition(self, author: Author, entries: Sequence[RecognitionSettingEntry]) -> Verdicts:
        """Set recognition for the own organisation's devices; the id is the setting's."""
        ...

    async def record_samples(self, author: Author, entries: Sequence[SampleEntry]) -> Verdicts:
        """Record samples; the same picture again is known."""
        ...

    async def review_samples(self, author: Author, entries: Sequence[SampleReviewEntry]) -> Verdicts:
        """Review samples."""
        ...
