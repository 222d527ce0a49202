"""Which goods are taken: first expired, first out, among those that may be.

Goods that may not be taken are told apart by the first reason that stands
against them, so that a refusal names what would have to change.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from stockbook.domain.refusal import Code
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.facts import Lot
from stockbook.domain.stock.movement import Position
from stockbook.domain.stock.overlays import BLOCKS

_ZERO = Decimal(0)
_NEVER = date.max
_NEW = 1 << 62
"""Lots that this batch makes (ids below zero) come after all others, in the order in which they are made."""

Pick = tuple[Position, Decimal]


class Terms(NamedTuple):
    """What goods must be like to be taken.

    Attributes
    ----------
    rank
        Preference of a state, lower first; None when goods in it may not be taken.
    may
        Whether the rights over the goods let the asker do it.
    sees
        Whether the asker knows of goods it has no say over.
    unheld, fresh
        Whether a hold, or an expiry before `on`, stands against it.
    spare_claimed
        Whether what is promised of these very goods is left alone.
    """

    rank: Callable[[int], int | None]
    may: Callable[[Rights], bool]
    sees: Callable[[Rights], bool]
    on: date
    unheld: bool = False
    fresh: bool = False
    spare_claimed: bool = True


class Picked(NamedTuple):
    """What was found: the goods taken, how much there is of them, and what stands against the rest."""

    picks: list[Pick]
    available: Decimal
    against: dict[Code, Decimal]

    def reason(self, wanted: Decimal) -> Code:
        """Return the refusal that takes precedence among those that would make up what is missing."""
        for code in sorted(self.against, key=lambda code: code.precedence):
            if self.available + self.against[code] >= wanted:
                return code
        return Code.INSUFFICIENT_STOCK


def pick(
    positions: Sequence[Position],
    wanted: Decimal | None,
    terms: Terms,
    books: Books,
    spent: Mapping[Position, Decimal] = MappingProxyType({}),
) -> Picked:
    """Choose goods from positions of one item at one place; all of them when `wanted` is None.

    `spent` is what the same entry has taken before: demand is summed before it is checked.
    """
    fit: list[tuple[tuple[int, bool, date, int], Decimal, Position]] = []
    against: dict[Code, Decimal] = {}
    ranked, may, sees, on, unheld, fresh, spare_claimed = terms
    quantities, lots = books.positions, books.lots
    claims = books.claimed if spare_claimed else None
    for position in positions:
        quantity = quantities[position]
        if claims:
            quantity -= claims.get(position, _ZERO)
        if spent:
            quantity -= spent.get(position, _ZERO)
        if quantity <= 0:
            continue
        rights = position.rights
        if not may(rights):
            if not sees(rights):
                continue
            code = Code.RIGHT_NOT_HELD
        elif (rank := ranked(position.state)) is None:
            code = Code.STATE_FORBIDS
        elif unheld and position.holds & BLOCKS:
            code = Code.OVERLAY_HOLDS
        elif (expiry := _expiry(lots.get(position.lot))) < on and fresh:
            code = Code.LOT_EXPIRED
        else:
            age = position.lot if position.lot >= 0 else _NEW - position.lot
            fit.append(((rank, position.holds & BLOCKS != 0, expiry, age), quantity, position))
            continue
        against[code] = against.get(code, _ZERO) + quantity
    if len(fit) > 1:
        fit.sort(key=lambda each: (each[0], each[2]))
    return _fill(fit, wanted, against)


def _expiry(lot: Lot | None) -> date:
    return _NEVER if lot is None or lot.expiry is None else lot.expiry


def _fill(
    fit: list[tuple[tuple[int, bool, date, int], Decimal, Position]],
    wanted: Decimal | None,
    against: dict[Code, Decimal],
) -> Picked:
    picks: list[Pick] = []
    available = _ZERO
    for _, quantity, position in fit:
        if wanted is None:
            picks.append((position, quantity))
        elif available < wanted:
            picks.append((position, min(quantity, wanted - available)))
        available += quantity
    return Picked(picks, available, against)
