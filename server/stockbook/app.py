"""The composition root: settings -> adapters -> flows -> the application.

Only here is it chosen who implements what.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from stockbook.access.policies import Policies
from stockbook.access.signing import Signer
from stockbook.access.tokens import Tokens, secret
from stockbook.api import logs, metrics, pages
from stockbook.api.documents import Documents
from stockbook.api.files import FileDoor
from stockbook.api.gate import Gate
from stockbook.api.http import Http, Receive, Scope, Send
from stockbook.api.limits import Buckets
from stockbook.api.members import Members
from stockbook.api.prints import PrintDoor
from stockbook.api.refusing import WORLD
from stockbook.api.sse import Events
from stockbook.api.stopping import Stopping
from stockbook.api.watch import watch
from stockbook.api.websocket import Sockets
from stockbook.flows.capture import Capture
from stockbook.flows.clock import Overdue
from stockbook.flows.counting import Counting
from stockbook.flows.learn_demand import Learning
from stockbook.flows.pictures import Pictures
from stockbook.flows.post import Posting
from stockbook.flows.prints import Prints
from stockbook.flows.raising import Raising
from stockbook.graph.execute import Graph
from stockbook.graph.hub import Hub
from stockbook.graph.mutations.door import Door
from stockbook.graph.schema import schema
from stockbook.graph.streams import Streams
from stockbook.settings import Settings
from stockbook.store import streams
from stockbook.store.catalogue import PostgresCatalogue
from stockbook.store.database import Database
from stockbook.store.demand.book import PostgresDemand
from stockbook.store.demand.insights import PostgresInsights
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

LOG = structlog.get_logger()
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
    files: Files
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


Worker = Callable[[Parts], Coroutine[Any, Any, None]]


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
            files=files,
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
    tasks: PostgresTasks
    counting: Counting
    capture: Capture
    enrolling: PostgresEnrolling
    recognition: PostgresRecognition
    signer: Signer
    wiping: PostgresWiping
    tokens: Tokens


class App:
    """The ASGI application: /graphql straight to its doors, everything else by Starlette's routes."""

    def __init__(self, settings: Settings, worker: Worker | None) -> None:
        self.settings = settings
        self.parts: Parts | None = None
        self.hub: Hub | None = None
        self.sockets: Sockets | None = None
        self._worker = worker
        self._stopping = Stopping()
        self._http: Http | None = None
        self._files: FileDoor | None = None
        self._prints: PrintDoor | None = None
        self.registered = Documents({})
        self._pages = Starlette(
            routes=[
                Route("/", _home),
                Route("/healthz", _healthy),
                Route("/readyz", self._ready),
                Route("/metrics", metrics.page(self._figures)),
                Route("/playground/documents", self._documents),
                Route("/recognition/{kind}/{name}", self._file, methods=["GET", "PUT"]),
                Route("/recognition/print", self._print, methods=["POST"]),
                Mount("/playground", pages.assets()),
            ],
            lifespan=self._living,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "http" and scope["path"] == "/graphql" and self._http is not None:
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket" and self.sockets is not None:
            await self.sockets(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    @contextlib.asynccontextmanager
    async def _living(self, _: Starlette) -> AsyncIterator[None]:
        logs.configure()
        async with assembled(self.settings) as parts, contextlib.AsyncExitStack() as stack:
            self.registered = documents = Documents.load(self.settings.documents, self.settings.tokens_max)
            members = Members(parts.reads)
            await members.look()
            buckets = Buckets(self.settings.points_second)
            gate = Gate(parts.tokens, members, parts.policies, documents, parts.door, buckets)
            hub = Hub(parts.dsn, parts.beside)
            streaming = Streams(parts.graph)
            self.sockets = sockets = Sockets(gate, hub, streaming, self.settings)
            events = Events(gate, hub, streaming, self.settings)
            self._http = http = Http(gate, events, pages.page, self.settings.body_max)
            rows = PostgresSamples(parts.beside)
            pictures = Pictures(rows, parts.files, look, self.settings.picture_max)
            self._files = FileDoor(gate, parts.files, pictures, rows)
            prints = Prints(Ocr(), look, self.settings.picture_max, lambda: datetime.now(UTC).date())
            self._prints = PrintDoor(gate, prints)
            parts.policies.on_change(sockets.revoke)
            parts.policies.on_change(events.revoke)
            members.on_change(sockets.expel)
            members.on_change(events.expel)
            self._stopping.heed(sockets.stop, events.stop)
            for task in (
                hub.run(),
                watch(parts.policies, self.settings),
                members.watch(self.settings.policies_seconds),
            ):
                stack.push_async_callback(_ended, asyncio.create_task(task))
            if self._worker:
                stack.push_async_callback(_ended, asyncio.create_task(self._worker(parts)))
            self.parts, self.hub = parts, hub
            LOG.info("ready")
            yield
            self.parts = None
            await self._stopping.begin()
            await http.drained(self.settings.heartbeat_seconds)
        LOG.info("stopped")

    async def _ready(self, _: Request) -> Response:
        """Say whether requests can be answered now."""
        parts = self.parts
        if parts is None or self._stopping.begun:
            return JSONResponse({"ready": False, "why": "starting or stopping"}, 503)
        try:
            async with asyncio.timeout(2):
                await parts.reads.fetchval("select 1")
        except WORLD:
            return JSONResponse({"ready": False, "why": "the database does not answer"}, 503)
        return JSONResponse({"ready": True})

    async def _documents(self, _: Request) -> Response:
        """Return the registered documents, which the playground offers as examples; they are published anyway."""
        return JSONResponse(sorted(self.registered.registered.values()))

    async def _file(self, request: Request) -> Response:
        return await self._beside(self._files, request)

    async def _print(self, request: Request) -> Response:
        return await self._beside(self._prints, request)

    async def _beside(self, door: FileDoor | PrintDoor | None, request: Request) -> Response:
        """Answer by a door beside the graph."""
        if door is None or self._stopping.begun:
            return JSONResponse({"errors": [{"message": "starting or stopping"}]}, 503, {"retry-after": "1"})
        return await door(request)

    async def _figures(self) -> metrics.Figures:
        return await self.parts.figures() if self.parts else metrics.Figures(0, 0, 0, 0)


def build(settings: Settings, worker: Worker | None = None) -> App:
    """Return the application; `worker` runs beside it as long as it lives."""
    return App(settings, worker)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _home(_: Request) -> Response:
    return RedirectResponse("/graphql")


async def _healthy(_: Request) -> Response:
    """Say that the process lives; that says nothing of the database."""
    return JSONResponse({"healthy": True})
