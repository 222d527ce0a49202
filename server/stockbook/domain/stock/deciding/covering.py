"""What an overlay does to `holds`, whether it is built in or an organisation's own."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.deciding.draft import Draft
from stockbook.domain.stock.lines import PutOnHold, Unhold
from stockbook.domain.stock.overlays import MEETS, Hold, Overlay


class Cover(NamedTuple):
    """An overlay as it is laid on and taken off, and the built-in states that it may meet."""

    lies: Callable[[int], bool]
    on: Callable[[int], int]
    off: Callable[[int], int]
    meets: Collection[int]


def cover_of(line: PutOnHold | Unhold, draft: Draft) -> Cover | Refusal:
    """Return the overlay that a line names. Another's own one is as unknown as one that does not exist."""
    overlays, me = draft.facts.overlays, draft.me
    if (line.overlay is None) == (line.own is None):
        return Refusal(Code.BAD_INPUT, "a line names a built-in overlay or one of its organisation's own", ("overlay",))
    if line.own is not None:
        own = overlays.own(line.own, me)
        if own is None:
            return Refusal(Code.REFERENCE_UNKNOWN, "you have no such overlay", ("own",))
        return Cover(
            lambda holds: overlays.lies(holds, own),
            lambda holds: overlays.with_(holds, own),
            lambda holds: overlays.without(holds, [own]),
            own.meets,
        )
    assert line.overlay is not None
    bit, meets = Hold[line.overlay].value, MEETS[Overlay(line.overlay)]
    if bit != Hold.FROZEN:
        return Cover(lambda holds: bool(holds & bit), lambda holds: holds | bit, lambda holds: holds & ~bit, meets)
    # what others' own overlays block is frozen to whoever keeps the goods, and his to take off
    return Cover(
        lambda holds: bool(holds & bit or overlays.veiled(holds, me)),
        lambda holds: holds | bit,
        lambda holds: overlays.without(holds & ~bit, overlays.veiled(holds, me)),
        meets,
    )
