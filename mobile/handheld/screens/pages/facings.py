"""A shelf section in words: a row for each item with what is wrong about it, a mark for each facing."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from handheld.screens.icons import ICONS
from handheld.screens.kit.pictures import Mark
from handheld.screens.pages.proposed import SURE, Verdict, name
from handheld.vision.absent import Absent
from handheld.vision.counting import expected_at
from handheld.vision.proposal import Proposal
from handheld.vision.settling import By
from handheld.vision.shelf import Facing, Section
from handheld.work.goods import MEASURED

if TYPE_CHECKING:
    from handheld.screens.pages.shelf import ShelfPage

OPEN, EMPTY = "?", "–"


class Line(NamedTuple):
    """A row of the list; a touch asks about its facing."""

    row: dict[str, Any]
    facing: Facing | None = None
    item: str = ""


def expected(page: "ShelfPage") -> frozenset[str]:
    """Return what belongs in the bin."""
    assert page.progress is not None
    return expected_at(page.place, page.progress.task, page.desk.there.world)


def proposed(section: Section | Absent) -> Collection[str]:
    """Return every item that a facing may be."""
    facings = () if isinstance(section, Absent) else section.facings
    return {one.item for each in facings if isinstance(each.proposal, Proposal) for one in each.proposal.candidates}


def taken_for(section: Section, item: str) -> list[Facing]:
    """Return the open facings that very likely are the item that was scanned; the others are asked about one by one."""
    return [
        each
        for each in section.open
        if isinstance(each.proposal, Proposal)
        and each.proposal.known
        and each.proposal.first.item == item
        and each.proposal.first.confidence >= SURE[0][0]
    ]


def settled(section: Section, asked: Sequence[Facing], item: str, by: By) -> Section:
    """Return the section after facings turned out to be an item; by a barcode, what was proposed like it is too."""
    for each in asked:
        alike = by is By.BARCODE and isinstance(each.proposal, Proposal) and each.proposal.alike
        section = (section.settle_like if alike else section.settle)(each.row, each.column, item)
    return section


def lines(page: "ShelfPage", section: Section) -> list[Line]:
    """Return the rows: what must be settled, what stands there, what is missing."""
    rows = []
    if section.open:
        head = {
            "name": page.seen_word("open", count=len(section.open)),
            "sub": page.word("shelf_open_do"),
            "amount": ICONS["next"],
            "tone": "accent",
            "sub_tone": "",
        }
        rows.append(Line(head, section.open[0]))
    for number, (item, count) in enumerate(section.counts.items(), 1):
        facts, tone = _wrong(page, section, item)
        row = {
            "name": f"{number}  {name(page, item)}",
            "sub": " · ".join(facts) or item,
            "amount": page.word("shelf_facings", count=count),
            "tone": tone or "good",
            "sub_tone": tone,
        }
        rows.append(Line(row, next(each for each in section.facings if each.item == item), item))
    rows += [Line(_missing(page, item, "" if section.open else "stop")) for item in section.missing]
    return rows


def _missing(page: "ShelfPage", item: str, tone: str) -> dict[str, Any]:
    """Return the row of what has no facing; while some are open it may be one of them."""
    return {
        "name": name(page, item),
        "sub": page.word("shelf_missing" if tone else "shelf_unseen"),
        "amount": "0",
        "tone": tone or "quiet",
        "sub_tone": tone,
    }


def _wrong(page: "ShelfPage", section: Section, item: str) -> tuple[list[str], str]:
    """Return what is wrong about an item on the shelf, and in which tone that is said."""
    turned = sum(each.item == item for each in section.upside_down)
    mixed = sum(each.item == item for each in section.mixed)
    facts = [page.word("shelf_strange")] if item in section.strange else []
    facts += [page.word("shelf_turned", count=turned)] if turned else []
    facts += [page.word("shelf_mixed", count=mixed)] if mixed else []
    goods = page.desk.item(item)
    facts += [page.word("shelf_uncounted")] if goods is None or goods.unit in MEASURED else []
    return facts, "stop" if item in section.strange or turned else "warn" if facts else ""


def marks(section: Section, rows: list[Line]) -> Mapping[tuple[int, int], Mark]:
    """Return how each facing is marked: with its item's number in the list, and what is wrong about it."""
    numbers = {item: str(at) for at, item in enumerate((row.item for row in rows if row.item), 1)}
    return {(each.row, each.column): _mark(each, section, numbers) for each in section.facings}


def _mark(facing: Facing, section: Section, numbers: Mapping[str, str]) -> Mark:
    turned = ICONS["turned"] if facing.upside_down and facing.settled != "" else ""
    if facing.open:
        return Mark(OPEN + turned, "accent")
    if not facing.item:
        return Mark(EMPTY, "quiet")
    wrong = facing.item in section.strange
    mixed = facing in section.mixed
    text = numbers[facing.item] + turned + ("!" if wrong or mixed else "")
    return Mark(text, "stop" if wrong or turned else "warn" if mixed else "good")


def makes(page: "ShelfPage", section: Section) -> Verdict:
    """Return what is said of the count that a section makes, with its goods so deep."""
    pieces = sum(count * page.depths.of(item) for item, count in section.counts.items())
    return Verdict("accent", "count", page.word("shelf_makes", count=pieces), page.word("shelf_confirm_later"))


def summary(page: "ShelfPage", section: Section) -> Verdict:
    """Return what is said of the whole section."""
    seen = {"count": len(section.counts), "facings": sum(section.counts.values())}
    missing = 0 if section.open else len(section.missing)
    wrong = [page.seen_word("missing", count=missing)] if missing else []
    wrong += [
        page.word(key, count=count)
        for key, count in (
            ("shelf_turned", len(section.upside_down)),
            ("shelf_mixed", len(section.mixed)),
            ("shelf_strange_count", len(section.strange)),
        )
        if count
    ]
    tone = "warn" if wrong else "accent" if section.open else "good"
    icon = {"warn": "warn", "good": "check"}.get(tone, "eye")
    return Verdict(tone, icon, page.seen_word("goods", **seen), " · ".join(wrong), _aloud(page, section, seen))


def _aloud(page: "ShelfPage", section: Section, seen: Mapping[str, int]) -> str:
    """Return what is heard of a section: how much is there, and what it wants of a person next."""
    if section.open:
        then = page.seen_said("open", count=len(section.open))
    elif section.missing:
        then = page.seen_said("missing", count=len(section.missing))
    else:
        then = page.seen_said("upside_down") if section.upside_down else page.seen_said("looked_at")
    return f"{page.seen_said('goods', **seen)}, {then}"
