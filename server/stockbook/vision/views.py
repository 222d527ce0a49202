"""Other views of a picture, drawn from a seed: nearer, turned, in another light, upside down.

Upside-down goods are not in anybody's photographs, so they are made: the whole
picture turned, or only what is in its middle, since a network that sees whole
pictures turned learns the floor and the lamps. Upright pictures get the same
seam around their middle, so that the seam says nothing.
"""

import hashlib
import math
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from handheld.vision import picture
from handheld.vision.picture import prepared

MADE = hashlib.sha256(b"".join(Path(each).read_bytes() for each in (__file__, picture.__file__))).hexdigest()
"""What makes the views: what was kept of those that another version of it made is of no use."""
Pixels = NDArray[np.uint8]
BILINEAR = Image.Resampling.BILINEAR


class Kind(StrEnum):
    """How a picture is seen."""

    PLAIN = "plain"
    """As the device sees it."""
    SEAM = "seam"
    """Its middle turned a little."""
    TURNED = "turned"
    """Upside down as a whole."""
    INVERTED = "inverted"
    """Its middle upside down."""


def plain(image: Image.Image, size: int, kind: Kind, rng: np.random.Generator, crop: float = 1.0) -> Pixels:
    """Return a picture for judging: no light nor frame is varied.

    >>> picture = Image.linear_gradient("L").convert("RGB")
    >>> [int(plain(picture, 8, kind, np.random.default_rng(0))[0, 0, 0]) > 127 for kind in Kind]
    [False, False, True, False]
    """
    if kind is not Kind.PLAIN:  # goods are turned before the device sees a part of them
        image = Image.fromarray(_turn(Image.fromarray(_pixels(image, round(size / crop), 1.0)), kind, rng))
    return _pixels(image, size, crop)


def _pixels(image: Image.Image, size: int, crop: float) -> Pixels:
    return prepared(image, size, crop=crop).astype(np.uint8)


def varied(
    image: Image.Image, size: int, kind: Kind, rng: np.random.Generator, *, mirror: bool, dye: int = 0
) -> Pixels:
    """Return a picture for learning; what has print on it is not to be mirrored.

    A dye (1 or 2) turns red to green and so on: goods of the same print in other
    colours, which are other goods.
    """
    if rng.random() < 0.7:
        image = image.rotate(rng.uniform(-20, 20), BILINEAR)
    image = _frame(image, size, rng)
    if mirror and rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turned = Image.fromarray(_turn(image, kind, rng))
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        turned = enhance(turned).enhance(rng.uniform(0.65, 1.35))
    if rng.random() < 0.2:
        turned = turned.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.5)))
    seen = np.asarray(turned)
    if rng.random() < 0.5:  # lamps are warm or cold
        light = np.array([rng.uniform(0.9, 1.1), 1.0, rng.uniform(0.9, 1.1)])
        seen = np.clip(seen * light, 0, 255).astype(np.uint8)
    return np.roll(seen, dye, axis=2)


def _frame(image: Image.Image, size: int, rng: np.random.Generator) -> Image.Image:
    """Cut a part of at least a quarter, and resize it."""
    width, height = image.size
    for _ in range(10):
        area, shape = width * height * rng.uniform(0.25, 1), math.exp(rng.uniform(-0.29, 0.29))
        wide, high = int(math.sqrt(area * shape)), int(math.sqrt(area / shape))
        if wide <= width and high <= height:
            break
    else:
        wide = high = min(width, height)
    left, top = int(rng.integers(width - wide + 1)), int(rng.integers(height - high + 1))
    return image.resize((size, size), BILINEAR, (left, top, left + wide, top + high))


def _turn(image: Image.Image, kind: Kind, rng: np.random.Generator) -> Pixels:
    if kind is Kind.PLAIN:
        return np.asarray(image)
    if kind is Kind.TURNED:
        return np.asarray(image.transpose(Image.Transpose.ROTATE_180))
    size = image.width
    half = [size * rng.uniform(0.33, 0.42), size * rng.uniform(0.40, 0.47)]
    middle = size / 2 + rng.uniform(-0.03, 0.03, 2) * size
    mask = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(mask)
    box = (*(middle - half), *(middle + half))
    if rng.random() < 0.5:
        draw.ellipse(box, fill=255)
    else:
        draw.rounded_rectangle(box, size * 0.06, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(size * rng.uniform(0.01, 0.025)))
    degrees = rng.uniform(-12, 12) + (180 if kind is Kind.INVERTED else 0)
    return np.asarray(Image.composite(image.rotate(degrees, Image.Resampling.BICUBIC), image, mask))
