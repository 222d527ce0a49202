"""Plots as SVG text, small enough to be read with the eyes: lines, a fan, bars, a histogram."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

INK, GREY, GRID = "#1c2733", "#6b7a8c", "#e4e9ef"
BLUE, SKY, ORANGE, RED, GREEN = "#1f6fb2", "#bcd9f2", "#d9822b", "#c0392b", "#2e8b57"


def steps(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers from at most `low` to at least `high`.

    >>> steps(0, 47)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    """
    span = max(high - low, 1e-9)
    raw = span / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= raw * 0.999)
    first = math.floor(low / step)
    return [round((first + n) * step, 10) for n in range(math.ceil(high / step - 1e-9) - first + 1)]


def told(value: float) -> str:
    """Return a number as an axis says it.

    >>> told(0.25), told(1500.0), told(30.0)
    ('0.25', '1,500', '30')
    """
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


@dataclass
class Plot:
    """A frame with axes; shapes are added in its own units."""

    width: int
    height: int
    x: tuple[float, float]
    y: tuple[float, float]
    left: int = 52
    bottom: int = 26
    top: int = 10
    right: int = 12
    shapes: list[str] = field(default_factory=list)
    label: str = ""

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies."""
        across = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1)
        return (
            round(self.left + across * (self.width - self.left - self.right), 1),
            round(self.height - self.bottom - up * (self.height - self.bottom - self.top), 1),
        )

    def _path(self, points: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x},{y}" for x, y in (self.at(*point) for point in points))

    def line(self, points: Sequence[tuple[float, float]], colour: str, *, width: float = 2, dash: str = "") -> None:
        """Draw a line through points."""
        self.shapes.append(
            f'<polyline points="{self._path(points)}" fill="none" stroke="{colour}" stroke-width="{width}"'
            f'{f" stroke-dasharray={chr(34)}{dash}{chr(34)}" if dash else ""} stroke-linejoin="round"/>'
        )

    def area(self, below: Sequence[tuple[float, float]], above: Sequence[tuple[float, float]], opacity: float) -> None:
        """Fill what lies between two lines."""
        points = self._path([*below, *reversed(above)])
        self.shapes.append(f'<polygon points="{points}" fill="{BLUE}" fill-opacity="{opacity}"/>')

    def dots(self, points: Sequence[tuple[float, float]], colour: str, size: float = 2.6) -> None:
        """Draw a dot at each point."""
        for point in points:
            x, y = self.at(*point)
            self.shapes.append(f'<circle cx="{x}" cy="{y}" r="{size}" fill="{colour}"/>')

    def box(self, x: tuple[float, float], y: tuple[float, float], colour: str) -> None:
        """Draw a bar."""
        left, low = self.at(x[0], y[0])
        right, high = self.at(x[1], y[1])
        self.shapes.append(
            f'<rect x="{left}" y="{min(low, high)}" width="{max(right - left, 0.5)}"'
            f' height="{abs(low - high)}" fill="{colour}" rx="2"/>'
        )

    def text(
        self, x: float, y: float, words: str, *, colour: str = INK, anchor: str = "middle", lift: int = -5
    ) -> None:
        """Write beside a point, legible on whatever lies there."""
        at, up = self.at(x, y)
        self.shapes.append(
            f'<text x="{at}" y="{up + lift}" fill="{colour}" text-anchor="{anchor}" font-size="11"'
            f' paint-order="stroke" stroke="#fff" stroke-width="3">{escape(words)}</text>'
        )

    def rule(self, y: float, colour: str, words: str) -> None:
        """Draw a level across, with words at its end."""
        self.line([(self.x[0], y), (self.x[1], y)], colour, width=1.3, dash="5 4")
        self.text(self.x[1], y, words, colour=colour, anchor="end")

    def svg(self, across: Sequence[tuple[float, str]], *, percent: bool = False) -> str:
        """Return the plot with its axes; `across` labels the horizontal one."""
        parts = []
        for value in steps(*self.y):
            if not self.y[0] <= value <= self.y[1] * 1.0001:
                continue
            x, y = self.at(self.x[0], value)
            words = f"{value * 100:.0f} %" if percent else told(value)
            parts.append(f'<line x1="{x}" y1="{y}" x2="{self.width - self.right}" y2="{y}" stroke="{GRID}"/>')
            parts.append(f'<text x="{x - 6}" y="{y + 4}" fill="{GREY}" text-anchor="end" font-size="11">{words}</text>')
        for value, words in across:
            x, y = self.at(value, self.y[0])
            parts.append(
                f'<text x="{x}" y="{y + 17}" fill="{GREY}" text-anchor="middle" font-size="11">{escape(words)}</text>'
            )
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(self.label)}">'
            f"{''.join(parts)}{''.join(self.shapes)}</svg>"
        )
