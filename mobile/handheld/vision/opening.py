"""Recognition made ready: the first model that is whole and runs here, over what this device has enrolled."""

from collections.abc import Sequence
from pathlib import Path

from handheld.vision.absent import Absent, Why
from handheld.vision.gallery import Gallery
from handheld.vision.lookalikes import Catalogue
from handheld.vision.model import SHIPPED, read
from handheld.vision.recogniser import Recogniser
from handheld.vision.runtime import begun
from handheld.vision.settling import Settlements

FILE = "vision.db"


def opened(home: Path, catalogue: Catalogue | None = None, folders: Sequence[Path] = (SHIPPED,)) -> Recogniser | Absent:
    """Return a recogniser, or why there is none: then codes are scanned as ever.

    Parameters
    ----------
    home
        The device's folder, in which the replica lies too.
    folders
        Of models, the best first: the one that the server rolled out, then the shipped one.
    """
    absent = Absent(Why.NO_MODEL)
    for folder in folders:
        model = read(folder)
        if isinstance(model, Absent):
            absent = model
            continue
        runtime = begun(model)
        if isinstance(runtime, Absent):
            absent = runtime
            continue
        path = home / FILE
        return Recogniser(model, runtime, Gallery(path), Settlements(path), catalogue)
    return absent
