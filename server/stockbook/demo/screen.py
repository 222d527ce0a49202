"""One screen: where it runs, a token for each role, and figures that move."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from stockbook.demo.client import Tally
from stockbook.demo.words import words

PLAIN_SECONDS = 15
"""How often figures are printed where nobody watches (a log)."""


@dataclass(slots=True)
class Figures:
    """What the screen shows of a running replay."""

    tally: Tally
    sales_all: int = 0
    sales: int = 0
    forecasts: int = 0
    day: date | None = None
    stage: str = "registering"
    started: float = field(default_factory=time.monotonic)
    marks: list[tuple[float, int]] = field(default_factory=list)

    @property
    def elapsed(self) -> timedelta:
        """Return how long it has run, in whole seconds."""
        return timedelta(seconds=int(time.monotonic() - self.started))

    @property
    def rate(self) -> float:
        """Return movements a second over the last ten seconds."""
        now = time.monotonic()
        if not self.marks or now - self.marks[-1][0] >= 1:
            self.marks.append((now, self.tally.posted))
        while len(self.marks) > 2 and now - self.marks[0][0] > 10:
            del self.marks[0]
        (then, before), moved = self.marks[0], self.tally.posted
        return (moved - before) / (now - then) if now - then > 0.5 else 0.0


class Screen(AbstractContextManager["Screen"]):
    """Shows figures while they change; prints plain lines where there is no terminal."""

    def __init__(self, figures: Figures, console: Console | None = None) -> None:
        self.figures = figures
        self.console = console or Console(highlight=False)
        self.words = words()
        self._printed = 0.0
        self._live = Live(console=self.console, get_renderable=self.live, refresh_per_second=4, transient=True)

    def __enter__(self) -> "Screen":
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def head(self, address: str, network: str, tokens: list[tuple[str, str, str]]) -> None:
        """Print what stays: the address, the network, and (role, organisation, token) rows."""
        say = self.words
        self.console.print(Text.assemble(("Stockbook", "bold"), f"  {network}"))
        self.console.print(Text.assemble((f"{address}/graphql", "bold cyan"), (f"  {say['playground']}", "dim")))
        self.console.print()
        role_width, party_width = (max((len(row[column]) for row in tokens), default=0) for column in (0, 1))
        for role, party, token in tokens:
            # one unbroken line, so that it can be copied whole
            line = Text.assemble((f"{role:{role_width}}  ", "bold"), f"{party:{party_width}}  ", (token, "dim"))
            self.console.print(line, soft_wrap=True)
        self.console.print()

    def tick(self) -> None:
        """Print a plain line now and then where there is no terminal."""
        if not self.console.is_terminal and time.monotonic() - self._printed > PLAIN_SECONDS:
            self._printed = time.monotonic()
            self.console.print(self._line(), soft_wrap=True)

    def live(self) -> RenderableType:
        """Return the part that moves."""
        figures, say = self.figures, self.words
        top = Table.grid(expand=True, padding=(0, 2, 0, 0))
        top.add_column(no_wrap=True)
        top.add_column(ratio=1)
        top.add_column(justify="right", no_wrap=True)
        stage = say[figures.stage] + (f" {figures.day}" if figures.day else "")
        bar = ProgressBar(total=max(figures.sales_all, 1), completed=figures.sales, complete_style="cyan")
        top.add_row(Text(stage, style="bold"), bar, Text(str(figures.elapsed), style="dim"))
        row = Table.grid(expand=True, padding=(0, 2, 0, 0))
        cells = self._cells()
        for _ in cells:
            row.add_column(justify="left")
        row.add_row(*(Text(value, style="bold cyan") for value, _ in cells))
        row.add_row(*(Text(name, style="dim") for _, name in cells))
        return Group(top, Text(), row)

    def _cells(self) -> list[tuple[str, str]]:
        figures, say = self.figures, self.words
        cells = [
            (f"{figures.tally.posted:,}", say["movements"]),
            (f"{figures.rate:,.0f}", say["a second"]),
            (f"{figures.sales:,}", f"{say['sales']} {say['of']} {figures.sales_all:,}"),
            (f"{figures.forecasts:,}", say["forecasts"]),
            (f"{figures.tally.signals:,}", say["signals"]),
        ]
        refused = figures.tally.refused.total()
        return [*cells, (f"{refused:,}", say["refused"])] if refused else cells

    def _line(self) -> str:
        when = self.figures.day or self.words[self.figures.stage]
        return f"{self.figures.elapsed}  {when}  " + ", ".join(f"{value} {name}" for value, name in self._cells())

    def say(self, text: str, style: str = "") -> None:
        """Print a line that stays."""
        self.console.print(Text(text, style=style))

    def verdict(self, facts: list[tuple[str, str, bool]]) -> bool:
        """Print (what, figure, whether it is well) rows; return whether all of it is well."""
        for name, value, well in facts:
            mark = ("✔ ", "green") if well else ("✘ ", "red")
            self.console.print(Text.assemble(mark, f"{name}: ", (value, "bold")))
        return all(well for _, _, well in facts)
