"""The clock strikes: lots whose expiry has passed are expired, promises that lapsed are given back.

Both are ordinary postings by the system's own principal, under keys made of
what they are about, so that two clocks post once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TypeVar

from stockbook.domain.stock.lines import Expire, Release
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.posting.command import LINES_MAX, Command, ErrorPolicy, Poster

Found = TypeVar("Found")

SYSTEM = 1
"""The principal that is nobody."""


@dataclass(frozen=True, slots=True)
class OverdueLot:
    """Goods of a lot whose expiry has passed; `id` is one of their positions.

    `keeper` is the organisation whose place it is: whoever may dispose of the
    goods, it is there that they are taken off the shelf.
    """

    id: int
    keeper: int
    item: str
    lot: str
    place: str


@dataclass(frozen=True, slots=True)
class LapsedClaim:
    """An open promise whose time is over."""

    id: int
    seller: int
    claim: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """What the clock finds."""

    lots: Sequence[OverdueLot] = ()
    claims: Sequence[LapsedClaim] = ()


async def strike(posting: Poster, overdue: Overdue, now: datetime | None = None) -> int:
    """Post what is overdue; return how many lines were posted. What is refused is found again next time."""
    at = now or datetime.now(UTC)
    done = 0
    for keeper, lots in groupby(sorted(overdue.lots, key=lambda lot: lot.keeper), key=lambda lot: lot.keeper):
        for part in _parts(list(lots)):
            lines = tuple(Expire(item=lot.item, lot=lot.lot, place=lot.place) for lot in part)
            key = f"clock:expiry:{part[0].id}-{part[-1].id}:{at:%Y%m%dT%H%M}"
            done += await _post(posting, Verb.EXPIRE, keeper, key, lines, "its expiry has passed")
    promised = sorted(overdue.claims, key=lambda claim: claim.seller)
    for seller, claims in groupby(promised, key=lambda claim: claim.seller):
        for lapsed in _parts(list(claims)):
            ended = tuple(Release(claim=claim.claim) for claim in lapsed)
            key = f"clock:claims:{lapsed[0].id}-{lapsed[-1].id}:{at:%Y%m%dT%H%M}"
            done += await _post(posting, Verb.RELEASE, seller, key, ended, "its time is over")
    return done


def _parts(whole: list[Found]) -> list[list[Found]]:
    return [whole[start : start + LINES_MAX] for start in range(0, len(whole), LINES_MAX)]


async def _post(
    posting: Poster,
    verb: Verb,
    organisation: int,
    key: str,
    lines: tuple[Expire, ...] | tuple[Release, ...],
    reason: str,
) -> int:
    outcomes = await posting.post(
        Command(
            organisation=organisation,
            actor=SYSTEM,
            verb=verb,
            key=key,
            lines=lines,
            error_policy=ErrorPolicy.REJECT_FAILED,
            reason=reason,
        )
    )
    return sum(1 for outcome in outcomes if outcome.movement is not None and not outcome.duplicate)
