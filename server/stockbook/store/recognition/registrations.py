"""Registers in PostgreSQL what is published, set and corrected for recognition: `flows.recognition.Recognition`."""

from collections.abc import Sequence

from stockbook.flows.author import Author, Verdicts
from stockbook.flows.recognition.registrations import (
    GalleryPackDropEntry,
    GalleryPackEntry,
    ModelEntry,
    ModelReportEntry,
    RecognitionSettingEntry,
    RollOutEntry,
    SampleEntry,
    SampleReviewEntry,
)
from stockbook.store.database import Database
from stockbook.store.files import Files
from stockbook.store.recognition import models, packs, samples
from stockbook.store.recognition import settings as recognition_settings
from stockbook.store.recognition.models import Publishing, Sign
from stockbook.store.recognition.packs import Adopting
from stockbook.store.recognition.samples import Recording
from stockbook.store.registering.desk import all_or_none


class PostgresRecognition:
    """Keeps models and samples; each call stands or falls whole."""

    def __init__(self, db: Database, files: Files, sign: Sign, picture_max: int) -> None:
        self._db = db
        self._publishing = Publishing(files, sign)
        self._adopting = Adopting(files, sign)
        self._recording = Recording(picture_max)

    async def publish_models(self, author: Author, entries: Sequence[ModelEntry]) -> Verdicts:
        """Publish versions."""
        return await all_or_none(self._db, author, entries, self._publishing.model)

    async def roll_out_models(self, author: Author, entries: Sequence[RollOutEntry]) -> Verdicts:
        """Take steps of roll-outs."""
        return await all_or_none(self._db, author, entries, models.roll_out)

    async def report_model(self, author: Author, entries: Sequence[ModelReportEntry]) -> Verdicts:
        """Take down which model a device runs."""
        return await all_or_none(self._db, author, entries, models.report)

    async def adopt_gallery_packs(self, author: Author, entries: Sequence[GalleryPackEntry]) -> Verdicts:
        """Adopt packs."""
        return await all_or_none(self._db, author, entries, self._adopting.pack)

    async def drop_gallery_packs(self, author: Author, entries: Sequence[GalleryPackDropEntry]) -> Verdicts:
        """Drop packs."""
        return await all_or_none(self._db, author, entries, packs.drop)

    async def set_recognition(self, author: Author, entries: Sequence[RecognitionSettingEntry]) -> Verdicts:
        """Set recognition."""
        return await all_or_none(self._db, author, entries, recognition_settings.put)

    async def record_samples(self, author: Author, entries: Sequence[SampleEntry]) -> Verdicts:
        """Record samples."""
        return await all_or_none(self._db, author, entries, self._recording.sample)

    async def review_samples(self, author: Author, entries: Sequence[SampleReviewEntry]) -> Verdicts:
        """Review samples."""
        return await all_or_none(self._db, author, entries, samples.review)
