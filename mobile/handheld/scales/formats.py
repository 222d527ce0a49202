r"""What makers' scales send, as readers of one frame each.

::

    SICS     S S     12.345 kg CR LF             Mettler-Toledo, Standard Interface Command Set, level 0
    A&D      ST,+00012.34  kg CR LF              A&D, and with ST,GS, or ST,NT, CAS and many others
    XK3190   STX + 001234 3 xor xor ETX          Yaohua XK3190 indicators, continuous mode: most of China's platforms

The forms are those that the makers' manuals print. A frame ends with `end`;
what comes before the first whole one is a part of one and passed over.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from handheld.scales.weight import Trouble, Weight, kilograms

FRAME_MAX = 64
"""Bytes after which something without an end is no frame of these formats."""

_SICS = re.compile(rb"S ([SDI+-])(?: +(-?[\d.]+) +(\w+))?\s*")
_AND = re.compile(rb"(ST|US|OL|QT),(?:(GS|NT|TR),)?\s*([+-] *[\d.]+)? *(\w+)?\s*")
_XK3190 = re.compile(rb"\x02([+-])(\d{6})([0-4])([0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class Format:
    """How a family of scales speaks."""

    name: str
    end: bytes
    read: Callable[[bytes], Weight]
    """What one frame says, its end taken off."""
    ask: bytes = b""
    """What asks for a weight, where the scale doesn't send by itself."""


def _garbled() -> Weight:
    return Weight(None, trouble=Trouble.GARBLED)


def sics(frame: bytes) -> Weight:
    """Return what a SICS answer says.

    >>> sics(b"S S     12.345 kg"), sics(b"S +")
    (Weight(kilograms=Decimal('12.345'), stable=True, net=False, trouble=None), Weight(kilograms=None, stable=False, net=False, trouble=<Trouble.OVERLOAD: 'OVERLOAD'>))
    """  # noqa: E501
    found = _SICS.fullmatch(frame)
    if not found:
        return _garbled()
    state, figure, unit = (part.decode() if part else "" for part in found.groups())
    if state in "+-":
        return Weight(None, trouble=Trouble.OVERLOAD if state == "+" else Trouble.UNDERLOAD)
    if state == "I":  # it can't answer now: the pan moves
        return Weight(None)
    weight = kilograms(figure, unit)
    return _garbled() if weight is None else Weight(weight, stable=state == "S")


def and_cas(frame: bytes) -> Weight:
    """Return what an A&D or CAS frame says.

    >>> and_cas(b"ST,+00012.34  kg").kilograms, and_cas(b"US,NT,-   0.250kg"), and_cas(b"OL,+9999999 kg").trouble
    (Decimal('12.34'), Weight(kilograms=Decimal('-0.250'), stable=False, net=True, trouble=None), <Trouble.OVERLOAD: 'OVERLOAD'>)
    """  # noqa: E501
    found = _AND.fullmatch(frame)
    if not found:
        return _garbled()
    state, kind, figure, unit = (part.decode() if part else "" for part in found.groups())
    if state == "OL":
        return Weight(None, trouble=Trouble.UNDERLOAD if figure.startswith("-") else Trouble.OVERLOAD)
    weight = kilograms(figure, unit or "kg") if figure and state != "QT" else None
    return _garbled() if weight is None else Weight(weight, stable=state == "ST", net=kind == "NT")


class Xk3190:
    r"""Reads the continuous frames of XK3190, which say no state: at rest is what three frames say alike.

    >>> said = [Xk3190().read(b"\x02+00123431C")]
    >>> said[0].kilograms, said[0].stable
    (Decimal('1.234'), False)
    """

    ALIKE = 3

    def __init__(self) -> None:
        self._last: list[Decimal] = []

    def read(self, frame: bytes) -> Weight:
        """Return what a frame says."""
        found = _XK3190.fullmatch(frame)
        if not found or f"{_xor(frame[1:9]):02X}" != found[4].decode():
            self._last.clear()
            return _garbled()
        sign, digits, point = (part.decode() for part in found.groups()[:3])
        weight = Decimal(f"{sign}{digits}").scaleb(-int(point))
        self._last = [*self._last[1 - self.ALIKE :], weight]
        return Weight(weight, stable=self._last == [weight] * self.ALIKE)


def _xor(payload: bytes) -> int:
    check = 0
    for byte in payload:
        check ^= byte
    return check


def formats() -> dict[str, Format]:
    """Return every format by name, with readers of their own.

    >>> sorted(formats())
    ['A&D', 'SICS', 'XK3190']
    """
    known = (
        Format("SICS", b"\r\n", sics, ask=b"SI\r\n"),
        Format("A&D", b"\r\n", and_cas, ask=b"Q\r\n"),
        Format("XK3190", b"\x03", Xk3190().read),
    )
    return {each.name: each for each in known}
