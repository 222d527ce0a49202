"""What is done for recognition: models published and rolled out, settings, samples recorded and reviewed."""

from stockbook.flows.recognition.registrations import (
    GalleryPackDropEntry,
    GalleryPackEntry,
    ModelEntry,
    ModelReportEntry,
    Recognition,
    RecognitionSettingEntry,
    RollOutEntry,
    SampleEntry,
    SampleReviewEntry,
)
from stockbook.graph.mutations.way import Way

WAYS: dict[str, Way[Recognition]] = {
    "publishModels": Way(
        ModelEntry,
        "ModelVersion",
        "Publish models whose files were sent: signed, and refused when they don't beat the last on held-back figures.",
        lambda room, author, entries: room.publish_models(author, entries),
    ),
    "rollOutModels": Way(
        RollOutEntry,
        "ModelVersion",
        "Roll versions out to a part of the devices, pause them, go on, and roll them back.",
        lambda room, author, entries: room.roll_out_models(author, entries),
    ),
    "reportModel": Way(
        ModelReportEntry,
        "Device",
        "Which model a device recognises goods with.",
        lambda room, author, entries: room.report_model(author, entries),
    ),
    "adoptGalleryPacks": Way(
        GalleryPackEntry,
        "GalleryPack",
        "Adopt gallery packs whose files were sent: matched to your items by GTIN or reference, told to your devices.",
        lambda room, author, entries: room.adopt_gallery_packs(author, entries),
    ),
    "dropGalleryPacks": Way(
        GalleryPackDropEntry,
        "GalleryPack",
        "Drop gallery packs: devices forget them.",
        lambda room, author, entries: room.drop_gallery_packs(author, entries),
    ),
    "setRecognition": Way(
        RecognitionSettingEntry,
        "RecognitionSetting",
        "Set how devices recognise goods, and what becomes of corrected pictures: all of yours, or one that differs.",
        lambda room, author, entries: room.set_recognition(author, entries),
    ),
    "recordSamples": Way(
        SampleEntry,
        "RecognitionSample",
        "Tell of corrected pictures; each is then sent by PUT to /recognition/samples/<its sha256>.",
        lambda room, author, entries: room.record_samples(author, entries),
    ),
    "reviewSamples": Way(
        SampleReviewEntry,
        "RecognitionSample",
        "Accept, reject or relabel samples: somebody else than who labelled them.",
        lambda room, author, entries: room.review_samples(author, entries),
    ),
}
