"""What stands on a shelf, from one photograph in several parts: facings, mixed and missing goods, upside-down ones.

A facing counts as an item when the recogniser was sure enough to fill it in, or
when a person or a barcode said which it is; every other one waits for somebody.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from PIL import Image

from handheld.vision.absent import Absent
from handheld.vision.picture import Box
from handheld.vision.proposal import Proposal

Recognise = Callable[[Image.Image, Box], Proposal | Absent]


class Facing(NamedTuple):
    """One place at the front of the shelf."""

    row: int
    column: int
    box: Box
    proposal: Proposal | Absent
    settled: str | None = None
    """What a person or a barcode said it is; empty for an empty place, None while nobody has."""

    @property
    def item(self) -> str:
        """What it counts as; empty while that isn't known, or where nothing stands."""
        if self.settled is not None:
            return self.settled
        return self.proposal.filled if isinstance(self.proposal, Proposal) else ""

    @property
    def open(self) -> bool:
        """Whether somebody must look: scan it, choose one of three, or say that the place is empty."""
        return self.settled is None and not self.item

    @property
    def upside_down(self) -> bool:
        """Whether what stands there stands on its head."""
        return isinstance(self.proposal, Proposal) and self.proposal.upside_down


@dataclass(frozen=True)
class Section:
    """A shelf section as it was seen, and as it was settled since.

    Attributes
    ----------
    facings
        From the top, from the left.
    expected
        The items that belong here, by the count's lines or the books.
    """

    facings: tuple[Facing, ...]
    expected: frozenset[str] = frozenset()

    def settle(self, row: int, column: int, item: str) -> "Section":
        """Return the section after a person or a barcode said what a facing is."""
        return replace(
            self,
            facings=tuple(
                each._replace(settled=item) if (each.row, each.column) == (row, column) else each
                for each in self.facings
            ),
        )

    def settle_like(self, row: int, column: int, item: str) -> "Section":
        """Return the section after one of several look-alikes was scanned: what was proposed like it is it too."""
        said = self.settle(row, column, item)
        (first,) = {_first(each) for each in self.facings if (each.row, each.column) == (row, column)}
        return replace(
            said,
            facings=tuple(
                each._replace(settled=item) if first and each.open and _first(each) == first else each
                for each in said.facings
            ),
        )

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many facings each item has."""
        return dict(sorted(Counter(each.item for each in self.facings if each.item).items()))

    @cached_property
    def models(self) -> Mapping[str, str]:
        """The models that said of at least one facing which item it is, nobody else having done so, by item."""
        return {
            each.item: each.proposal.model
            for each in self.facings
            if each.settled is None and each.item and isinstance(each.proposal, Proposal)
        }

    @property
    def open(self) -> tuple[Facing, ...]:
        """The facings that nobody and nothing has settled."""
        return tuple(each for each in self.facings if each.open)

    @property
    def upside_down(self) -> tuple[Facing, ...]:
        """The facings that stand on their head."""
        return tuple(each for each in self.facings if each.upside_down)

    @property
    def missing(self) -> tuple[str, ...]:
        """What belongs here and has no facing; while facings are open it may be one of them."""
        return tuple(sorted(self.expected - self.counts.keys()))

    @property
    def strange(self) -> tuple[str, ...]:
        """What stands here and belongs elsewhere; nothing when nobody said what belongs here."""
        return tuple(item for item in self.counts if self.expected and item not in self.expected)

    @cached_property
    def mixed(self) -> tuple[Facing, ...]:
        """The facings that stand among another item's: with that one on both sides, or away from their own kind."""
        return tuple(each for row in self._rows() for each in _mixed(row))

    def _rows(self) -> Iterator[tuple[Facing, ...]]:
        for number in sorted({each.row for each in self.facings}):
            yield tuple(each for each in self.facings if each.row == number)


def seen(
    photograph: Image.Image,
    parts: Sequence[Sequence[Box]],
    recognise: Recognise,
    expected: Collection[str] = (),
) -> Section:
    """Return what stands in the parts of a photograph; rows of boxes, from the top, from the left."""
    facings = tuple(
        Facing(row, column, box, recognise(photograph, box))
        for row, boxes in enumerate(parts)
        for column, box in enumerate(boxes)
    )
    return Section(facings, frozenset(expected))


def _first(facing: Facing) -> str:
    said = facing.proposal
    return said.first.item if isinstance(said, Proposal) and said.known else ""


def _mixed(row: tuple[Facing, ...]) -> Iterator[Facing]:
    """Yield the facings of a row that interrupt another item's, then those that are cut off from their own.

    What isn't known, or isn't there, neither joins nor parts. Of an item's runs
    the longest is its place, the first of equal ones.
    """
    runs = [list(run) for _, run in groupby((each for each in row if each.item), key=attrgetter("item"))]
    while (at := _interrupting(runs)) is not None:
        yield from runs[at]
        runs[at - 1 : at + 2] = [runs[at - 1] + runs[at + 1]]
    for run in runs:
        own = [other for other in runs if other[0].item == run[0].item]
        if run is not max(own, key=len):
            yield from run


def _interrupting(runs: Sequence[Sequence[Facing]]) -> int | None:
    for at in range(1, len(runs) - 1):
        before, run, after = runs[at - 1 : at + 2]
        if before[0].item == after[0].item and len(run) <= min(len(before), len(after)):
            return at
    return None
