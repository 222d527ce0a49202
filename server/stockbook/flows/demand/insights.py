"""What can be told to demand: influences and their points, overrides, substitutes, terms, trials and clearances.

Entries are registered as other facts are (`registrations`): all of a request or
none, the same again is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Protocol

from stockbook.domain.demand.kind import Kind
from stockbook.domain.stock.references import ItemRef, PlaceRef, Ref
from stockbook.flows.author import Author, Verdicts

InfluenceRef = Annotated[str, Ref("Influence")]
TrialRef = Annotated[str, Ref("Trial")]


@dataclass(frozen=True, slots=True)
class InfluenceEntry:
    """A series from outside: weather, promotions, a dealer's pick-ups. What is left out narrows nothing.

    Unit, horizon (`ahead`: its points speak of the future) and freshness are the
    kind's own where nothing is said. A calendar with a `region` (CN, JP, US-CA)
    has its public holidays without being told.
    """

    external_reference: str
    name: str
    kind: Kind
    network: bool = False
    site: PlaceRef | None = None
    item: ItemRef | None = None
    category: str | None = None
    unit: str | None = None
    ahead: bool | None = None
    fresh_hours: int | None = None
    weight: Decimal = Decimal(1)
    region: str | None = None


@dataclass(frozen=True, slots=True)
class InfluencePointEntry:
    """A value for a moment, `text` beside it or (a promotion's grade S, A, B, C) in its place.

    The same again is known; another value corrects it for forecasts made from
    now on. `item` for series that tell of several: a list of ten, a schedule.
    """

    influence: InfluenceRef
    at: datetime
    value: Decimal | None = None
    text: str | None = None
    item: ItemRef | None = None


@dataclass(frozen=True, slots=True)
class RetirementEntry:
    """Forecasts do without a series from a moment or a day on, from now where none is named; what it said stays.

    Registered again it is heard again. Until its end comes, another may be said.
    """

    influence: InfluenceRef
    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubstitutionEntry:
    """A unit of `item` may be replaced by `ratio` units of `substitute`; recorded anew it replaces what was.

    While there is none of the item, the substitute's forecast hears it.
    `rivals`: when the substitute is promoted, the item sells less. `alike`: where
    the item is new, it begins as the substitute sells.
    """

    item: ItemRef
    substitute: ItemRef
    ratio: Decimal = Decimal(1)
    both_ways: bool = False
    rivals: bool = False
    alike: bool = False


@dataclass(frozen=True, slots=True)
class OverrideEntry:
    """What you expect an item to sell in each period from `since` to `until`; no quantity withdraws what stands there.

    Left out, it is for the open period alone; a withdrawal then is of all that
    stands for it. What was said of other periods still stands.
    """

    item: ItemRef
    site: PlaceRef
    reason: str
    quantity: Decimal | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReplenishmentEntry:
    """How long an order takes, how far that strays, how often one orders, how seldom one may run out.

    With a `fill_rate` the service level follows what was filled so far, until that
    share of what is asked for is. `unattended`: the system accepts what is
    proposed, where forecasts are cleared.

    Proposals are of whole multiples of `order_multiple` and no less than
    `minimum_order`, both in `order_unit`: a unit of the item (of one, if no
    multiple is named), else its base unit. Terms of several items may name a unit
    that some have not: those are ordered as they come.

    Of an item, of a site, of both or of all; the most specific counts. Recorded
    anew it replaces what was.
    """

    lead_time_hours: Decimal
    review_hours: Decimal
    lead_time_deviation_hours: Decimal = Decimal(0)
    service_level: Decimal = Decimal("0.95")
    fill_rate: Decimal | None = None
    site: PlaceRef | None = None
    item: ItemRef | None = None
    unattended: bool = False
    order_unit: str | None = None
    order_multiple: Decimal | None = None
    minimum_order: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TrialEntry:
    """A run of the sandbox over your own history: which learner, where, of what, and which stretch is judged.

    Left out: the learner that runs live, everywhere, everything, the last 13 weeks.
    """

    variant: str | None = None
    site: PlaceRef | None = None
    category: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClearanceEntry:
    """Forecasts as tried may drive proposals. A trial that failed the gate or judged under 13 weeks needs a reason."""

    trial: TrialRef
    reason: str | None = None
    revoke: bool = False


class Insights(Protocol):
    """Keeps what demand is told; `store` implements it."""

    async def register_influences(self, author: Author, entries: Sequence[InfluenceEntry]) -> Verdicts:
        """Register series from outside."""
        ...

    async def record_points(self, author: Author, entries: Sequence[InfluencePointEntry]) -> Verdicts:
        """Record points."""
        ...

    async def retire_influences(self, author: Author, entries: Sequence[RetirementEntry]) -> Verdicts:
        """Let series from outside end."""
        ...

    async def declare_substitutes(self, author: Author, entries: Sequence[SubstitutionEntry]) -> Verdicts:
        """Declare what may replace what."""
        ...

    async def override_forecasts(self, author: Author, entries: Sequence[OverrideEntry]) -> Verdicts:
        """Say otherwise than the model."""
        ...

    async def record_replenishment(self, author: Author, entries: Sequence[ReplenishmentEntry]) -> Verdicts:
        """Record lead times and service levels."""
        ...

    async def try_forecasts(self, author: Author, entries: Sequence[TrialEntry]) -> Verdicts:
        """Ask for runs of the sandbox."""
        ...

    async def clear_forecasts(self, author: Author, entries: Sequence[ClearanceEntry]) -> Verdicts:
        """Let forecasts drive proposals, or no more."""
        ...
