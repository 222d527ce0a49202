"""Goods with real names, and what they look like: drawn cartons, a shelf of them, and a recogniser of colours."""

import io

from PIL import Image

from handheld.client.models import Models
from handheld.client.recognition import Recognition, Set
from handheld.outbox.samples import Samples
from handheld.vision.sight import Sight
from tests.handheld.vision.seeing import carton, recogniser

ITEMS = (
    ("SKU-000231", "农夫山泉 饮用天然水 550ml×24", "6921168509256"),
    ("SKU-000107", "蒙牛 纯牛奶 250ml×16", "6907992100012"),
    ("SKU-000418", "康师傅 红烧牛肉面 12 桶", "6900873042180"),
    ("SKU-000563", "维达 超韧抽纸 3层×130抽 18包", "6901236340288"),
    ("SKU-000644", "Twinings Earl Grey, 100 bags", "0070177154165"),
    ("SKU-000702", "金龙鱼 黄金比例食用调和油 5L", "6948195800101"),
)
WATER, MILK, NOODLES, TISSUE, TEA, OIL = (reference for reference, _, _ in ITEMS)
COLOURS = {WATER: (40, 110, 215), MILK: (205, 45, 45), TEA: (205, 75, 45), NOODLES: (40, 150, 60)}
"""Milk and tea look alike."""
STRANGE = (20, 20, 20)
SHOTS = 3


def jpeg(picture):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    return out.getvalue()


def shot(item, noise=90, **how):
    """A photograph of an item, or of something that nobody knows."""
    label = (255, 255, 255) if item in COLOURS else (20, 60, 20)
    return carton(COLOURS.get(item, STRANGE), noise=noise, label=label, **how).resize((640, 640))


def shelf(rows, turned=()):
    """A photograph of a shelf: rows of items, empty places None."""
    photograph = Image.new("RGB", (240 * len(rows[0]), 240 * len(rows)), (90, 80, 70))
    for down, row in enumerate(rows):
        for across, item in enumerate(row):
            if item is not None:
                facing = shot(item, noise=10 * down + across, upside_down=(down, across) in turned)
                photograph.paste(facing.resize((240, 240)), (240 * across, 240 * down))
    return photograph


class Shot:
    """A camera that sees one picture."""

    def __init__(self, picture=None):
        self.picture, self.opened, self.frames = picture, 0, 0

    def open(self):
        self.opened, self.frames = self.opened + 1, 0

    def close(self):
        self.opened -= 1

    def frame(self):
        self.frames += 1
        return jpeg(self.picture) if self.picture is not None and self.frames == 1 else None

    def take(self, told):
        told(None if self.picture is None else jpeg(self.picture))


class Keystore:
    def load(self):
        return None


def seen(folder, catalogue, now):
    """Recognition as the desk has it: real files, queue and gallery, over a model of colours."""
    samples = Samples(folder / "samples")
    recognition = Recognition(folder, Models(folder / "models", folder / "shipped"), samples, Keystore(), None)
    sight = Sight(lambda _folder: recogniser(folder, catalogue), lambda: folder, samples, now)
    for item in COLOURS:
        photographs = [shot(item, noise) for noise in range(SHOTS)]
        sight.enrol(item, photographs)
    recognition.set, samples.on = Set(samples=True), True
    return sight, recognition
