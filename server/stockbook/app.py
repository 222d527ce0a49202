"""The application: the parts, put behind their doors, as long as the server lives."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from stockbook.api import logs, metrics, pages
from stockbook.api.beside import Beside, refused
from stockbook.api.documents import Documents
from stockbook.api.files import FileDoor
from stockbook.api.gate import Gate
from stockbook.api.http import Http, Receive, Scope, Send
from stockbook.api.limits import Buckets
from stockbook.api.members import Members
from stockbook.api.prints import PrintDoor
from stockbook.api.refusing import WORLD, Rejected
from stockbook.api.sse import Events
from stockbook.api.stopping import Stopping
from stockbook.api.watch import watch
from stockbook.api.websocket import Sockets
from stockbook.graph.hub import Hub
from stockbook.graph.streams import Streams
from stockbook.parts import Parts, assembled
from stockbook.settings import Settings

LOG = structlog.get_logger()
Worker = Callable[[Parts], Coroutine[Any, Any, None]]


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
        beside = Starlette(
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
            exception_handlers={HTTPException: refused, Exception: refused},
            lifespan=self._living,
        )
        self._pages = Beside(beside)

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
        logs.configure(requests=self.settings.requests_logged)
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
            self._http = http = Http(gate, events, Beside(pages.page), self.settings.body_max)
            self._files = FileDoor(gate, parts.files, parts.pictures, parts.awaited)
            self._prints = PrintDoor(gate, parts.prints)
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
        logs.flush()
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
            return await refused(request, Rejected("UNAVAILABLE", "starting or stopping", headers={"retry-after": "1"}))
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
