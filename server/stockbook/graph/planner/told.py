"""How far a reader of the feed has come, and under which sight: the cursor of a replica.

A sight is what a reader may see: policies, sites, views. Under another sight
all is told anew.
"""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from stockbook.access.masks import Mask
from stockbook.graph.planner.refused import Refused

_LENGTH_MAX = 250
"""Letters of a cursor: what was read is kept, so it is not kept at any length."""
_TYPES = ("Item", "ItemUnit", "ItemCode", "Place", "Lot", "Position", "Task", "TaskLine")


class Told(NamedTuple):
    """How far a reader has come: (transaction, id) of the last item, place and task that it was told.

    `loading` is 1 until the tasks that are open have been told. `sequence` is
    the stream's number that positions are of, -1 before there is any;
    `position` the last id that was read, -1 once all were.
    """

    item_tx: int = 0
    item: int = 0
    place_tx: int = 0
    place: int = 0
    task_tx: int = 0
    task: int = 0
    loading: int = 1
    sequence: int = -1
    position: int = 0


@lru_cache(maxsize=4096)
def read(cursor: str | None, sight: str) -> Told:
    """Return how far a reader has come; nowhere under another sight.

    >>> read("ab.1.2.3.4.5.6.0.8.-1", "ab").sequence, read("ab.1.2.3.4.5.6.0.8.-1", "cd")
    (8, Told(item_tx=0, item=0, place_tx=0, place=0, task_tx=0, task=0, loading=1, sequence=-1, position=0))
    """
    if not cursor:
        return Told()
    before, *numbers = cursor.split(".") if len(cursor) <= _LENGTH_MAX else [""]
    figures = [each.removeprefix("-") for each in numbers]
    if len(figures) != len(Told._fields) or not all(
        each.isascii() and each.isdigit() and len(each) < 19 for each in figures
    ):
        raise Refused("BAD_USER_INPUT", "this is no cursor of a replica")
    return Told(*map(int, numbers)) if before == sight else Told()


def rules(mask: Mask) -> str:
    """Return what names the rules under which rows are told; the same in every process."""
    shown = sorted(
        (name, int(relations)) for name, relations in mask.fields.items() if name.partition(".")[0] in _TYPES
    )
    return hashlib.blake2b(repr(shown).encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=4096)
def sight(rules: str, organisation: int, sites: tuple[int, ...], givers: tuple[int, ...]) -> str:
    """Return what names a sight; the same in every process."""
    said = repr((rules, organisation, sorted(sites), sorted(givers)))
    return hashlib.blake2b(said.encode(), digest_size=6).hexdigest()
