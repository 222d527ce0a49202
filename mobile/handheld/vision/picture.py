"""A picture on its way to the model: upright as the camera was held, square, as large as the model looks.

Training prepares its pictures the same way (a test holds both equal): by EXIF
turned, RGB, the middle square or a part of it unless a box is given, resized
bilinearly with antialiasing, 0 to 255.
"""

import io
import struct
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.float32]
PIXELS_MAX = 50_000_000
"""More than any handheld's camera gives; what is larger would take the device's memory."""
KEPT_SIDE, KEPT_QUALITY = 512, 90
"""How a photograph is kept, to be looked at again by a later model."""


class Box(NamedTuple):
    """A part of a picture, in shares of its width and height, so that it holds at every resolution."""

    left: float
    top: float
    right: float
    bottom: float


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def opened(source: Path | bytes) -> Image.Image | None:
    """Return a picture as it was held, in RGB; None for what is no picture, or a damaged or too large one.

    >>> opened(b"no picture") is None
    True
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as file:
            if file.width * file.height > PIXELS_MAX:
                return None
            return ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, Image.DecompressionBombError):
        return None  # Pillow's decoders say by any of these that the bytes are damaged


def square(width: int, height: int, box: Box | None = None, crop: float = 1.0) -> tuple[float, float, float, float]:
    """Return the square that is looked at, in pixels: the middle one, or a box grown to a square within the picture.

    Of the middle one only so large a share of the side may be wanted: goods stand in the middle.

    A box isn't stretched, since a carton's proportions tell it apart; what
    stands beside it comes in, as it does in the photographs that were learnt.

    >>> square(400, 300)
    (50.0, 0.0, 350.0, 300.0)
    >>> square(400, 300, Box(0, 0, 0.25, 1)), square(400, 300, Box(0.5, 0.5, 0.75, 0.75))
    ((0.0, 0.0, 300.0, 300.0), (200.0, 137.5, 300.0, 237.5))
    >>> square(400, 300, crop=0.5)
    (125.0, 75.0, 275.0, 225.0)
    """
    left, top, right, bottom = box or WHOLE
    side = float(min(width, height))
    if box is None:
        side *= crop
    else:
        side = min(side, max((right - left) * width, (bottom - top) * height, 1))
    middle = (left + right) / 2 * width, (top + bottom) / 2 * height
    x = min(max(middle[0] - side / 2, 0.0), width - side)
    y = min(max(middle[1] - side / 2, 0.0), height - side)
    return x, y, x + side, y + side


def prepared(picture: Image.Image, size: int, box: Box | None = None, crop: float = 1.0) -> Pixels:
    """Return what the model is given: [size, size, 3], RGB, 0 to 255.

    >>> prepared(Image.new("RGB", (40, 30), (255, 128, 0)), 2)[0, 0].tolist()
    [255.0, 128.0, 0.0]
    """
    seen = square(picture.width, picture.height, box, crop)
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR, seen), np.float32)


def cropped(picture: Image.Image, size: int, crops: Sequence[float], box: Box | None = None) -> Pixels:
    """Return all that a model looks at in a picture, [crops, size, size, 3]; a box is near enough, and looked at once.

    >>> cropped(Image.new("RGB", (40, 30)), 2, (1.0, 0.8)).shape, cropped(Image.new("RGB", (40, 30)), 2, (1.0,)).shape
    ((2, 2, 2, 3), (1, 2, 2, 3))
    """
    return np.stack([prepared(picture, size, box, crop) for crop in (crops if box is None else (1.0,))])


def turned(pixels: Pixels) -> Pixels:
    """Return prepared pictures turned by half a circle."""
    return np.ascontiguousarray(pixels[..., ::-1, ::-1, :])


def kept(picture: Image.Image) -> bytes:
    """Return a photograph as it is kept: its middle square as JPEG."""
    whole = square(picture.width, picture.height)
    side = min(KEPT_SIDE, picture.width, picture.height)
    small = picture.resize((side, side), Image.Resampling.BILINEAR, whole)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=KEPT_QUALITY)
    return out.getvalue()


def digest(kept: bytes) -> str:
    """Return what tells a photograph from every other: its sha256 as it is kept, here and on the server."""
    return sha256(kept).hexdigest()
