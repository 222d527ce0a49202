"""What proposals are made of, and who keeps them: needs and openings, acceptances and dismissals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, NamedTuple, Protocol

from stockbook.domain.stock.references import OrganisationRef, Ref
from stockbook.domain.supply.in_force import InForce
from stockbook.domain.supply.packs import Order
from stockbook.domain.supply.proposal import Shelf
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.demand.lesson import SeriesKey

ProposalRef = Annotated[str, Ref("Proposal")]


@dataclass(frozen=True, slots=True)
class AcceptanceEntry:
    """Order what is proposed. Another quantity needs a reason, and so do forecasts that passed no trial.

    Proposals of one site that are accepted together for one supplier make one
    order; `order` names it, else it is named after the first of them.
    """

    proposal: ProposalRef
    quantity: Decimal | None = None
    reason: str | None = None
    supplier: OrganisationRef | None = None
    order: str | None = None
    due_at: datetime | None = None
    confirm: bool = field(
        default=False,
        metadata={
            "description": "Whether more than three times the ceiling is meant; else it is refused: EXCEEDS_CEILING."
        },
    )


@dataclass(frozen=True, slots=True)
class DismissalEntry:
    """Order nothing, and say why; until the next review nothing is proposed there again.

    Of what was accepted the order is taken back, as far as its goods have not come.
    """

    proposal: ProposalRef
    reason: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a proposal stands on: the threshold that counts, and the unit that one orders in."""

    horizon: float
    service_level: float
    in_force: InForce
    order_unit: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """A shelf that is short, or of which something is proposed; `unattended`: the system may accept for it."""

    key: SeriesKey
    shelf: Shelf
    open: tuple[int, Decimal] | None = None
    """The proposal that nobody has decided, and its quantity."""
    unattended: bool = False
    grounds: Grounds | None = None


class Look(NamedTuple):
    """What one look found, and the transaction from which the next one goes on."""

    needs: Sequence[Need]
    until: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """A proposal to be opened, in the place of another where one stands."""

    need: Need
    order: Order
    instead: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A proposal that was accepted; `posted` once its goods are expected."""

    id: int
    organisation: int
    actor: int
    document: int
    place: int
    item: int
    quantity: Decimal
    reason: str
    posted: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An accepted proposal that was dismissed; `posted` once what has not come is expected no more."""

    id: int
    organisation: int
    actor: int
    movement: int
    reason: str
    posted: bool


class ProposalBook(Protocol):
    """Keeps proposals; `store` implements it."""

    async def look(self, since: int | None = None) -> Look:
        """Return every shelf that is short of its reorder point, and every one of which something is proposed.

        Since a look's `until`: of these, those that something happened to since then.
        """
        ...

    async def revise(self, openings: Sequence[Opening], ended: Sequence[int]) -> Sequence[tuple[int, SeriesKey]]:
        """Open proposals and let others end; what was decided meanwhile stays as it is. Returns what was opened."""
        ...

    async def accept(self, author: Author, entries: Sequence[AcceptanceEntry], *, unattended: bool = False) -> Verdicts:
        """Take down that proposals are accepted, with the orders they become: all or none; the ids are theirs.

        `unattended`: by nobody, for terms say so; else by the author.
        """
        ...

    async def dismiss(self, author: Author, entries: Sequence[DismissalEntry]) -> Verdicts:
        """Take down that proposals are dismissed."""
        ...

    async def accepted(self, ids: Sequence[int]) -> Sequence[Accepted]:
        """Return proposals that were accepted."""
        ...

    async def waiting(self) -> Sequence[int]:
        """Return accepted proposals whose goods nobody expects yet."""
        ...

    async def expected(self, proposal: int, movement: int) -> None:
        """Take down that the goods of a proposal are expected, and open the task of receiving them."""
        ...

    async def withdrawn(self, ids: Sequence[int]) -> Sequence[Withdrawn]:
        """Return proposals that were accepted and dismissed afterwards."""
        ...

    async def withdrawing(self) -> Sequence[int]:
        """Return those of them whose goods are still expected."""
        ...

    async def no_more(self, proposal: int, movement: int) -> None:
        """Take down that the rest of a proposal's goods is expected no more, and close the task of receiving them."""
        ...

    async def stand(self, proposal: int) -> None:
        """Take back that an accepted proposal was dismissed: there was nothing left to take back."""
        ...

    async def reopen(self, proposal: int) -> None:
        """Take back that a proposal was accepted: its goods could not be expected."""
        ...
