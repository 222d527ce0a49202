"""Registers in PostgreSQL what demand is told: `flows.insights.Insights`."""

import asyncio
from collections.abc import Sequence

from stockbook.flows.author import Author, Verdicts
from stockbook.flows.demand.insights import (
    ClearanceEntry,
    InfluenceEntry,
    InfluencePointEntry,
    OverrideEntry,
    ReplenishmentEntry,
    RetirementEntry,
    SubstitutionEntry,
    TrialEntry,
)
from stockbook.store.database import Database
from stockbook.store.demand import influences, overrides, retiring, trials
from stockbook.store.registering.desk import all_or_none


class PostgresInsights:
    """Keeps what demand is told; each call stands or falls whole."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def register_influences(self, author: Author, entries: Sequence[InfluenceEntry]) -> Verdicts:
        """Register series from outside."""
        await asyncio.to_thread(influences.look_up, entries)
        return await all_or_none(self._db, author, entries, influences.influence)

    async def record_points(self, author: Author, entries: Sequence[InfluencePointEntry]) -> Verdicts:
        """Record points."""
        return await all_or_none(self._db, author, entries, influences.Recording().point)

    async def retire_influences(self, author: Author, entries: Sequence[RetirementEntry]) -> Verdicts:
        """Let series from outside end."""
        return await all_or_none(self._db, author, entries, retiring.retire)

    async def declare_substitutes(self, author: Author, entries: Sequence[SubstitutionEntry]) -> Verdicts:
        """Declare what may replace what."""
        return await all_or_none(self._db, author, entries, influences.substitution)

    async def override_forecasts(self, author: Author, entries: Sequence[OverrideEntry]) -> Verdicts:
        """Say otherwise than the model."""
        return await all_or_none(self._db, author, entries, overrides.override)

    async def record_replenishment(self, author: Author, entries: Sequence[ReplenishmentEntry]) -> Verdicts:
        """Record lead times and service levels."""
        return await all_or_none(self._db, author, entries, overrides.replenishment)

    async def try_forecasts(self, author: Author, entries: Sequence[TrialEntry]) -> Verdicts:
        """Ask for runs of the sandbox."""
        return await all_or_none(self._db, author, entries, trials.trial)

    async def clear_forecasts(self, author: Author, entries: Sequence[ClearanceEntry]) -> Verdicts:
        """Let forecasts drive proposals, or no more."""
        return await all_or_none(self._db, author, entries, trials.clearance)
