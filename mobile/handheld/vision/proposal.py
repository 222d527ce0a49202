"""What recognition says: a proposal. It is no scan and no event, and nothing is recorded by it.

The work takes it as it takes what a search found: when a person chooses one of
its candidates (`Shift.choose`), or by the barcode that is scanned instead.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from handheld.vision.scoring import Matrix

CANDIDATES = 3


class Candidate(NamedTuple):
    """An item that it may be."""

    item: str
    confidence: float
    """Of a hundred pictures with this confidence about as many are right."""


class Source(Enum):
    """What says that two items look alike."""

    GEOMETRY = "geometry"
    """Their photographs."""
    CATALOGUE = "catalogue"
    """What is said of them, or their names: one brand and style in several sizes."""
    CORRECTIONS = "corrections"
    """People, who had to put one right for the other."""


class Alike(NamedTuple):
    """Another item that looks like the first candidate, enrolled or not; only the barcode tells them apart."""

    item: str
    sources: frozenset[Source]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a picture may be of.

    Attributes
    ----------
    candidates
        The likeliest first; three, or as many as are enrolled.
    known
        Whether it is of anything enrolled; else the answer is "not in the catalogue", and a way to enrol it.
    filled
        The item that may stand in the field already when the person looks, empty when nothing may.
    alike
        What the first candidate must not be mistaken for.
    upside_down
        Whether the goods stand on their head; never of goods without a top.
    model
        The sha256 of the model that looked.
    """

    candidates: tuple[Candidate, ...]
    known: bool
    knownness: float
    filled: str
    alike: tuple[Alike, ...]
    upside_down: bool
    model: str
    vector: Matrix = field(repr=False, compare=False)

    @property
    def first(self) -> Candidate:
        """The likeliest."""
        return self.candidates[0]

    @property
    def word(self) -> str:
        """What is said of it, by its key among the sentences: whatever stands against taking it goes first."""
        if not self.known:
            return "unknown"
        if self.alike:
            return "alike"
        return "filled" if self.filled else "choose"
