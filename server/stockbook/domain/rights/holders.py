"""The four rights that every unit of stock carries, each held by exactly one party."""

from enum import StrEnum
from typing import NamedTuple

NONE = 0
"""The party that is nobody: the holder of every right in a virtual place."""


class Right(StrEnum):
    """A right over goods.

    >>> [right.value for right in Right]
    ['OWNERSHIP', 'CUSTODY', 'DISPOSAL', 'SALE']
    """

    OWNERSHIP = "OWNERSHIP"
    CUSTODY = "CUSTODY"
    DISPOSAL = "DISPOSAL"
    SALE = "SALE"


class Rights(NamedTuple):
    """Who owns, keeps, may dispose of and may sell a quantity (organisation ids).

    Moving a box changes its place and none of these; granting one of these
    changes no place.

    >>> held = Rights(owner=7, custodian=7, disposer=7, seller=7)
    >>> held.grant(Right.SALE, 9)
    Rights(owner=7, custodian=7, disposer=7, seller=9)
    >>> held.holder(Right.CUSTODY)
    7
    """

    owner: int = NONE
    custodian: int = NONE
    disposer: int = NONE
    seller: int = NONE

    def holder(self, right: Right) -> int:
        """Return the organisation that holds `right`."""
        return self[_INDEX[right]]

    def grant(self, right: Right, organisation: int) -> "Rights":
        """Return the same rights with `right` passed to `organisation`."""
        parties = list(self)
        parties[_INDEX[right]] = organisation
        return Rights(*parties)


NOBODY = Rights()
_INDEX = {right: index for index, right in enumerate(Right)}
