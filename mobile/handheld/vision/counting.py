"""A count's first draft from a shelf: facings become goods in hand, and nothing is recorded before a person confirms.

The draft is the work's own (`handheld.work.draft`): kept by the journal and
taken up by the shift, the bin is open and the goods lie in hand, to be counted
on, taken back or confirmed like anything scanned. Facings are what is seen from
the front; how deep the goods stand behind each, the person says.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from handheld.vision.shelf import Section
from handheld.work import draft
from handheld.work.goods import MEASURED
from handheld.work.ports import Item, Known, World, here
from handheld.work.progress import Held, begin
from handheld.work.scan import NO_CODE, Goods, Scan
from handheld.work.task import Job, Task


class Draft(NamedTuple):
    """What the journal keeps and the shift takes up: `journal.append(draft=(name, text))`, then `Shift(task, ...)`."""

    task: Task
    name: str
    text: str
    left_out: tuple[str, ...] = ()
    """Items that can't be counted so: not known to the device, or measured rather than counted."""


def expected_at(place: str, task: Task, world: World) -> frozenset[str]:
    """Return what belongs in a bin: by the task's lines for it, else by what the books say lies there."""
    named = {line.item for line in task.lines if line.place == place and line.item}
    return frozenset(named or {stock.item for stock in world.stock(place) if here(stock) and stock.quantity})


def drafted(
    section: Section, place: str, task: Task, known: Known, *, deep: int = 1, each_deep: Mapping[str, int] | None = None
) -> Draft:
    """Return the draft of counting a bin: so many facings of each item, times how deep they stand.

    Facings that are still open are not counted: they wait for a scan.

    Raises
    ------
    ValueError
        For a task that isn't a stocktake.
    """
    if task.job is not Job.STOCKTAKE:
        raise ValueError(f"{task.job} counts nothing")
    deeper = each_deep or {}
    hand, left_out = [], []
    for item, facings in section.counts.items():
        goods = known.item(item)
        if goods is None or goods.unit in MEASURED:
            left_out.append(item)
        else:
            hand.append(_held(goods, facings * deeper.get(item, deep)))
    progress = begin(task).settled(place=place, hand=tuple(hand))
    return Draft(task, draft.name(task), draft.write(progress), tuple(left_out))


def _held(item: Item, count: int) -> Held:
    quantity = Decimal(count)
    return Held(Goods(item, quantity, quantity, chosen=True), Scan(NO_CODE, chosen=item))
