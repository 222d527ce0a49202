"""Time as a device knows it: a hybrid logical clock that never runs back, and what its wall clock is worth.

A stamp is `mmmmmmmmmmmm-cccc-reference`: milliseconds since 1970 and a counter in
hex, then the device. Stamps of one device sort as text in the order in which
they were made, whatever was done to its wall clock.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

_STAMP = re.compile(r"([0-9a-f]{12})-([0-9a-f]{4})-(.{1,200})")
_COUNTER_END = 1 << 16
_MILLISECONDS_END = 1 << 48
TOLERANCE = timedelta(minutes=1)
"""Clocks that differ by less are the same clock."""


class Stamp(NamedTuple):
    """A moment of a hybrid logical clock."""

    milliseconds: int
    counter: int
    reference: str

    def __str__(self) -> str:
        return f"{self.milliseconds:012x}-{self.counter:04x}-{self.reference}"


def parse(text: str) -> Stamp | None:
    """Return the stamp that a text says, None when it is none.

    >>> str(parse("0193512abcde-0001-PDA-7")), parse("yesterday")
    ('0193512abcde-0001-PDA-7', None)
    """
    found = _STAMP.fullmatch(text)
    return None if found is None else Stamp(int(found[1], 16), int(found[2], 16), found[3])


def tick(last: Stamp, milliseconds: int) -> Stamp:
    """Return the next stamp of a device whose wall clock says `milliseconds`.

    >>> one = tick(Stamp(0, 0, "PDA-7"), 1_000)
    >>> str(one), str(tick(one, 400)), str(tick(one, 1_001))
    ('0000000003e8-0000-PDA-7', '0000000003e8-0001-PDA-7', '0000000003e9-0000-PDA-7')
    """
    if milliseconds > last.milliseconds:
        return Stamp(min(milliseconds, _MILLISECONDS_END - 1), 0, last.reference)
    if last.counter + 1 < _COUNTER_END:
        return last._replace(counter=last.counter + 1)
    return Stamp(last.milliseconds + 1, 0, last.reference)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a device's clocks say together: the wall, and how long it has run since the start named `boot`."""

    wall: datetime
    uptime: int | None = None
    boot: str | None = None


class Corrected(NamedTuple):
    """When something happened by the server's clock, and whether that is sure."""

    at: datetime
    sure: bool


def corrected(event: Moment, ran: int, sent: Moment, now: datetime, earliest: datetime) -> Corrected:
    """Return when an event happened, by the server's clock.

    Within one start of the device its uptime tells, whatever became of the wall
    clock. Else the wall does, put right by how far it is off at sending; it is
    unsure when the hybrid clock (`ran`, its milliseconds) shows that the wall was
    set back before the event. Nothing happens in the future, nor before
    `earliest`: the device's enrolment, or its event before.

    >>> from datetime import UTC
    >>> at = lambda minute, hour=12: datetime(2026, 11, 28, hour, minute, tzinfo=UTC)
    >>> ms = lambda moment: int(moment.timestamp() * 1000)
    >>> corrected(Moment(at(5)), ms(at(5)), Moment(at(30)), now=at(33), earliest=at(0))  # three minutes slow
    Corrected(at=datetime.datetime(2026, 11, 28, 12, 8, ...), sure=True)
    >>> before, sent = Moment(at(5), 60_000, "b1"), Moment(at(30, hour=3), 660_000, "b1")  # set back by nine hours
    >>> corrected(before, ms(at(5)), sent, now=at(20), earliest=at(0))
    Corrected(at=datetime.datetime(2026, 11, 28, 12, 10, ...), sure=True)
    >>> corrected(Moment(at(5)), ms(at(50)), Moment(at(6)), now=at(6), earliest=at(0)).sure
    False
    """
    try:
        at, sure = _told(event, ran, sent, now)
    except OverflowError:  # thousands of years: no clock at all
        return Corrected(min(earliest, now), False)
    if at > now:
        return Corrected(max(now, earliest), sure and at - now < TOLERANCE)
    if at < earliest:
        return Corrected(min(earliest, now), sure and earliest - at < TOLERANCE)
    return Corrected(at, sure)


def _told(event: Moment, ran: int, sent: Moment, now: datetime) -> tuple[datetime, bool]:
    """Return when an event happened by what the clocks say alone."""
    if event.boot is not None and event.boot == sent.boot and event.uptime is not None and sent.uptime is not None:
        ago = timedelta(milliseconds=sent.uptime - event.uptime)
        return now - ago, ago >= timedelta(0)
    sure = ran - event.wall.timestamp() * 1000 < TOLERANCE.total_seconds() * 1000
    return event.wall + (now - sent.wall), sure
