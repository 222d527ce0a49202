"""Promises: reserve, commit, release, and what fulfils them."""

from dataclasses import replace
from decimal import Decimal

from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.allocation import Pick
from stockbook.domain.stock.deciding.closing import exceeds
from stockbook.domain.stock.deciding.draft import Draft
from stockbook.domain.stock.deciding.naming import unknown_place
from stockbook.domain.stock.deciding.taking import take
from stockbook.domain.stock.facts import Claim, Item, Place
from stockbook.domain.stock.lines import Against, Commit, Release, Reserve
from stockbook.domain.stock.movement import ClaimChange, Entry, Shelf, Tally

OPEN, COMMITTED, RELEASED, EXPIRED, FULFILLED = "OPEN", "COMMITTED", "RELEASED", "EXPIRED", "FULFILLED"
_ENDED = frozenset({RELEASED, EXPIRED, FULFILLED})


def reserve(line: Reserve, draft: Draft) -> Entry | Refusal:
    """Promise goods: any that sell at the site, or, with a place or lot, these very ones."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit, down=True), Refusal):
        return quantity
    if isinstance(site := draft.place(line.site, "site"), Refusal):
        return site
    shelf = Shelf(draft.me, site.id, item.id)
    if site.organisation != draft.me and shelf not in draft.books.tallies:
        return unknown_place("site")
    if line.expires_at is not None and line.expires_at <= draft.occasion.at:
        return Refusal(Code.BAD_TIME, "a promise ends after it was made", ("expiresAt",))
    document = draft.occasion.document
    if line.document is not None:
        found = draft.facts.document(draft.me, line.document)
        if found is None:
            return Refusal(Code.DOCUMENT_UNKNOWN, "there is no such document", ("document",))
        document = found
    picks = _very_ones(line, draft, item, quantity, site)
    if isinstance(picks, Refusal):
        return picks
    tally = draft.books.tallies.get(shelf, Tally())
    inbound = line.against is Against.INBOUND
    free = tally.sellable_now if inbound else tally.sellable
    if free < quantity:
        return exceeds(quantity, free)
    draft.promise(shelf, inbound=inbound)
    if not picks:
        draft.claim(ClaimChange(draft.books.stranger(), shelf, quantity, OPEN, document, line.expires_at))
    for position, part in picks:
        draft.claim(ClaimChange(draft.books.stranger(), shelf, part, OPEN, document, line.expires_at, position))
    return draft.close()


def _very_ones(line: Reserve, draft: Draft, item: Item, quantity: Decimal, site: Place) -> list[Pick] | Refusal:
    """Return the positions that a hard promise holds, none for a soft one."""
    if line.place is None and line.lot is None:
        return []
    if line.place is None or line.against is Against.INBOUND:
        return Refusal(Code.BAD_INPUT, "these very goods are promised where they lie: name the place", ("place",))
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if place.site != site.id:
        return unknown_place("place")
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    return take(
        draft,
        item,
        lot,
        place,
        quantity,
        rank=lambda state: 0 if draft.facts.states.traits(state).sells else None,
        may=lambda rights: rights.seller == draft.me,
        unheld=True,
        fresh=True,
    )


def commit(line: Commit, draft: Draft) -> Entry | Refusal:
    """Make a promise firm; a part of it becomes a promise of its own."""
    claim = promised(draft, line.claim, None)
    if isinstance(claim, Refusal):
        return claim
    part = _part(draft, claim, line.quantity)
    if isinstance(part, Refusal):
        return part
    if claim.state == COMMITTED:
        return Refusal(Code.CLAIM_ENDED, "the promise is firm already", ("claim",))
    if part == claim.quantity:
        draft.claim(_change(claim, Decimal(0), COMMITTED))
    else:
        draft.claim(_change(claim, -part, claim.state))
        draft.claim(replace(_change(claim, part, COMMITTED), id=draft.books.stranger()))
    return draft.close()


def release(line: Release, draft: Draft) -> Entry | Refusal:
    """Give a promise back, or a part of it."""
    claim = promised(draft, line.claim, None, even_late=True)
    if isinstance(claim, Refusal):
        return claim
    part = _part(draft, claim, line.quantity)
    if isinstance(part, Refusal):
        return part
    late = claim.expires_at is not None and claim.expires_at <= draft.occasion.at
    ended = EXPIRED if late else RELEASED
    draft.claim(_change(claim, -part, ended if part == claim.quantity else claim.state))
    return draft.close()


def promised(draft: Draft, reference: str, item: Item | None, *, even_late: bool = False) -> Claim | Refusal:
    """Return one's own open promise, of `item` when one is asked for."""
    id_ = draft.facts.resolve("Claim", reference)
    claim = draft.books.claims.get(id_) if id_ is not None else None
    if claim is None or claim.shelf.seller != draft.me or (item is not None and claim.shelf.item != item.id):
        return Refusal(Code.CLAIM_UNKNOWN, "there is no such promise", ("claim",))
    late = claim.expires_at is not None and claim.expires_at <= draft.occasion.at and not even_late
    if claim.state in _ENDED or claim.quantity <= 0 or late:
        return Refusal(Code.CLAIM_ENDED, "the promise has ended", ("claim",))
    return claim


def fulfil(draft: Draft, claim: Claim, quantity: Decimal) -> None:
    """Let goods that go out use up a promise."""
    part = min(quantity, claim.quantity)
    draft.claim(_change(claim, -part, FULFILLED if part == claim.quantity else claim.state))


def _change(claim: Claim, quantity: Decimal, state: str) -> ClaimChange:
    return ClaimChange(claim.id, claim.shelf, quantity, state, claim.document, claim.expires_at, claim.position)


def _part(draft: Draft, claim: Claim, quantity: Decimal | None) -> Decimal | Refusal:
    if quantity is None:
        return claim.quantity
    item = draft.facts.items[claim.shelf.item]
    if isinstance(part := draft.quantity(item, quantity, None), Refusal):
        return part
    if part > claim.quantity:
        figures = {"requested": plain(part), "available": plain(claim.quantity)}
        return Refusal(Code.EXCEEDS_AVAILABLE, "less than that is promised", ("quantity",), figures)
    return part
