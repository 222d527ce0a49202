"""What a model sees in the photographs of a folder, item by item: for a gallery that is handed on."""

import numpy as np

from handheld.vision.absent import Absent
from handheld.vision.model import Model
from handheld.vision.picture import cropped
from handheld.vision.recogniser import looked as look
from handheld.vision.runtime import begun
from stockbook.vision.pictures import Collection
from stockbook.vision.running import NoRuntime


def looked(pictures: Collection, model: Model, most: int) -> list[list[bytes]]:
    """Return the vectors of each item, as little-endian half floats: of at most so many of its photographs, spread.

    Photographs that are held back are looked at by nobody here: what is measured by them stays measurable.
    """
    runtime = begun(model)
    if isinstance(runtime, Absent):
        raise NoRuntime(f"{runtime.text.en} ({runtime.detail})")
    found = []
    for item in range(len(pictures.items)):
        own = [int(at) for at in pictures.own if pictures.pictures[at].item == item]
        chosen = [own[at] for at in np.linspace(0, len(own) - 1, min(most, len(own))).round().astype(int)]
        seen = (look(runtime, cropped(pictures.open(at), model.size, model.crops)).vector for at in chosen)
        found.append([np.asarray(each, "<f2").tobytes() for each in seen])
    return found
