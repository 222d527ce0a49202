"""A figure is a measured number and the limit it is held to."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the benchmark.

    >>> Figure("posting.coalesced", 2500, 2000, "postings/s", least=True).ok
    True
    >>> Figure("reads.Q1.bare", 1.41, 1.3, "times").ok
    False

    `limit` is an upper bound, or a lower one with `least`; None when the number only informs.
    `note` says beside what, or how sure.
    """

    name: str
    value: float
    limit: float | None = None
    unit: str = ""
    least: bool = False
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether it keeps its limit."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.least else self.value <= self.limit


def written(figures: Iterable[Figure], path: Path) -> None:
    """Write `{name: {value, limit, unit, ok}}`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {
        each.name: {"value": each.value, "limit": each.limit, "unit": each.unit, "ok": each.ok, "note": each.note}
        for each in figures
    }
    path.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n")


def shown(figures: Iterable[Figure], console: Console) -> None:
    """Print them as a table, a section for each first word of their names; what misses its limit is red."""
    table = Table(title="Stockbook measured", title_justify="left", header_style="dim", pad_edge=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("limit", justify="right")
    table.add_column("unit")
    table.add_column("how", style="dim", overflow="fold")
    section = ""
    for each in figures:
        word = each.name.split(".", 1)[0]
        if section and word != section:
            table.add_section()
        section = word
        limit = "" if each.limit is None else f"{'≥' if each.least else '≤'} {number(each.limit)}"
        style = "" if each.limit is None else "green" if each.ok else "bold red"
        table.add_row(each.name, f"[{style}]{number(each.value)}[/]" if style else number(each.value), limit,
                      each.unit, each.note)  # fmt: skip
    console.print(table)


def number(value: float) -> str:
    """Print three figures' worth of a number.

    >>> [number(each) for each in (26085, 1.3, 0.0412, 2, 103.4)]
    ['26,085', '1.30', '0.041', '2', '103']
    """
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
