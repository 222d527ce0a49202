"""Unique device identification: which medical device, and which one of them.

The device identifier (DI) names labeller and version; the production identifier
(PI) says lot, serial, expiry and date of production. From class II on each
device must carry both, and a receipt without the PI is blocked.
"""

import re
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from stockbook.domain.capture import gs1
from stockbook.domain.capture.codes import read
from stockbook.domain.capture.reading import Kind, Reading
from stockbook.domain.refusal import Code, Refusal

NEED_PRODUCTION = frozenset({"II", "IIA", "IIB", "III"})
"""Risk classes whose devices are traced one by one (China, EU and US write them alike)."""


class RiskClass(StrEnum):
    """The class of a medical device by its risk; III is the highest."""

    I = "I"  # noqa: E741  # that is its name
    II = "II"
    III = "III"


OBLIGED_FROM = {RiskClass.III: date(2022, 6, 1), RiskClass.II: date(2026, 1, 1)}
"""From when on devices of a class are made with a UDI in China, where an item doesn't say its own date.

Class III as the regulator's second batch has it (its first batch, 69 kinds, on
1 January 2021). For class II the third batch names 103 kinds from 1 June 2024;
the rest follows, and 2026 is what we were told, not what we read in a rule: an
item says its own date where it differs.
"""


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


class Traced(NamedTuple):
    """What a UDI is traced by: how its device is looked up, the lots that it may be kept as, and how they begin."""

    device: str
    lots: tuple[str, ...]
    within: str


_BARE = "it lacks the production identifier: nothing can be traced by it"


def traced(code: str) -> Traced | Refusal:
    r"""Return what a UDI is traced by, as it was scanned or as it is printed for people, in brackets.

    A serial is a lot of one, within its batch where both are known; who kept
    only the batch or only the serial is found too.

    >>> traced("(01)06901234567892(17)281031(10)LOT7(21)S123")
    Traced(device='06901234567892', lots=('LOT7/S123', 'S123', 'LOT7'), within='')
    >>> traced("010690123456789210LOT7").within, traced("0106901234567892").message
    ('LOT7/', 'it lacks the production identifier: nothing can be traced by it')
    """
    found = split(read(plain(code)))
    if found is None:
        return Refusal(Code.BAD_INPUT, "that is no UDI")
    if not found.lot and not found.serial:
        return Refusal(Code.PRODUCTION_IDENTIFIER_MISSING, _BARE)
    device = gs1.number(found.device) or found.device
    if found.lot and found.serial:
        return Traced(device, (f"{found.lot}/{found.serial}", found.serial, found.lot), "")
    return Traced(device, (found.lot or found.serial,), f"{found.lot}/" if found.lot else "")


def plain(code: str) -> str:
    r"""Return a code that is printed with its application identifiers in brackets as a scanner reads it.

    >>> plain("(01)06901234567892(10)A(1)B(21)7"), plain("+A999"), plain("0106901234567892")
    ('010690123456789210A(1)B\x1d217', '+A999', '0106901234567892')
    """
    parts = re.split(r"\((\d{2,4})\)", code.strip())
    if len(parts) < 3 or parts[0]:
        return code.strip()
    pairs = list(zip(parts[1::2], parts[2::2], strict=True))
    fixed = {"01", "02", "11", "12", "13", "15", "16", "17", "20"}
    ends = ["" if ai in fixed else "\x1d" for ai, _ in pairs[:-1]] + [""]
    return "".join(ai + said + end for (ai, said), end in zip(pairs, ends, strict=True))
