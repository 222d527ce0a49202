"""A runtime that is easily understood: it sees colours, in sixteen fields, and up is where it is lighter."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from handheld.vision.gallery import ENROLLED, Gallery, Photograph
from handheld.vision.model import Calibration, Model
from handheld.vision.recogniser import Recogniser
from handheld.vision.settling import Settlements
from tests.handheld.work.world import Item

SIZE, FIELDS = 16, 4
SHIPPED = Calibration(scale=20.0, accept=0.9, known=0.5, bias=-9.0, top=10.0)
AT = datetime(2026, 11, 28, 9, tzinfo=UTC)


class Colours:
    """Runs nothing: the embedding is the colours of the fields, around their middle."""

    name = "colours"

    def run(self, image):
        fields = image.reshape(FIELDS, SIZE // FIELDS, FIELDS, SIZE // FIELDS, 3).mean((1, 3)) / 255 - 0.5
        lighter = float(fields[:2].mean() - fields[2:].mean())
        return fields.ravel().astype(np.float32), np.array([40 * lighter, 0], np.float32)


def model(sha256="m1", crops=(1.0,)):
    return Model(Path("sku.tflite"), "1", sha256, SIZE, FIELDS * FIELDS * 3, SHIPPED, crops=crops)


def recogniser(folder, catalogue=None, **changed):
    path = folder / "vision.db"
    return Recogniser(model(**changed), Colours(), Gallery(path), Settlements(path), catalogue)


def carton(colour, *, label=(255, 255, 255), noise=0, upside_down=False):
    """A carton of a colour, its white label near the top, as one photographs it."""
    rng = np.random.default_rng(noise)
    pixels = np.full((64, 64, 3), colour, float)
    pixels[4:20, 8:56] = label
    pixels[48:] *= 0.5
    pixels = np.clip(pixels + rng.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels[::-1, ::-1] if upside_down else pixels)


def photograph(item, vector, digest, model="m1", source=ENROLLED, at=AT, **more):
    return Photograph(item, np.asarray(vector, np.float32), model, source, at, digest, **more)


class Catalogue:
    """Goods by their names, found by words that are all in a name; and by the looks that are said of them."""

    def __init__(self, names, looks=None):
        self.items = {reference: Item(reference, name, look=(looks or {}).get(reference, ""))
                      for reference, name in names.items()}  # fmt: skip

    def styled(self, reference):
        look = self.items[reference].look if reference in self.items else ""
        return [each for each in self.items.values() if look and each.look == look and each.reference != reference]

    def item(self, reference):
        return self.items.get(reference)

    def search(self, text):
        return [each for each in self.items.values() if all(word in each.name.casefold() for word in text.split())]
