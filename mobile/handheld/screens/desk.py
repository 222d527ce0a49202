"""Everything behind the screens, by the words that the pages use: who, what is to do, what is known, how it stands.

The pages ask it and nothing else; it asks the rooms. No widget is known here.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from handheld.client.prints import Print, Unread
from handheld.client.wiping import Wiped
from handheld.outbox.answers import Told
from handheld.outbox.limits import Limits, Standing
from handheld.rooms import Exchange, Rooms
from handheld.screens.worker import Later, Worker
from handheld.vision.counting import Depths, drafted
from handheld.vision.settling import By
from handheld.vision.shelf import Section
from handheld.vision.sight import Seen, Sight
from handheld.vision.sizing import sharp
from handheld.work.ports import Item
from handheld.work.shift import Shift
from handheld.work.tasks.task import Job, Task
from stockbook.domain.capture.reading import Kind, Reading

T = TypeVar("T")
_GOODS = frozenset({Kind.ITEM, Kind.TEXT})
_PLACES = frozenset({Kind.BIN, Kind.VEHICLE, Kind.TEXT})


Fault = tuple[str, dict[str, str]]
"""A key of `words` and its values."""


class Desk:
    """What the pages work on.

    Parameters
    ----------
    enrol
        Makes the rooms of an enrolment's text, or says what is wrong with it.
    rooms
        Those of an enrolment made before.
    """

    def __init__(self, later: Later, enrol: Callable[[str], Rooms | Fault], rooms: Rooms | None = None) -> None:
        self.worker, self.eye = Worker(later), Worker(later)
        self._enrol = enrol
        self.rooms = rooms
        self.person = ""
        self.chosen_site = ""
        self._items_of, self._items = "", dict[str, Item | None]()
        self.wiped: Wiped | None = None
        """What the device was wiped for, until it is enrolled anew."""
        self._ending: Exchange | None = None
        self.shift: Shift | None = None

    # who

    def enrol(self, text: str) -> Fault | None:
        """Enrol by the text of a QR code; return what is wrong with it."""
        said = self._enrol(text)
        if isinstance(said, Rooms):
            self.close()
            self.rooms, self.wiped = said, None
            return None
        return said

    def sign_in(self, person: str) -> None:
        """Note who holds the device; the work of another person is not gone on with."""
        if person != self.person:
            self.shift = None
        self.person = person

    @property
    def there(self) -> Rooms:
        """The rooms; nobody asks before the device is enrolled."""
        assert self.rooms is not None
        return self.rooms

    # where

    @property
    def site(self) -> str:
        """Where the device works: the site chosen, else the first it may work at."""
        known = self.there.replica.sites()
        return self.chosen_site if self.chosen_site in known or not known else known[0]

    @site.setter
    def site(self, reference: str) -> None:
        self.chosen_site = reference

    # what is to do

    def tasks(self) -> list[Task]:
        """Return what is to be done."""
        return list(self.there.replica.tasks())

    def free(self, job: Job) -> Task:
        """Return a job without a task, at this device's site."""
        return Task("", job, self.site)

    def done(self, task: Task) -> int:
        """Return how many lines of a task are done."""
        if self.shift is not None and self.shift.progress.task == task:
            return sum(not self.shift.progress.row(line).open for line in task.lines)
        return sum(line.done >= line.quantity for line in task.lines)

    def begin(self, task: Task) -> None:
        """Go to work on a task, with what was scanned of it before."""
        self.shift = Shift(task, self.there.world, self.there.outbox, self.person)

    @property
    def work(self) -> Shift:
        """The work under way; nobody asks before it has begun."""
        assert self.shift is not None
        return self.shift

    def act(self, step: Callable[[], T], show: Callable[[T], Any]) -> Any:
        """Have a step of the work taken and shown."""

        def shown(seen: T) -> None:
            show(seen)
            if self.rooms is not None and self.rooms.exchange.online:
                self.rooms.exchange.nudge()

        return self.worker.act(step, shown)

    # what is known

    def item(self, reference: str) -> Item | None:
        """Return an item by its reference; looked up once for each version of what is known."""
        known = self.there.world.known
        if self._items_of != known.version:
            self._items_of, self._items = known.version, {}
        if reference not in self._items:
            self._items[reference] = known.item(reference) if reference else None
        return self._items[reference]

    def search(self, text: str) -> Iterable[Item]:
        """Return the goods that a text names."""
        return self.there.replica.search(text)

    def packing(self, reading: Reading) -> Item | None:
        """Return the goods that a scan names."""
        found = self.there.world.known.packing(reading.gtin or reading.reference) if reading.kind in _GOODS else None
        return found.item if found else None

    def place(self, reading: Reading) -> str | None:
        """Return the place that a scan names."""
        found = self.there.world.known.place(reading.reference) if reading.kind in _PLACES else None
        return found.reference if found else None

    # what is seen

    @property
    def sight(self) -> Sight:
        """Recognition."""
        return self.there.sight

    def see(self, step: Callable[[], T], show: Callable[[T], Any]) -> Any:
        """Have something recognised, or what goes with it, and shown; no scan waits for it."""
        return self.eye.act(step, show)

    def printed(self, taken: bytes | None) -> Print | Unread:
        """Return what is printed in a picture, as the server reads it; takes its time."""
        picture = sharp(taken)
        return Unread.BAD_PICTURE if picture is None else self.there.prints.read(picture)

    def settle_picture(self, seen: Seen | None, item: str, by: By) -> None:
        """Keep what a picture turned out to be of."""
        if seen is not None:
            sight, site, person = self.sight, self.site, self.person
            self.see(lambda: sight.settle(seen, item, by, site=site, person=person), lambda _done: None)

    def settle_by_code(self, seen: Seen | None, reading: Reading) -> None:
        """Keep that a barcode said what a picture is of, when it is of goods."""
        if (item := self.packing(reading)) is not None:
            self.settle_picture(seen, item.reference, By.BARCODE)

    def learn(self) -> None:
        """Have thresholds fitted to the shop's own goods, while nothing is looked at."""
        if self.rooms is not None:
            self.see(self.rooms.sight.learn, lambda _done: None)

    def draft_count(self, section: Section, place: str, task: Task, depths: Depths) -> bool:
        """Make what was seen of a bin the draft of its count; return whether it is kept."""
        draft = drafted(section, place, task, self.there.world.known, depths)
        return isinstance(self.there.outbox.append(draft=(draft.name, draft.text)), tuple)

    # how it stands

    @property
    def limits(self) -> Limits:
        """How much may wait, and how long."""
        return self.there.outbox.limits if self.rooms else Limits()

    def standing(self) -> Standing:
        """Return how the queue stands."""
        return self.there.outbox.standing() if self.rooms else Standing(0, 0, 0, 0)

    def unsettled(self) -> list[Told]:
        """Return what the server could not post, until a person has settled it."""
        return list(self.there.outbox.unsettled())

    def settle(self, told: Told) -> None:
        """Note that a person has settled a refusal or conflict."""
        self.there.outbox.dismiss(told.epoch, told.answer.sequence)

    def leave(self) -> bool:
        """Leave rooms that were erased, and forget who worked there; return whether they were.

        The exchange goes on until the server has heard of it.
        """
        if self.rooms is None or self.rooms.exchange.wiped is None:
            return False
        self.wiped, self._ending = self.rooms.exchange.wiped, self.rooms.exchange
        self.rooms.shut()
        self.rooms, self.shift, self.person, self.chosen_site = None, None, "", ""
        self._items_of, self._items = "", {}
        return True

    def close(self) -> None:
        """Close the rooms; what was scanned is on the disk anyhow."""
        if self._ending is not None:
            self._ending.close()
            self._ending = None
        if self.rooms is not None:
            self.rooms.exchange.close()
            self.rooms.shut()
            self.rooms = None
