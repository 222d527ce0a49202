"""Photographs as a camera or a file brought them: as they were held, no larger than is needed, or none at all."""

import io
import struct

from PIL import Image, ImageOps

from handheld.vision import picture as pictures

LARGEST = 1600
"""Pixels of a picture's shorter side that are kept while it is looked at."""
DRAWN = 900
"""Pixels of a shelf's longer side as it is drawn."""
READ_QUALITY = 85


def framed(taken: bytes | None) -> tuple[Image.Image | None, Image.Image | None]:
    """Return a photograph of a shelf as it is looked at, and as it is drawn."""
    picture = small(taken, LARGEST)
    if picture is None:
        return None, None
    shown = picture.copy()
    shown.thumbnail((DRAWN, DRAWN))
    return picture, shown


def sharp(taken: bytes | None) -> bytes | None:
    """Return the middle square of a picture as it is sent to have its print read; None for what is no picture."""
    picture = small(taken, LARGEST)
    if picture is None:
        return None
    out = io.BytesIO()
    picture.crop(pictures.square(*picture.size)).save(out, "JPEG", quality=READ_QUALITY)
    return out.getvalue()


def small(taken: bytes | None, side: int) -> Image.Image | None:
    """Return a picture as it was held, its shorter side so long at most; None for what is none.

    A JPEG is read no finer than that: a finder asks for many, and cameras give more than is looked at.

    >>> small(b"nothing", 100) is None
    True
    """
    if taken is None:
        return None
    try:
        with Image.open(io.BytesIO(taken)) as file:
            if file.width * file.height > pictures.PIXELS_MAX:
                return None
            file.draft("RGB", (side, side))
            shown = ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, Image.DecompressionBombError):
        return None
    share = side / min(shown.size)
    return shown.resize((round(shown.width * share), round(shown.height * share))) if share < 1 else shown
