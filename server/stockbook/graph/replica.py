"""What a handheld keeps: the type of a page of the feed that its copy is kept up to date by."""

from typing import Any

from strawberry import ID

from stockbook.graph.declare import SHAPES
from stockbook.graph.pages import arguments, made
from stockbook.graph.planner.feed import PAGE_DEFAULT, PAGE_MAX

WORDS = (
    "What a device keeps, by cursor: first everything, then what changed. Poll it with the cursor it gave last;"
    " no change is ever left out, whenever it was committed. Rows replace what was known under their id."
)


_ORDER: dict[str, tuple[Any, str]] = {
    "mode": (str, "DRAIN_FIRST or AT_ONCE."),
    "reason": (str, "Why."),
    "seal": (str, "By which the device knows that the order is the server's; see schema/events/README.md."),
}


def answer() -> type[Any]:
    """Make the type of a page; the types of its rows are made already."""

    def rows(kind: str) -> Any:
        cls: Any = SHAPES[kind].cls
        return list[cls] | None

    order = made("WipeOrder", _ORDER, "An order that the device that asks erase all it keeps.")
    return made(
        "Replica",
        {
            "cursor": (str, "Where this page ends: `after` of the next one. Empty: begin anew."),
            "complete": (bool, "Whether there is no more for now."),
            "restart": (bool, "Whether everything is told anew: what has not come again when `complete` is gone."),
            "version": (str, "What the positions are of, for `base` of a scan event."),
            "actions": (list[str], "What one's roles may do: mutations by their names."),
            "device": (
                SHAPES["Device"].cls | None,
                "The device that asks, with its settings; none for anybody else.",
            ),
            "wipes": (
                list[order],  # type: ignore[valid-type]
                "Orders for the device that asks, of whichever enrolment; it obeys the one whose seal it verifies.",
            ),
            "items": (rows("Item"), "Items of the network."),
            "places": (rows("Place"), "Places of one's organisation."),
            "lots": (rows("Lot"), "Lots of the positions and tasks of this page."),
            "positions": (rows("Position"), "What lies in places of one's organisation."),
            "tasks": (rows("Task"), "Tasks that are open, and for a week those that were settled."),
            "gone": (
                list[ID],
                "Positions that are empty and tasks that are closed for long; perhaps never told before.",
            ),
        },
        "A page of what a device keeps.",
    )


def given() -> list[Any]:
    """Return the arguments of the feed."""
    return arguments(
        ("after", str | None, "The cursor of the page before; none to begin."),
        ("first", int | None, f"About how many rows, {PAGE_MAX} at most; {PAGE_DEFAULT} when not given."),
    )
