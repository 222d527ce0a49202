"""What is there to do? Tasks first, then the jobs that need no task."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder

from handheld.screens.icons import ICONS
from handheld.screens.kit import KTile
from handheld.screens.pages.page import Page
from handheld.screens.pages.work import ICONS_OF
from handheld.work.tasks.task import Job, Task
from stockbook.domain.capture.reading import Kind, Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class HomePage(Page):
    """Tasks and free jobs."""

    corner = "settings"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tasks: list[Task] = []
        self.tiles: dict[str, KTile] = {}
        for job in Job:
            self._tile(job.value, ICONS_OF[job], lambda _tile, job=job: self.begin(self.desk.free(job)))
        self._tile("search", "search", lambda _tile: self.app.go("search"))
        self._tile("exceptions", "flag", lambda _tile: self.app.go("exceptions"))

    def _tile(self, key: str, icon: str, touched: Any) -> None:
        tile = self.tiles[key] = KTile(label=key, icon=icon, on_release=touched)
        self.ids.tiles.add_widget(tile)

    def enter(self, **_facts: Any) -> None:
        """Look what there is to do now."""
        self.render()

    def render(self) -> None:
        """Draw tasks and tiles."""
        self.title, self.sub = self.desk.person or self.word("home"), self.desk.site
        self.tasks = self.desk.tasks()
        self.ids.tasks.data = [self._row(task) for task in self.tasks]
        self.ids.none.text = "" if self.tasks else self.word("no_tasks")
        for key, tile in self.tiles.items():
            tile.word = self.word(key)
        unsettled = self.desk.standing().unsettled
        tile = self.tiles["exceptions"]
        tile.tone, tile.mark = ("stop", str(unsettled)) if unsettled else ("", "")

    def _row(self, task: Task) -> dict[str, Any]:
        done, lines = self.desk.done(task), len(task.lines)
        facts = self.word("task_lines", done=done, all=lines, place=task.vehicle or task.read_point)
        return {
            "name": f"{ICONS[ICONS_OF[task.job]]}  {self.word(task.job.value)}  {task.document}",
            "sub": facts,
            "amount": ICONS["check"] if lines and done >= lines else ICONS["next"],
            "tone": "good" if lines and done >= lines else "accent",
        }

    def touched(self, index: int) -> None:
        """Begin a task of the list."""
        self.begin(self.tasks[index])

    def begin(self, task: Task) -> None:
        """Go to work."""
        self.app.go("work", task=task)

    def scan(self, reading: Reading) -> None:
        """Begin the task whose document was scanned, change who works or where, else look goods up."""
        if reading.kind is Kind.PERSON:
            self.desk.sign_in(reading.reference)
            self.app.sound("ok")
            self.render()
        elif reading.reference in self.desk.there.replica.sites():
            self.desk.site = reading.reference
            self.app.sound("ok")
            self.render()
        elif task := next((task for task in self.tasks if reading.reference in {task.reference, task.document}), None):
            self.begin(task)
        else:
            super().scan(reading)
