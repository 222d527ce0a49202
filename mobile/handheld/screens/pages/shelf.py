"""What stands on this shelf? One photograph, a grid of facings laid over it, and the first draft of a count."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, OptionProperty
from PIL import Image

from handheld.screens.kit.pictures import texture
from handheld.screens.pages import facings, steps
from handheld.screens.pages.finder import FinderPage
from handheld.screens.pages.page import visible
from handheld.screens.pages.proposed import FACE
from handheld.screens.sight import LARGEST, Seen, small
from handheld.vision.absent import Absent
from handheld.vision.grid import Row, grid
from handheld.vision.picture import square
from handheld.vision.settling import By
from handheld.vision.shelf import Facing, Section
from handheld.work.progress import Progress
from stockbook.domain.capture.reading import Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

FIRST_GRID = (4, 4)
ROWS_MAX, COLUMNS_MAX, DEEP_MAX = 6, 12, 20
SHOWN = 900
"""Pixels of the shelf's shorter side as it is drawn."""
STAGES = ("place", "aim", "grid", "found", "one", "deep")
BEFORE = {"place": "", "aim": "", "grid": "aim", "found": "grid", "one": "found", "deep": "found"}
"""Where Back leads within the page."""


class ShelfPage(FinderPage):
    """Bin, photograph, grid, what stands there, draft. Nothing is recorded before the count is confirmed."""

    stage = OptionProperty("place", options=STAGES)
    busy = BooleanProperty(False)
    deep = NumericProperty(1)
    """How many goods stand behind each facing."""
    tight = BooleanProperty(False)
    progress: Progress | None = None
    picture: Image.Image | None = None
    section: Section | None = None
    one: Facing | None = None
    failed = False
    said = ""
    """The key of what the last press could not do."""

    def __init__(self, **kwargs: Any) -> None:
        self.place = ""
        self._question = 0
        self._faces: Mapping[str, Image.Image] = {}
        self._rows: list[facings.Line] = []
        super().__init__(**kwargs)

    def enter(self, progress: Progress | None = None, **_facts: Any) -> None:
        """Begin with the bin that the count has open."""
        if progress is not None:
            self.progress, self.place, self.deep = progress, progress.place, 1
        self.ids.scan.code = ""
        self._aim()
        self.ask_ready()

    def leave(self) -> None:
        """Give the camera back."""
        self._question += 1
        self.ids.finder.rest()

    def _aim(self) -> None:
        """Look through the finder, once it is known at which bin."""
        self._question += 1
        self.picture = self.section = self.one = None
        self.busy = self.failed = False
        self.stage = "aim" if self.place else "place"
        if not self.taken_up:
            self.look_through()
        self.render()

    @property
    def taken_up(self) -> bool:
        """Whether goods are in hand, or a bin is being counted again: a draft would take their place."""
        return self.progress is not None and bool(self.progress.hand or self.progress.rounds)

    @property
    def blind(self) -> bool:
        """Whether no photograph can be taken, or none may."""
        return self.absent is not None or self.app.machine.camera is None or self.taken_up

    # the photograph and its grid

    def take(self) -> None:
        """Take the photograph."""
        camera = self.app.machine.camera
        if camera is None or self.busy:
            return
        self.busy, question = True, self._question
        camera.take(lambda taken: self.desk.see(lambda: _shown(taken), lambda both: self._taken(question, *both)))

    def _taken(self, question: int, picture: Image.Image | None, shown: Image.Image | None) -> None:
        if question != self._question:
            return
        self.busy, self.failed = False, picture is None
        if picture is not None:
            self.ids.finder.rest()
            self.picture, shelf = picture, self.ids.shelf
            shelf.texture, shelf.grid, shelf.row, shelf.marks = texture(shown), grid(FIRST_GRID), 0, {}
            self.stage = "grid"
        self.app.sound("no" if picture is None else "ok")
        self.render()

    def rows(self, by: int) -> None:
        """Have a board more or less, each as wide as it was."""
        shelf = self.ids.shelf
        counts = [len(row.edges) - 1 for row in shelf.grid]
        counts = counts[:-1] if by < 0 else [*counts, counts[-1]]
        if 1 <= len(counts) <= ROWS_MAX:
            shelf.grid = grid(counts)
            shelf.row = min(shelf.row, len(counts) - 1)

    def columns(self, by: int) -> None:
        """Have a facing more or less on the board that was touched."""
        shelf = self.ids.shelf
        row: Row = shelf.grid[shelf.row]
        count = len(row.edges) - 1 + by
        if 1 <= count <= COLUMNS_MAX:
            edges = grid([count])[0].edges
            shelf.grid = (*shelf.grid[: shelf.row], row._replace(edges=edges), *shelf.grid[shelf.row + 1 :])

    def facing(self, row: int, column: int) -> None:
        """Choose a board, or once it was looked at ask about a facing."""
        if self.stage == "grid":
            self.ids.shelf.row = row
        elif self.stage == "found" and self.section is not None:
            self._ask(next(each for each in self.section.facings if (each.row, each.column) == (row, column)))

    # what stands there

    def look(self) -> None:
        """Have it recognised, facing by facing."""
        picture, laid, desk = self.picture, self.ids.shelf.grid, self.desk
        if picture is None or self.progress is None or self.busy:
            return
        expected = facings.expected(self)
        self.busy, question = True, self._question

        def looked() -> tuple[Section | Absent, Mapping[str, Image.Image]]:
            section = desk.sight.section(picture, laid, expected)
            return section, desk.sight.faces(facings.proposed(section), FACE)

        self.desk.see(looked, lambda answer: self._looked(question, *answer))
        self.render()

    def _looked(self, question: int, section: Section | Absent, faces: Mapping[str, Image.Image]) -> None:
        if question != self._question:
            return
        self.busy, self._faces = False, faces
        if isinstance(section, Absent):
            self.absent = section
        else:
            self.section, self.stage = section, "found"
        self.app.sound("warn" if isinstance(section, Absent) or section.open else "ok")
        self.render()

    def touched(self, index: int) -> None:
        """Ask about the facing that a row of the list stands for."""
        if self._rows[index].facing is not None:
            self._ask(self._rows[index].facing)

    def _ask(self, facing: Facing | None) -> None:
        """Show one facing and what it may be; with none, what stands there altogether."""
        self.one, self.stage = facing, "found" if facing is None else "one"
        self.render()

    def _next(self) -> None:
        """Ask about the next facing that nobody has settled, after this one."""
        assert self.section is not None
        at = (self.one.row, self.one.column) if self.one else (-1, -1)
        self._ask(next((each for each in self.section.open if (each.row, each.column) > at), None))

    def choose(self, item: str) -> None:
        """Take a person's word for what the facing is; nothing for an empty place."""
        self._settled(item, By.PERSON)

    def scan(self, reading: Reading) -> None:
        """Take a bin's label for where this is, and a barcode for what the facing is."""
        self.ids.scan.code = visible(reading.code)
        place, item = self.desk.place(reading), self.desk.packing(reading)
        if place is not None and place != self.place:
            self.place = place
            self.app.sound("ok")
            self._aim()
        elif item is not None and self.section is not None and self._settled(item.reference, By.BARCODE):
            return
        else:
            self.app.sound("ok" if place else "no")

    def _settled(self, item: str, by: By) -> bool:
        """Settle the facing that is asked about; without one those that very likely are what was scanned."""
        section = self.section
        assert section is not None
        asked = [self.one] if self.one else facings.taken_for(section, item)
        for each in asked:
            said = each.proposal
            alike = by is By.BARCODE and not isinstance(said, Absent) and said.alike
            section = (section.settle_like if alike else section.settle)(each.row, each.column, item)
            if item and self.picture is not None:
                crop = self.picture.crop(square(*self.picture.size, each.box))
                self.desk.settle_picture(Seen(crop, said), item, by)
        if asked:
            self.section = section
            self.app.sound("ok")
            self._next() if self.one else self.render()
        return bool(asked)

    # the count

    def deeper(self, by: int) -> None:
        """Say how deep the goods stand."""
        self.deep = max(1, min(DEEP_MAX, self.deep + by))
        self.render()

    def draft(self) -> None:
        """Give what was seen to the count: goods in hand, until they are confirmed."""
        section, progress = self.section, self.progress
        if section is None or progress is None:
            return
        task, place, deep = progress.task, self.place, int(self.deep)

        def kept(said: bool) -> None:
            if said:
                self.app.go("work", task=task)
            else:
                self.app.sound("no")
                self.app.look()

        self.desk.act(lambda: self.desk.draft_count(section, place, task, deep), kept)

    # buttons

    def main(self) -> None:
        """Go on."""
        if self.blind:
            self.app.back()
        elif self.stage == "one" or (self.stage == "found" and self.section and self.section.open):
            self._next()
        elif self.stage == "found":
            self.stage = "deep"
            self.render()
        else:
            {"place": lambda: self.app.sound("no"), "aim": self.take, "grid": self.look, "deep": self.draft}[
                self.stage
            ]()

    def before(self) -> None:
        """Go back a step."""
        before = BEFORE[self.stage]
        if not before:
            self.app.back()
        elif before == "aim":
            self._aim()
        else:
            self.stage, self.one = before, None
            if before == "grid":
                self.ids.shelf.marks = {}
            self.render()

    def other(self) -> None:
        """Say that a place is empty; take what is settled so far as the draft."""
        if self.stage == "one":
            self.choose("")
        elif self.stage == "found":
            self.stage = "deep"
            self.render()

    def blinked(self) -> None:
        """Ask no more; the strip says why."""
        self.busy = False
        self.render()

    def key(self, name: str) -> bool:
        """Enter goes on, Esc goes back a step."""
        if name == "enter":
            self.main()
        elif name == "escape":
            self.before()
        else:
            return False
        return True

    # what is seen

    def render(self) -> None:
        """Draw the step."""
        self.title = self.word("shelf")
        self.sub = self.place
        banner = self.ids.banner
        banner.tone, banner.icon, banner.headline, banner.line = steps.told(self)
        if self.section is not None:
            self._rows = facings.lines(self, self.section)
            self.ids.goods.data = [each.row for each in self._rows]
            self.ids.shelf.row = None
            self.ids.shelf.marks = facings.marks(self.section, self._rows) if self.stage in {"found", "deep"} else {}
        elif self.ids.shelf.row is None:
            self.ids.shelf.row = 0
        if self.stage == "one" and self.one is not None and self.picture is not None:
            crop = self.picture.crop(square(*self.picture.size, self.one.box))
            self.ids.proposed.show(self, crop, self.one.proposal, self._faces)
        steps.offer(self)


def _shown(taken: bytes | None) -> tuple[Image.Image | None, Image.Image | None]:
    """Return a photograph as it is looked at, and as it is drawn."""
    picture = small(taken, LARGEST)
    if picture is None:
        return None, None
    shown = picture.copy()
    shown.thumbnail((SHOWN, SHOWN))
    return picture, shown
