"""Goods on their head: the whole photograph turned, and the goods alone turned within it.

No photograph of really inverted goods exists in the data. A network that sees
whole photographs turned can learn the floor and the lamps; so the middle is
turned alone, its edge feathered, and the upright ones get the same seam.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.bench.figures import Figure
from tests.bench_vision.stage import Stage, image

ELLIPSE = (0.134, 0.045, 0.866, 0.955)
"""Of the photograph's square: where goods stand."""
TILT_DEGREES = 12


def figures(stage: Stage) -> list[Figure]:
    """Measure."""
    asked = [each for each in stage.pictures("test") if each.carton]
    rng = np.random.default_rng(0)
    said: dict[str, list[float]] = {"up": [], "down": [], "seam up": [], "seam down": []}
    for each in asked:
        whole = image(each)
        for name, picture in (
            ("up", whole),
            ("down", whole.transpose(Image.Transpose.ROTATE_180)),
            ("seam up", _middle_turned(whole, rng.uniform(-TILT_DEGREES, TILT_DEGREES))),
            ("seam down", _middle_turned(whole, 180 + rng.uniform(-TILT_DEGREES, TILT_DEGREES))),
        ):
            said[name].append(stage.eyes.look(picture).upside_down)
    sure = stage.model.upside_down
    found = []
    for name, up, down, least in (("whole", "up", "down", None), ("object", "seam up", "seam down", 98)):
        over, stands = np.array(said[down]), np.array(said[up])
        right = 100 * float(((over >= 0.5).mean() + (stands < 0.5).mean()) / 2)
        note = f"{len(asked)} cartons, each upright and on its head"
        found += [
            Figure(f"upright.{name}", right, least, "%", least=True, note=note),
            Figure(f"upright.{name}.told", 100 * float((over >= sure).mean()), None, "%", note=f"from {sure} on"),
            Figure(f"upright.{name}.false", 100 * float((stands >= sure).mean()), None, "%", note="upright, but told"),
        ]
    return found


def _middle_turned(picture: Image.Image, degrees: float) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).ellipse(tuple(each * side for each in ELLIPSE), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(side / 56))
    return Image.composite(square.rotate(degrees, Image.Resampling.BICUBIC), square, mask)
