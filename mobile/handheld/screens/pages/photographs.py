"""What do goods look like? One to ten photographs of an item teach the device, without any training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kivy.lang import Builder
from kivy.properties import BooleanProperty
from PIL import Image

from handheld.screens.kit import KThumb
from handheld.screens.kit.pictures import texture
from handheld.screens.pages.finder import FinderPage
from handheld.screens.pages.page import visible
from handheld.screens.pages.proposed import Verdict, name, verdict
from handheld.vision.absent import Absent, Why
from handheld.vision.gallery import PHOTOGRAPHS_MAX, Enrolled, Photograph
from handheld.vision.sight import Seen
from handheld.vision.sizing import LARGEST, small
from handheld.work.ports import Item
from stockbook.domain.capture.reading import Kind, Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

THUMB = 140
"""Pixels of a thumb's side."""


class Standing(NamedTuple):
    """How it stands: why nothing can be enrolled, what is enrolled, the photographs of the item that is shown."""

    absent: Absent | None
    goods: Sequence[Enrolled]
    kept: Sequence[tuple[Photograph, Image.Image | None]]


class PhotographsPage(FinderPage):
    """All goods that were photographed; or one item, its photographs, and the finder."""

    chosen = BooleanProperty(False)
    """Whether an item is shown; else the list."""
    item: Item | None = None
    standing = Standing(None, (), ())
    removed: Photograph | None = None
    told: Verdict | None = None
    """What the last press did."""

    def __init__(self, **kwargs: Any) -> None:
        self._fresh: dict[str, list[Image.Image]] = {}
        self._waiting: Image.Image | None = None
        self._marked: int | None = None
        super().__init__(**kwargs)

    def enter(self, seen: Seen | None = None, **_facts: Any) -> None:
        """Show what is enrolled; a picture that nobody knew waits for the scan of its goods."""
        if seen is not None:
            self._waiting = seen.picture
        self.ids.scan.code = ""
        self._show(None)

    def leave(self) -> None:
        """Give the camera back; what was taken and not saved stays with the page."""
        self.ids.finder.rest()
        self.desk.learn()

    def _show(self, item: Item | None) -> None:
        self.item, self.chosen = item, item is not None
        self.told = self.removed = self._marked = None
        if item is None:
            self.ids.finder.rest()
        else:
            self.look_through()
        if item is not None and self._waiting is not None:
            self._of_item.append(self._waiting)
            self._waiting = None
        self._look()

    def _look(self) -> None:
        """Find out how it stands, and draw it."""
        item = self.item.reference if self.item else ""
        sight = self.desk.sight

        def look() -> Standing:
            kept = sight.photographs(item) if item else []
            return Standing(sight.absent, sight.goods(), [(each, small(each.picture, THUMB)) for each in kept])

        def show(standing: Standing) -> None:
            self.standing = standing
            self.render()

        self.desk.see(look, show)
        self.render()

    @property
    def _of_item(self) -> list[Image.Image]:
        """What was taken of the item and is not saved yet."""
        return self._fresh.setdefault(self.item.reference, []) if self.item else []

    # what comes in

    def scan(self, reading: Reading) -> None:
        """Show the goods that were scanned."""
        self.ids.scan.code = visible(reading.code)
        packing = self.desk.packing(reading) if reading.kind in {Kind.ITEM, Kind.TEXT} else None
        if packing is None:
            self.app.sound("no")
            return
        self.app.sound("ok")
        self._show(packing)

    def touched(self, index: int) -> None:
        """Show the item of a row."""
        item = self.desk.item(self.standing.goods[index].item)
        if item is not None:
            self._show(item)

    def key(self, name: str) -> bool:
        """Enter takes a picture, Esc goes back to the list."""
        if name == "enter" and self.chosen:
            self.take()
        elif name == "escape" and self.chosen:
            self._show(None)
        else:
            return False
        return True

    # pictures

    def take(self) -> None:
        """Take a picture of the item."""
        camera, item = self.app.machine.camera, self.item
        if camera is None or item is None:
            return
        if len(self._of_item) >= PHOTOGRAPHS_MAX:
            self.told = verdict(self, Absent(Why.TOO_MANY_PICTURES))
            self.app.sound("no")
            self.render()
            return

        def taken(picture: bytes | None) -> None:
            self.desk.see(lambda: small(picture, LARGEST), lambda seen: self._taken(item, seen))

        camera.take(taken)

    def _taken(self, item: Item, picture: Image.Image | None) -> None:
        self.removed = self._marked = None
        if picture is None:
            self.told = verdict(self, Absent(Why.BAD_PICTURE))
        else:
            self.told = None
            self._fresh.setdefault(item.reference, []).append(picture)
        self.app.sound("no" if picture is None else "ok")
        self.render()

    def save(self) -> None:
        """Have the device know the item by what was taken."""
        item, fresh = self.item, list(self._of_item)
        if item is None or not fresh:
            return

        def saved(count: int | Absent) -> None:
            if isinstance(count, Absent):
                self.told = verdict(self, count)
                self.app.sound("no")
                self.app.say(self.told.spoken)
            else:
                del self._fresh.setdefault(item.reference, [])[: len(fresh)]
                self.told = Verdict("good", "check", self.seen_word("saved", count=count))
                self.app.sound("ok")
                self.app.say(self.told.spoken)
            self._look()

        sight, site, person = self.desk.sight, self.desk.site, self.desk.person
        self.desk.see(lambda: sight.enrol(item.reference, fresh, site=site, person=person), saved)

    def remove(self) -> None:
        """Take the marked photograph away, or the last one back."""
        sight, at, removed = self.desk.sight, self._marked, self.removed
        self.told = self._marked = None
        if at is None and removed is not None:
            self.removed = None
            self.desk.see(lambda: sight.put_back(removed), lambda _done: self._look())
        elif at is not None and at < len(self._of_item):
            del self._of_item[at]
            self.render()
        elif at is not None:
            gone = self.removed = self.standing.kept[at - len(self._of_item)][0]
            self.desk.see(lambda: sight.remove(gone), lambda _done: self._look())

    def mark(self, thumb: Any) -> None:
        """Mark a photograph, or no longer."""
        at = int(thumb.label)
        self._marked = None if at == self._marked else at
        self.render()

    # what is seen

    def render(self) -> None:
        """Draw the list, or the item."""
        self.title, self.sub = self.word("photographs"), self.desk.there.device
        self.show_verdict(self.told or self._told())
        if self.item is None:
            self.ids.goods.data = [self._row(each) for each in self.standing.goods]
            self.ids.none.text = "" if self.standing.goods else self.word("photos_none")
            self.ids.thumbs.clear_widgets()
            return
        self.ids.name.text, self.ids.reference.text = self.item.name, self.item.reference
        enrolled = self._enrolled
        self.ids.count.text = f"{enrolled.photographs if enrolled else 0}/{PHOTOGRAPHS_MAX}"
        self._thumbs()
        away, fresh, blind = self.ids.away, len(self._of_item), self.standing.absent is not None
        undo = self._marked is None and self.removed is not None
        away.word, away.icon = self.word("undo" if undo else "photos_remove"), "undo" if undo else "remove"
        away.disabled = self._marked is None and self.removed is None
        self.ids.save.word = self.word("photos_save", count=fresh) if fresh else self.word("photos_save_none")
        self.ids.save.tone, self.ids.save.disabled = "good", not fresh or blind
        self.ids.main.word, self.ids.main.disabled = self.word("see_take"), blind or self.app.machine.camera is None

    def _told(self) -> Verdict:
        standing = self.standing
        if standing.absent is not None:
            return verdict(self, standing.absent)
        if self.item is None:
            key = "photos_waiting" if self._waiting else "photos_how"
            return Verdict("accent", "scan", self.word("photos_scan"), self.word(key))
        if self._of_item:
            return Verdict("accent", "camera", self.word("photos_unsaved", count=len(self._of_item)))
        if self._enrolled is not None and self._enrolled.to_be_enrolled_again:
            return Verdict("warn", "warn", self.word("photos_again"), self.word("photos_again_why"))
        return Verdict("accent", "camera", self.word("photos_sides"))

    @property
    def _enrolled(self) -> Enrolled | None:
        """How the item stands under the model in force; None when there is nothing of it."""
        item = self.item.reference if self.item else ""
        return next((each for each in self.standing.goods if each.item == item), None)

    def _thumbs(self) -> None:
        shown = [(True, each) for each in self._of_item] + [(False, face) for _, face in self.standing.kept]
        thumbs = self.ids.thumbs
        while len(thumbs.children) > len(shown):
            thumbs.remove_widget(thumbs.children[0])
        while len(thumbs.children) < len(shown):
            thumbs.add_widget(KThumb(on_release=self.mark))
        for at, (thumb, (fresh, picture)) in enumerate(zip(reversed(thumbs.children), shown, strict=True)):
            thumb.label, thumb.fresh, thumb.chosen = str(at), fresh, at == self._marked
            thumb.ids.face.texture = texture(_square(picture))

    def _row(self, each: Enrolled) -> dict[str, Any]:
        again = each.to_be_enrolled_again
        return {
            "name": name(self, each.item),
            "sub": self.word("photos_again") if again else self.word("photos_of", count=each.photographs),
            "amount": "",
            "tone": "warn" if again else "good",
            "sub_tone": "warn" if again else "",
        }


def _square(picture: Image.Image | None) -> Image.Image | None:
    """Return the middle square of a picture, as small as it is shown."""
    if picture is None:
        return None
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side)).resize((THUMB, THUMB))
