"""What each step of a shelf check says, and which buttons it offers."""

from typing import TYPE_CHECKING

from handheld.screens.pages import facings
from handheld.screens.pages.proposed import Verdict, verdict

if TYPE_CHECKING:
    from handheld.screens.pages.shelf import ShelfPage


def told(page: "ShelfPage") -> Verdict:
    """Return what the banner says: whatever stands in the way goes first."""
    if page.absent is not None:
        return verdict(page, page.absent)
    if page.app.machine.camera is None:
        return Verdict("warn", "warn", page.word("see_no_camera"))
    if page.taken_up:
        return Verdict("warn", "warn", page.word("shelf_taken_up"))
    if page.failed:
        return Verdict("warn", "warn", page.seen_word("no_picture"))
    if page.busy:
        return Verdict("accent", "eye", page.word("see_looking"))
    if page.stage == "one" and page.one is not None:
        if page.one.upside_down:
            return Verdict("warn", "turned", page.seen_word("upside_down"), page.word("see_or_scan"))
        return verdict(page, page.one.proposal)
    if page.section is not None and page.stage in {"found", "deep"}:
        return (facings.makes if page.stage == "deep" else facings.summary)(page, page.section)
    return {
        "place": Verdict("accent", "place", page.word("shelf_place")),
        "aim": Verdict("accent", "camera", page.word("shelf_aim", place=page.place)),
    }.get(page.stage, Verdict("accent", "grid", page.word("shelf_grid"), page.word("shelf_grid_how")))


def offer(page: "ShelfPage") -> None:
    """Let the buttons say what they do in this step."""
    ids, found = page.ids, page.section
    ids.back.word, ids.back.icon = page.word("back"), "back"
    other = {"one": ("shelf_empty", "cross"), "found": ("shelf_draft", "count")}.get(page.stage)
    ids.other.disabled = other is None or page.blind
    ids.other.opacity = 0 if other is None else 1
    ids.other.word, ids.other.icon = (page.word(other[0]), other[1]) if other else ("", "")
    key, icon, tone = {
        "place": ("shelf_place_button", "scan", "accent"),
        "aim": ("see_take", "camera", "accent"),
        "grid": ("shelf_look", "eye", "accent"),
        "found": ("shelf_next", "next", "accent") if found and found.open else ("shelf_count", "check", "good"),
        "one": ("shelf_skip", "next", "accent"),
        "deep": ("shelf_use", "check", "good"),
    }[page.stage]
    if page.blind:
        key, icon, tone = "see_go_scan", "scan", "accent"
    ids.main.word, ids.main.icon, ids.main.tone, ids.main.disabled = page.word(key), icon, tone, page.busy
