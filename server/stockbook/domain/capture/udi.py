"""Unique device identification: which medical device, and which one of them.

The device identifier (DI) names labeller and version; the production identifier
(PI) says lot, serial, expiry and date of production. From class II on each
device must carry both, and a receipt without the PI is blocked.
"""

from datetime import date
from typing import NamedTuple

from stockbook.domain.capture.reading import Kind, Reading

NEED_PRODUCTION = frozenset({"II", "IIA", "IIB", "III"})
"""Risk classes whose devices are traced one by one (China, EU and US write them alike)."""


class Udi(NamedTuple):
    """A device identifier and its production identifier, issued under `agency`."""

    agency: str
    device: str
    lot: str
    serial: str
    expiry: date | None
    produced: date | None


def split(reading: Reading) -> Udi | None:
    r"""Return the two parts of a UDI, or None when the code names no product.

    >>> from stockbook.domain.capture.gs1 import message
    >>> split(message("0106901234567892" "11251101" "17281031" "10LOT7\x1d" "21S123"))
    Udi(agency='GS1', device='06901234567892', lot='LOT7', serial='S123', ...)
    """
    if reading.kind is not Kind.ITEM or not reading.scheme:
        return None
    device = reading.gtin if reading.scheme == "GS1" else reading.reference
    return Udi(reading.scheme, device, reading.lot, reading.serial, reading.expiry, reading.produced)


def lacks_production(reading: Reading, risk_class: str) -> bool:
    """Return whether a device of that class may not be received by this code: it lacks the PI.

    >>> from stockbook.domain.capture.gs1 import message
    >>> bare = message("0106901234567892")
    >>> lacks_production(bare, "II"), lacks_production(bare, "I"), lacks_production(bare, "")
    (True, False, False)
    """
    return risk_class.strip().upper() in NEED_PRODUCTION and not reading.production_identified
