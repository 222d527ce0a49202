"""A count's first draft from a shelf: facings become goods in hand, and nothing is recorded before a person confirms.

The draft is the work's own (`handheld.work.draft`): kept by the journal and
taken up by the shift, the bin is open and the goods lie in hand, to be counted
on, taken back or confirmed like anything scanned. Facings are what is seen from
the front; how deep the goods stand behind each, the person says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from handheld.vision.shelf import Section
from handheld.work import draft
from handheld.work.goods import MEASURED
from handheld.work.ports import Item, Known, World, here
from handheld.work.scan import NO_CODE, Goods, Scan
from handheld.work.tasks.progress import Held, begin
from handheld.work.tasks.task import Job, Task

DEEP_MAX = 20


@dataclass(frozen=True, slots=True)
class Depths:
    """How many goods stand one behind the other: of every item, but for those that differ.

    >>> depths = Depths().deeper("", 2).deeper("RICE", 1)
    >>> depths.of("MILK"), depths.of("RICE"), depths.deeper("", -9).of("MILK")
    (3, 4, 1)
    """

    all: int = 1
    each: Mapping[str, int] = field(default_factory=dict)

    def of(self, item: str) -> int:
        """Return how deep an item stands; for no item, how deep all do that don't differ."""
        return self.each.get(item, self.all)

    def deeper(self, item: str, by: int) -> "Depths":
        """Return it with an item, or with none all others, so much deeper."""
        deep = max(1, min(DEEP_MAX, self.of(item) + by))
        return Depths(self.all, {**self.each, item: deep}) if item else Depths(deep, self.each)


class Draft(NamedTuple):
    """What the journal keeps and the shift takes up: `journal.append(draft=(name, text))`, then `Shift(task, ...)`."""

    task: Task
    name: str
    text: str


def expected_at(place: str, task: Task, world: World) -> frozenset[str]:
    """Return what belongs in a bin: by the task's lines for it, else by what the books say lies there."""
    named = {line.item for line in task.lines if line.place == place and line.item}
    return frozenset(named or {stock.item for stock in world.stock(place) if here(stock) and stock.quantity})


def drafted(section: Section, place: str, task: Task, known: Known, depths: Depths | None = None) -> Draft:
    """Return the draft of counting a bin: so many facings of each item, times how deep they stand.

    Facings that are still open are not counted: they wait for a scan. Neither are
    goods that the device doesn't know, or that are measured rather than counted.
    What recognition itself saw of an item is marked as drafted by its model.

    Raises
    ------
    ValueError
        For a task that isn't a stocktake.
    """
    if task.job is not Job.STOCKTAKE:
        raise ValueError(f"{task.job} counts nothing")
    deep = depths or Depths()
    goods = ((known.item(item), facings * deep.of(item)) for item, facings in section.counts.items())
    hand = tuple(_held(item, count) for item, count in goods if item is not None and item.unit not in MEASURED)
    seen = {
        item: Decimal(facings * deep.of(item)) for item, facings in section.counts.items() if item in section.models
    }
    marks = {held.goods.item.reference: seen[held.goods.item.reference] for held in hand
             if held.goods.item.reference in seen}  # fmt: skip
    model = next(iter(section.models.values()), "") if marks else ""
    progress = begin(task).settled(place=place, hand=hand, drafted=marks, model=model)
    return Draft(task, draft.name(task), draft.write(progress))


def _held(item: Item, count: int) -> Held:
    quantity = Decimal(count)
    return Held(Goods(item, quantity, quantity, chosen=True), Scan(NO_CODE, chosen=item))
