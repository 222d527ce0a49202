"""Recognises what is in a picture by a model, a runtime and the gallery; says why when it can't."""

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from PIL import Image

from handheld.vision import picture as pictures
from handheld.vision.absent import Absent, Why
from handheld.vision.fitting import fitted
from handheld.vision.gallery import ENROLLED, PHOTOGRAPHS_MAX, SERVER, Gallery, Photograph
from handheld.vision.lookalikes import Catalogue, lookalikes
from handheld.vision.model import Calibration, Model
from handheld.vision.picture import Box, Pixels
from handheld.vision.proposal import CANDIDATES, Candidate, Proposal
from handheld.vision.runtime import Runtime
from handheld.vision.scoring import Matrix, Method, compared, knownness, logits, openness, softmax, unit
from handheld.vision.settling import By, Settled, Settlements

BESIDE = 5
"""Candidates among which look-alikes are looked for."""


class Look(NamedTuple):
    """What the model sees in a picture."""

    vector: Matrix
    """Of length one."""
    upside_down: float
    """How surely it stands on its head."""


def looked(runtime: Runtime, pixels: Pixels) -> Look:
    """Return what a model sees in a picture, on average of its prepared crops."""
    embeddings, orientations = zip(*(runtime.run(each) for each in pixels), strict=True)
    upside_down = softmax(np.array(orientations, np.float64))[:, 1].mean()
    return Look(unit(unit(np.stack(embeddings)).mean(axis=0)), float(upside_down))


class Recogniser:
    """One model over one gallery. Asked from any thread; the model looks at one picture at a time."""

    def __init__(
        self,
        model: Model,
        runtime: Runtime,
        gallery: Gallery,
        settlements: Settlements,
        catalogue: Catalogue | None = None,
        method: Method = Method.CLOSEST,
    ) -> None:
        self.model = model
        self.gallery = gallery
        self._runtime, self._settlements = runtime, settlements
        self._catalogue, self._method = catalogue, method
        self._one_at_a_time = threading.Lock()
        self.calibration = settlements.calibration(model.sha256) or model.shipped

    def close(self) -> None:
        """Close the file; what was enrolled and settled is in it."""
        self.gallery.close()
        self._settlements.close()

    # recognising

    def look(self, pixels: Pixels) -> Look:
        """Return what the model sees in the prepared crops of a picture."""
        with self._one_at_a_time:
            return looked(self._runtime, pixels)

    def recognise(self, picture: Image.Image, box: Box | None = None) -> Proposal | Absent:
        """Return what a picture, or a part of it, may be of.

        What stands on its head is looked at turned round as well, and the view
        that is more like something enrolled counts.
        """
        index = self.gallery.index(self.model.sha256)
        if not index.items:
            return Absent(Why.NOTHING_ENROLLED)
        pixels = self._prepared(picture, box)
        look = self.look(pixels)
        upside_down = look.upside_down >= self.model.upside_down
        views = [look.vector]
        if upside_down:
            views.append(self.look(pictures.turned(pixels)).vector)
        return self.propose(np.stack(views), upside_down=upside_down)

    def propose(self, views: Matrix, *, upside_down: bool = False) -> Proposal:
        """Return the proposal for the views of one picture: rows of length one."""
        index, by = self.gallery.index(self.model.sha256), self.calibration
        seen = compared(index, views)
        best = int(seen.near.max(axis=1).argmax())
        shares = softmax(logits(seen, by.scale, self._method))[best]
        score = float(knownness(openness(seen, self.model.shipped.scale), by)[best])
        order = [Candidate(index.items[at], float(shares[at])) for at in np.argsort(-shares, kind="stable")[:BESIDE]]
        first, known, candidates = order[0].item, score >= by.known, tuple(order[:CANDIDATES])
        mistaken = self._settlements.mistaken(first)
        alike = lookalikes(first, dict(order[1:]), index, by.scale, mistaken, self._catalogue)
        sure = known and not alike and candidates[0].confidence >= by.accept
        stands = upside_down and self.gallery.has_a_top(first)
        return Proposal(candidates, known, score, first if sure else "", alike, stands, self.model.sha256, views[best])

    # enrolling

    def enrol(self, item: str, photographs: Sequence[Image.Image], at: datetime) -> int | Absent:
        """Enrol an item by one to ten photographs, without training; return how many it has now."""
        if not photographs:
            return Absent(Why.BAD_PICTURE, "no photograph was given")
        if len(photographs) > PHOTOGRAPHS_MAX:
            return Absent(Why.TOO_MANY_PICTURES)
        self.gallery.add([self._photograph(item, each, at) for each in photographs])
        return len(self.gallery.photographs(item))

    def receive(self, item: str, picture: Image.Image, content: bytes, digest: str, at: datetime) -> None:
        """Enrol a photograph that was taken elsewhere in the organisation: the server's file, under its digest."""
        taken = self._photograph(item, picture, at)
        self.gallery.add([taken._replace(source=SERVER, digest=digest, picture=content)])

    def renew(self) -> Mapping[str, int]:
        """Look again at the kept photographs that another model looked at; return how many, by item."""
        renewed: dict[str, int] = {}
        for each in self.gallery.renewable(self.model.sha256):
            picture = pictures.opened(each.picture or b"")
            if picture is None:
                continue
            look = self.look(self._prepared(picture))
            self.gallery.add([each._replace(vector=look.vector, model=self.model.sha256, upside_down=look.upside_down)])
            renewed[each.item] = renewed.get(each.item, 0) + 1
        return renewed

    def _prepared(self, picture: Image.Image, box: Box | None = None) -> Pixels:
        return pictures.cropped(picture, self.model.size, self.model.crops, box)

    def _photograph(self, item: str, picture: Image.Image, at: datetime) -> Photograph:
        look = self.look(self._prepared(picture))
        kept = pictures.kept(picture)
        digest = pictures.digest(kept)
        return Photograph(item, look.vector, self.model.sha256, ENROLLED, at, digest, look.upside_down, kept)

    # learning from use

    def settle(self, proposal: Proposal, item: str, by: By, at: datetime) -> Settled:
        """Keep what a proposal turned out to be, by a barcode or a person; an empty item is not in the catalogue."""
        first = proposal.first
        said = Settled(first.item if proposal.known else "", item, proposal.vector, proposal.model,
                       first.confidence, by, at)  # fmt: skip
        self._settlements.add(said)
        return said

    def fit(self) -> Calibration:
        """Fit scale and thresholds to the gallery and to what was settled; seconds for thousands of photographs."""
        model = self.model.sha256
        found = fitted(self.gallery.index(model), self._settlements.of(model), self.model.shipped, self._method)
        self._settlements.keep(found, model)
        self.calibration = found
        return found
