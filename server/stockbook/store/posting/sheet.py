"""Entries as the arrays that the posting function takes: each row's changes summed, and how low it falls.

Pure: everything it needs of the world (places, views, ids) is given to it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.facts import Place
from stockbook.domain.stock.movement import ClaimChange, Entry, Leg, Position, Shelf, Tally
from stockbook.store.posting.parties import SELLER, Parties

ZERO = Decimal(0)
NOTHING = Tally()
MOVED = "MOVED"
SHORTFALL = "SHORTFALL"
OPEN = frozenset({"OPEN", "COMMITTED"})


@dataclass(frozen=True, slots=True)
class World:
    """What the arrays need of the world, complete for the entries."""

    places: Mapping[int, Place]
    views: Mapping[int, tuple[int, ...]]
    rights: Mapping[Rights, int]
    known_shelves: Mapping[Shelf, Any] | set[Shelf]
    known_positions: Mapping[Position, Any] | set[Position]


@dataclass(slots=True)
class _OfPosition:
    """What the batch changes at a position, and how low its running balances fall, from zero."""

    quantity: Decimal = ZERO
    least: Decimal = ZERO
    free: Decimal = ZERO
    least_free: Decimal = ZERO
    claimed: Decimal = ZERO
    moved_at: datetime | None = None


@dataclass(slots=True)
class _OfShelf:
    tally: Tally = NOTHING
    least: Decimal = ZERO
    least_inbound: Decimal = ZERO


@dataclass(slots=True)
class _OfClaim:
    quantity: Decimal = ZERO
    least: Decimal = ZERO
    live: str | None = None
    ended: str = "RELEASED"
    made: str | None = None


@dataclass(slots=True)
class Sheet:
    """The arguments of the posting function, and of the statements beside it."""

    entries: list[tuple[Any, ...]] = field(default_factory=list)
    legs: list[tuple[Any, ...]] = field(default_factory=list)
    parties: list[tuple[Any, ...]] = field(default_factory=list)
    shelves: list[tuple[Any, ...]] = field(default_factory=list)
    positions: list[tuple[Any, ...]] = field(default_factory=list)
    claims: list[tuple[Any, ...]] = field(default_factory=list)
    shelf_keys: list[Shelf] = field(default_factory=list)
    position_keys: list[Position] = field(default_factory=list)
    claim_ids: list[int] = field(default_factory=list)

    @property
    def arguments(self) -> tuple[list[tuple[Any, ...]], ...]:
        """In the order of `posting.post`."""
        return self.entries, self.legs, self.parties, self.shelves, self.positions, self.claims


def lay_out(numbered: Sequence[tuple[int, Entry]], world: World, shortfalls: Iterable[tuple[int, Shelf]] = ()) -> Sheet:
    """Return the sheet of entries, each with the id its movement gets."""
    sheet = Sheet()
    positions: dict[Position, _OfPosition] = {}
    shelves: dict[Shelf, _OfShelf] = {}
    claims: dict[int, _OfClaim] = {}
    parties = Parties(world.places, world.views)
    for movement, entry in numbered:
        changes, tallies = touched(entry), tallied(entry)
        sheet.entries.append(_entry_row(movement, entry))
        for number, leg in enumerate(entry.legs):
            sheet.legs.append(_leg_row(movement, number, leg, world))
        for organisation, relations in parties.of(entry, tallies).items():
            sheet.parties.append((organisation, movement, MOVED, relations, entry.occurred_at))
        _add_positions(positions, entry, changes)
        _add_shelves(shelves, entry, tallies)
        for change in entry.claims:
            _add_claim(claims, change, movement, list(positions))
    moments = {movement: entry.occurred_at for movement, entry in numbered}
    for movement, shelf in dict.fromkeys(shortfalls):
        sheet.parties.append((shelf.seller, movement, SHORTFALL, SELLER, moments[movement]))
    _finish(sheet, positions, shelves, claims, world)
    return sheet


def touched(entry: Entry) -> list[tuple[Position, Decimal]]:
    """Return the positions that an entry changes, in the order of its legs; at virtual places there are none."""
    found = []
    for item, lot, quantity, source, target in entry.legs:
        if source.state:
            found.append((Position(item, lot, *source), -quantity))
        if target.state:
            found.append((Position(item, lot, *target), quantity))
    return found


def tallied(entry: Entry) -> dict[Shelf, Tally]:
    """Return an entry's change of each shelf it names."""
    changes: dict[Shelf, Tally] = {}
    for shelf, change in entry.tallies:
        changes[shelf] = changes[shelf] + change if shelf in changes else change
    for shelf in (*entry.promises, *entry.inbound_promises):
        changes.setdefault(shelf, NOTHING)
    return changes


def freed(entry: Entry, changes: Iterable[tuple[Position, Decimal]]) -> dict[Position, Decimal]:
    """Return an entry's change of what is unclaimed at each position; `changes` are those of what lies there."""
    found: dict[Position, Decimal] = {}
    for position, change in changes:
        found[position] = found[position] + change if position in found else change
    for claim in entry.claims:
        if claim.position is not None:
            found[claim.position] = found.get(claim.position, ZERO) - claim.quantity
    return found


def _entry_row(movement: int, entry: Entry) -> tuple[Any, ...]:
    return (
        movement,
        entry.organisation,
        entry.verb,
        entry.key,
        entry.line,
        entry.digest,
        entry.occurred_at,
        entry.actor,
        entry.document or None,
        entry.reverses or None,
        entry.reason,
    )


def _leg_row(movement: int, number: int, leg: Leg, world: World) -> tuple[Any, ...]:
    item, lot, quantity, source, target = leg
    rights, places = world.rights, world.places
    return (
        movement,
        number,
        item,
        lot,
        quantity,
        *source[:3],
        rights[source.rights],
        places[source.place].organisation,
        *target[:3],
        rights[target.rights],
        places[target.place].organisation,
    )


def _add_positions(
    positions: dict[Position, _OfPosition], entry: Entry, changes: list[tuple[Position, Decimal]]
) -> None:
    at = entry.occurred_at
    for position, change in changes:
        if (of := positions.get(position)) is None:
            of = positions[position] = _OfPosition()
        of.quantity += change
        of.least = min(of.least, of.quantity)
        of.moved_at = at if of.moved_at is None else max(of.moved_at, at)
    for claim in entry.claims:
        if claim.position is not None:
            positions.setdefault(claim.position, _OfPosition()).claimed += claim.quantity
    for position, change in freed(entry, changes).items():
        of = positions[position]
        of.free += change
        if change < 0 and of.free < of.least_free and not entry.is_fact:
            of.least_free = of.free


def _add_shelves(shelves: dict[Shelf, _OfShelf], entry: Entry, tallies: Mapping[Shelf, Tally]) -> None:
    for shelf, change in tallies.items():
        if (of := shelves.get(shelf)) is None:
            of = shelves[shelf] = _OfShelf(change)
        else:
            of.tally += change
        if shelf in entry.inbound_promises:
            of.least_inbound = min(of.least_inbound, of.tally.sellable_now)
        if shelf in entry.promises or (change.sellable < 0 and shelf not in entry.inbound_promises):
            of.least = min(of.least, of.tally.sellable)


def _add_claim(claims: dict[int, _OfClaim], change: ClaimChange, movement: int, positions: list[Position]) -> None:
    of = claims.get(change.id)
    if of is None:
        of = claims[change.id] = _OfClaim()
        if change.id < 0:
            of.made = json.dumps(
                {
                    "document_id": change.document or None,
                    "seller_id": change.shelf.seller,
                    "site_id": change.shelf.site,
                    "item_id": change.shelf.item,
                    "position_ordinal": positions.index(change.position) + 1 if change.position else None,
                    "expires_at": change.expires_at.isoformat() if change.expires_at else None,
                    "made_by_id": movement,
                }
            )
    of.quantity += change.quantity
    of.least = min(of.least, of.quantity)
    if change.state in OPEN:
        of.live = change.state
    else:
        of.ended = change.state


def _finish(
    sheet: Sheet,
    positions: dict[Position, _OfPosition],
    shelves: dict[Shelf, _OfShelf],
    claims: dict[int, _OfClaim],
    world: World,
) -> None:
    for shelf, total in shelves.items():
        host = world.places[shelf.site].organisation
        known = shelf in world.known_shelves
        sheet.shelves.append((*shelf, host, *total.tally, total.least, total.least_inbound, known))
        sheet.shelf_keys.append(shelf)
    for position, of in positions.items():
        place = world.places[position.place]
        sheet.positions.append(
            (
                *position[:5],
                world.rights[position.rights],
                place.organisation,
                place.counts_for,
                of.quantity,
                of.claimed,
                of.least,
                of.least_free,
                of.moved_at,
                position in world.known_positions,
            )
        )
        sheet.position_keys.append(position)
    for claim, one in claims.items():
        sheet.claims.append((abs(claim), one.quantity, one.least, one.live, one.ended, one.made))
        sheet.claim_ids.append(claim)
