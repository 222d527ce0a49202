"""What a stretch of the stream still brings, known before it is gone through."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from stockbook.flows.demand.lesson import Line, SeriesKey


@dataclass(slots=True)
class Coming:
    """What a stretch of the stream still brings: of a series that it moves again no forecast need be made yet."""

    lines: dict[SeriesKey, Line] = field(default_factory=dict)
    """The last line of each series that has one to come."""
    sweeps: dict[int, datetime] = field(default_factory=dict)
    """Until when partitions will have been closed that will be."""

    def over(self, line: Line) -> None:
        """Hold a line for past."""
        if self.lines.get(line.key) is line:
            del self.lines[line.key]

    def moves(self, key: SeriesKey, partition: int, due: Callable[[], datetime]) -> bool:
        """Tell whether a series that must be closed when `due` says will be moved again."""
        return key in self.lines or (partition in self.sweeps and due() <= self.sweeps[partition])
