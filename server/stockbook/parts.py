"""The composition root: settings -> adapters -> flows -> the graph and its door.

Only here is it chosen who implements what.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from stockbook.access.policies import Policies
from stockbook.access.signing import Signer
from stockbook.access.tokens import Tokens, secret
from stockbook.api import metrics
from stockbook.flows.clock import Overdue
from stockbook.flows.counting import Counting
from stockbook.flows.demand.learning import Learning
from stockbook.flows.demand.proposing import Proposing
from stockbook.flows.devices.raising import Raising
from stockbook.flows.devices.taking import Capture
from stockbook.flows.posting.post import Posting
from stockbook.flows.recognition.pictures import Pictures
from stockbook.flows.recognition.prints import Prints
from stockbook.graph.execute import Graph
from stockbook.graph.mutations.door import Door
from stockbook.graph.schema import schema
from stockbook.settings import Settings
from stockbook.store import streams
from stockbook.store.catalogue import PostgresCatalogue
from stockbook.store.database import Database
from stockbook.store.demand.book import PostgresDemand
from stockbook.store.demand.insights import PostgresInsights
from stockbook.store.demand.proposals import PostgresProposals
from stockbook.store.devices.door import PostgresDevices
from stockbook.store.devices.enrolments import PostgresEnrolling
from stockbook.store.devices.wipes import PostgresWiping
from stockbook.store.files import Files
from stockbook.store.posting.ledger import PostgresLedger
from stockbook.store.recognition import samples
from stockbook.store.recognition.pictures import PostgresSamples, look
from stockbook.store.recognition.prints import Ocr
from stockbook.store.recognition.registrations import PostgresRecognition
from stockbook.store.registering.registry import PostgresRegistry
from stockbook.store.work import overdue
from stockbook.store.work.tasks import PostgresTasks

WRITERS = 4
"""Connections for posting and registering."""
BESIDE = 4
"""Connections for streams, learning and the clock."""
DESKS = 8
"""Devices whose scans are taken at once; each has a connection of its own meanwhile."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything, put together."""

    settings: Settings
    dsn: str
    reads: Database
    writes: Database
    beside: Database
    policies: Policies
    tokens: Tokens
    posting: Posting
    capture: Capture
    registry: PostgresRegistry
    learning: Learning
    demand: PostgresDemand
    proposing: Proposing
    files: Files
    awaited: PostgresSamples
    pictures: Pictures
    prints: Prints
    graph: Graph
    door: Door

    async def overdue(self) -> Overdue:
        """Return what the clock has to see to."""
        return await overdue.overdue(self.beside, datetime.now(UTC))

    async def forget_samples(self, now: datetime) -> int:
        """Delete samples whose time is over; return how many."""
        return await samples.delete_expired(self.beside, self.files, now)

    async def sweep_files(self, before: datetime) -> int:
        """Delete files that were sent before a moment and never named; return how many."""
        return await samples.delete_strays(self.beside, self.files, before)

    async def figures(self) -> metrics.Figures:
        """Return how many signals have no number or no learner has read, forecasts moved, and movements there are."""
        waiting, movements = await streams.waiting(self.beside), await streams.movements(self.beside)
        return metrics.Figures(waiting, await self.demand.waiting(), await self.demand.moved(), movements)


@contextlib.asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Parts]:
    """Open the database and put the parts together."""
    dsn = settings.database_url
    if dsn is None:
        raise ValueError("no database: start the embedded one, or set DATABASE_URL")
    async with contextlib.AsyncExitStack() as stack:
        reads = await _opened(stack, dsn, settings.readers)
        writes = await _opened(stack, dsn, WRITERS)
        beside = await _opened(stack, dsn, BESIDE, cap_seconds=30)
        desks = await _opened(stack, dsn, DESKS, cap_seconds=30)
        catalogue = PostgresCatalogue(writes)
        ledger = PostgresLedger(writes, catalogue)
        stack.push_async_callback(ledger.close)
        posting = Posting(ledger, catalogue)
        policies = Policies.load(settings.policies)
        registry = PostgresRegistry(writes)
        demand = PostgresDemand(beside)
        tasks = PostgresTasks(writes)
        known = secret(settings.secret, settings.home)
        tokens, signer = Tokens(known), Signer(known)
        files = Files(settings.files or settings.home / "files")
        capture = Capture(PostgresDevices(desks), posting, Raising(ledger, catalogue), tokens.device_secret)
        services = _Services(
            posting,
            registry,
            PostgresInsights(writes),
            policies,
            proposing=Proposing(posting, PostgresProposals(writes)),
            tasks=tasks,
            counting=Counting(posting, tasks),
            capture=capture,
            enrolling=PostgresEnrolling(writes),
            recognition=PostgresRecognition(writes, files, signer.sign, settings.picture_max),
            signer=signer,
            wiping=PostgresWiping(writes, tokens.device_secret),
            tokens=tokens,
        )
        graph = Graph(schema, reads, settings, services)
        awaited = PostgresSamples(beside)
        yield Parts(
            settings=settings,
            dsn=dsn,
            reads=reads,
            writes=writes,
            beside=beside,
            policies=policies,
            tokens=tokens,
            posting=posting,
            capture=capture,
            registry=registry,
            learning=Learning(demand, range(settings.partitions), settings.partitions),
            demand=demand,
            proposing=Proposing(posting, PostgresProposals(beside)),
            files=files,
            awaited=awaited,
            pictures=Pictures(awaited, files, look, settings.picture_max),
            prints=Prints(Ocr(), look, settings.picture_max, lambda: datetime.now(UTC).date()),
            graph=graph,
            door=Door(graph, services),
        )


async def _opened(stack: contextlib.AsyncExitStack, dsn: str, size: int, cap_seconds: float | None = 1.0) -> Database:
    database = await Database.open(dsn, size=size, cap_seconds=cap_seconds)
    stack.push_async_callback(database.close)
    return database


@dataclass(frozen=True, slots=True)
class _Services:
    """What mutations need."""

    posting: Posting
    registry: PostgresRegistry
    insights: PostgresInsights
    policies: Policies
    proposing: Proposing
    tasks: PostgresTasks
    counting: Counting
    capture: Capture
    enrolling: PostgresEnrolling
    recognition: PostgresRecognition
    signer: Signer
    wiping: PostgresWiping
    tokens: Tokens
