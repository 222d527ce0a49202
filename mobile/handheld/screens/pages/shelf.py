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
from handheld.screens.pages.proposed import FACE, name
from handheld.vision.absent import Absent
from handheld.vision.counting import Depths
from handheld.vision.grid import grid, with_boards, with_facings
from handheld.vision.picture import square
from handheld.vision.settling import By
from handheld.vision.shelf import Facing, Section
from handheld.vision.sight import Seen
from handheld.vision.sizing import framed
from handheld.work.tasks.progress import Progress
from stockbook.domain.capture.reading import Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

FIRST_GRID = (4, 4)
STAGES = ("place", "aim", "grid", "found", "one", "deep")
BEFORE = {"place": "", "aim": "", "grid": "aim", "found": "grid", "one": "found", "deep": "found"}
"""Where Back leads within the page."""


class ShelfPage(FinderPage):
    """Bin, photograph, grid, what stands there, draft. Nothing is recorded before the count is confirmed."""

    stage = OptionProperty("place", options=STAGES)
    deep = NumericProperty(1)
    """How many goods stand one behind the other, of the item that was touched or of all."""
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
        self._faces: Mapping[str, Image.Image] = {}
        self.depths, self.deep_of = Depths(), ""
        self._rows: list[facings.Line] = []
        super().__init__(**kwargs)

    def enter(self, progress: Progress | None = None, **_facts: Any) -> None:
        """Begin with the bin that the count has open."""
        if progress is not None:
            self.progress, self.place = progress, progress.place
        self.ids.scan.code = ""
        self._aim()
        self.ask_ready()

    def leave(self) -> None:
        """Give the camera back."""
        self.go_on()
        self.ids.finder.rest()

    def _aim(self) -> None:
        """Look through the finder, once it is known at which bin."""
        self.go_on()
        self.picture = self.section = self.one = None
        self.failed = False
        self.depths, self.deep_of = Depths(), ""
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
        self.photograph(framed, lambda both: self._taken(*both))

    def _taken(self, picture: Image.Image | None, shown: Image.Image | None) -> None:
        self.failed = picture is None
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
        shelf.grid = with_boards(shelf.grid, by)
        shelf.row = min(shelf.row, len(shelf.grid) - 1)

    def columns(self, by: int) -> None:
        """Have a facing more or less on the board that was touched."""
        shelf = self.ids.shelf
        shelf.grid = with_facings(shelf.grid, shelf.row, by)

    def facing(self, row: int, column: int) -> None:
        """Choose a board; once it was looked at ask about a facing; at last choose the item whose depth is said."""
        if self.stage == "grid":
            self.ids.shelf.row = row
        elif self.section is not None:
            touched = next(each for each in self.section.facings if (each.row, each.column) == (row, column))
            if self.stage == "found":
                self._ask(touched)
            elif self.stage == "deep":
                self.deep_of = touched.item
                self.render()

    # what stands there

    def look(self) -> None:
        """Have it recognised, facing by facing."""
        picture, laid, desk = self.picture, self.ids.shelf.grid, self.desk
        if picture is None or self.progress is None:
            return
        expected = facings.expected(self)

        def looked() -> tuple[Section | Absent, Mapping[str, Image.Image]]:
            section = desk.sight.section(picture, laid, expected)
            return section, desk.sight.faces(facings.proposed(section), FACE)

        self.ask(looked, lambda answer: self._looked(*answer))

    def _looked(self, section: Section | Absent, faces: Mapping[str, Image.Image]) -> None:
        self._faces = faces
        if isinstance(section, Absent):
            self.absent = section
        else:
            self.section, self.stage = section, "found"
        self.app.sound("warn" if isinstance(section, Absent) or section.open else "ok")
        self.app.say(steps.told(self).spoken)
        self.render()

    def touched(self, index: int) -> None:
        """Ask about the facing that a row of the list stands for."""
        if self._rows[index].facing is not None:
            self._ask(self._rows[index].facing)

    def _ask(self, facing: Facing | None) -> None:
        """Show one facing and what it may be; with none, what stands there altogether."""
        self.one, self.stage = facing, "found" if facing is None else "one"
        if facing is not None:
            self.app.say(steps.told(self).spoken)
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
        for each in asked if item else ():
            self.desk.settle_picture(Seen(self._crop(each), each.proposal), item, by)
        if asked:
            self.section = facings.settled(section, asked, item, by)
            self.app.sound("ok")
            self._next() if self.one else self.render()
        return bool(asked)

    def _crop(self, facing: Facing) -> Image.Image | None:
        return None if self.picture is None else self.picture.crop(square(*self.picture.size, facing.box))

    # the count

    def deeper(self, by: int) -> None:
        """Say how deep the goods stand: the item that was touched, or all."""
        self.depths = self.depths.deeper(self.deep_of, by)
        self.render()

    def draft(self) -> None:
        """Give what was seen to the count: goods in hand, until they are confirmed."""
        section, progress = self.section, self.progress
        if section is None or progress is None:
            return
        task, place, depths = progress.task, self.place, self.depths

        def kept(said: bool) -> None:
            if said:
                self.app.go("work", task=task)
            else:
                self.app.sound("no")
                self.app.look()

        self.desk.act(lambda: self.desk.draft_count(section, place, task, depths), kept)

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
        self.show_verdict(steps.told(self))
        if self.section is not None:
            self._rows = facings.lines(self, self.section)
            self.ids.goods.data = [each.row for each in self._rows]
            self.ids.shelf.row = None
            self.ids.shelf.marks = facings.marks(self.section, self._rows) if self.stage in {"found", "deep"} else {}
        elif self.ids.shelf.row is None:
            self.ids.shelf.row = 0
        if self.stage == "one" and self.one is not None and self.picture is not None:
            self.ids.proposed.show(self, self._crop(self.one), self.one.proposal, self._faces)
        self.deep = self.depths.of(self.deep_of)
        of = name(self, self.deep_of) if self.deep_of else ""
        self.ids.deep.title = self.word("shelf_deep_of", name=of) if of else self.word("shelf_deep")
        steps.offer(self)
