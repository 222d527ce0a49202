"""Recognition behind the pages: the model in force, what it says of a picture, what was enrolled, what was settled.

Everything here takes its time: the pages have it done by the desk's eye, a
thread of its own, so that neither a frame nor a scan waits for it.
"""

import base64
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from handheld.client.taken import Taken
from handheld.outbox.samples import Correction
from handheld.vision import picture as pictures
from handheld.vision import shelf
from handheld.vision.absent import Absent, Why
from handheld.vision.gallery import PACK, Enrolled, Photograph
from handheld.vision.grid import Row, boxes
from handheld.vision.picture import Box
from handheld.vision.proposal import Proposal
from handheld.vision.recogniser import Recogniser
from handheld.vision.scoring import Matrix
from handheld.vision.settling import By
from handheld.vision.sizing import LARGEST, small

SETTLED_BEFORE_FITTING = 20


class Samples(Protocol):
    """Where corrected pictures wait, as far as they are put there."""

    def keep(self, picture: bytes, correction: Correction) -> object:
        """Keep a picture to be sent, when the organisation allows it."""


class Seen(NamedTuple):
    """A picture, and what was said of it."""

    picture: Image.Image | None
    said: Proposal | Absent


class Sight:
    """One model at a time over what this device has enrolled. Asked from any thread, answers one at a time.

    Parameters
    ----------
    open_in
        Makes the recogniser of a folder with a model, or says why there is none.
    folder
        Where the model in force lies.
    accept
        The confidence from which an item is filled in, when the server sets it.
    """

    def __init__(
        self,
        open_in: Callable[[Path], Recogniser | Absent],
        folder: Callable[[], Path],
        samples: Samples,
        now: Callable[[], datetime],
        accept: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._open_in, self._folder = open_in, folder
        self._samples, self._now, self._accept = samples, now, accept
        self._lock = threading.RLock()
        self._opened: tuple[Path, Recogniser | Absent] | None = None
        self._unfitted = 0
        self._closed = False

    def close(self) -> None:
        """Close the files, for good."""
        with self._lock:
            self._closed = True
            self._leave()

    def _leave(self) -> None:
        if self._opened is not None and isinstance(self._opened[1], Recogniser):
            self._opened[1].close()
        self._opened = None

    @property
    def recogniser(self) -> Recogniser | Absent:
        """The recogniser of the model in force; after a change of it kept photographs are looked at again."""
        with self._lock:
            folder = self._folder()
            if self._closed:
                return Absent(Why.NO_MODEL, "closed")
            if self._opened is None or self._opened[0] != folder:
                self._leave()
                self._opened = folder, self._open_in(folder)
                if isinstance(self._opened[1], Recogniser):
                    self._opened[1].renew()
            return self._opened[1]

    @property
    def absent(self) -> Absent | None:
        """Why nothing can be recognised here; None when it can."""
        found = self.recogniser
        return found if isinstance(found, Absent) else None

    @property
    def version(self) -> str:
        """The version of the model in force; empty when there is none."""
        found = self.recogniser
        return "" if isinstance(found, Absent) else found.model.version

    # recognising

    def recognise(self, taken: bytes | None) -> Seen:
        """Return what a picture may be of."""
        picture = small(taken, LARGEST)
        if picture is None:
            return Seen(None, Absent(Why.BAD_PICTURE))
        with self._lock:
            found = self.recogniser
            return Seen(picture, found if isinstance(found, Absent) else self._filled(found.recognise(picture)))

    def section(self, picture: Image.Image, grid: tuple[Row, ...], expected: Collection[str]) -> shelf.Section | Absent:
        """Return what stands on a shelf, by the grid that a person has laid over it."""
        with self._lock:
            found = self.recogniser
            if isinstance(found, Absent):
                return found

            def recognise(photograph: Image.Image, box: Box) -> Proposal | Absent:
                return self._filled(found.recognise(photograph, box))

            return shelf.seen(picture, boxes(grid), recognise, expected)

    def _filled(self, said: Proposal | Absent) -> Proposal | Absent:
        """Return a proposal as the organisation wants it filled in."""
        accept = self._accept()
        if isinstance(said, Absent) or accept is None:
            return said
        sure = said.known and not said.alike and said.first.confidence >= accept
        return replace(said, filled=said.first.item if sure else "")

    # settling

    def settle(self, seen: Seen, item: str, by: By, *, site: str = "", person: str = "") -> None:
        """Keep what a picture turned out to be of; one that was taken for something else is a sample."""
        with self._lock:
            found = self.recogniser
            if isinstance(found, Absent) or isinstance(seen.said, Absent) or seen.picture is None:
                return
            at = self._now()
            settled = found.settle(seen.said, item, by, at)
            self._unfitted += 1
            if item and not settled.right:
                guesses = tuple((each.item, each.confidence) for each in seen.said.candidates)
                correction = Correction(item, at, guesses, seen.said.model, site, person)
                self._samples.keep(pictures.kept(seen.picture), correction)

    def learn(self) -> None:
        """Fit thresholds to the shop's own goods when enough has changed since they were."""
        with self._lock:
            found = self.recogniser
            if self._unfitted >= SETTLED_BEFORE_FITTING and not isinstance(found, Absent):
                self._unfitted = 0
                found.fit()

    # enrolling

    def goods(self) -> list[Enrolled]:
        """Return what is enrolled, and how it stands under the model in force."""
        found = self.recogniser
        return [] if isinstance(found, Absent) else found.gallery.enrolled(found.model.sha256)

    def photographs(self, item: str) -> list[Photograph]:
        """Return the photographs of an item, the newest first."""
        found = self.recogniser
        return [] if isinstance(found, Absent) else found.gallery.photographs(item)

    def enrol(self, item: str, photographs: Sequence[Image.Image], *, site: str = "", person: str = "") -> int | Absent:
        """Enrol an item by photographs of it; return how many it has now. Each is a sample too: it teaches all."""
        with self._lock:
            found = self.recogniser
            if isinstance(found, Absent):
                return found
            self._unfitted += SETTLED_BEFORE_FITTING
            at = self._now()
            count = found.enrol(item, photographs, at)
            for each in () if isinstance(count, Absent) else photographs:
                self._samples.keep(
                    pictures.kept(each), Correction(item, at, model=found.model.sha256, site=site, person=person)
                )
            return count

    # what the organisation's other devices enrolled

    def shared(self) -> Mapping[str, Collection[str]] | None:
        """Return by item the digests of what the model in force can be asked about; None while there is no model."""
        found = self.recogniser
        return None if isinstance(found, Absent) else found.gallery.known(found.model.sha256)

    def take(self, item: str, digest: str, content: bytes, at: datetime) -> None:
        """Enrol a photograph that came from the server; one that is none is left out."""
        with self._lock:
            found, picture = self.recogniser, pictures.opened(content)
            if not isinstance(found, Absent) and picture is not None:
                found.receive(item, picture, content, digest, at)

    def keep(self, wanted: Collection[tuple[str, str]]) -> None:
        """Forget every photograph from the server but those: (item, digest)."""
        found = self.recogniser
        if not isinstance(found, Absent):
            found.gallery.keep(wanted)

    # what was handed on

    def packs(self) -> Collection[str] | None:
        """Return the gallery packs that are here; None while there is no model."""
        found = self.recogniser
        return None if isinstance(found, Absent) else found.gallery.packs()

    def take_pack(self, name: str, model: str, goods: Sequence[tuple[str, Sequence[str]]]) -> Taken:
        """Recognise goods by a pack: all of it, or nothing of it."""
        with self._lock:
            found, at = self.recogniser, self._now()
            if isinstance(found, Absent) or found.model.sha256 != model:
                return Taken.OTHER_MODEL
            try:
                shots = [
                    Photograph(item, vector(said, found.model.dimensions), model, PACK, at, f"{name}/{good}/{number}")
                    for good, (item, vectors) in enumerate(goods)
                    for number, said in enumerate(vectors)
                ]
                found.gallery.add(shots)
            except ValueError:
                return Taken.UNREADABLE
            return Taken.YES

    def keep_packs(self, names: Collection[str]) -> None:
        """Forget all gallery packs but those."""
        found = self.recogniser
        if not isinstance(found, Absent):
            found.gallery.keep_packs(names)

    def remove(self, photograph: Photograph) -> None:
        """Forget a photograph."""
        found = self.recogniser
        if not isinstance(found, Absent):
            found.gallery.remove(photograph.item, photograph.digest)

    def put_back(self, photograph: Photograph) -> None:
        """Have a photograph again that was removed."""
        found = self.recogniser
        if not isinstance(found, Absent):
            found.gallery.add([photograph])

    def faces(self, items: Collection[str], side: int) -> Mapping[str, Image.Image]:
        """Return a photograph of each item that has one here."""
        shown = {}
        for item in items:
            kept = next((each.picture for each in self.photographs(item) if each.picture), None)
            if (face := small(kept, side)) is not None:
                shown[item] = face
        return shown


def vector(said: str, dimensions: int) -> Matrix:
    """Return a vector of a gallery pack: half floats in base64.

    Raises
    ------
    ValueError
        For what is none of that length.
    """
    found = np.frombuffer(base64.b64decode(said, validate=True), "<f2")
    if found.shape != (dimensions,):
        raise ValueError(f"a vector has {dimensions} dimensions")
    return found.astype(np.float32)
