"""A whole server for tests: real HTTP, real sockets, real PostgreSQL, in the test's own loop."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from stockbook.api.listening import options
from stockbook.app import App, build
from stockbook.settings import Settings
from stockbook.worker import run

SECRET = "a secret that is only good enough for tests"


class _Quiet(uvicorn.Server):
    """Leaves signals to the tests."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


@dataclass
class Served:
    """A running server."""

    app: App
    address: str
    http: httpx.AsyncClient
    server: uvicorn.Server
    _keys: Any = field(default_factory=itertools.count)

    @property
    def socket(self) -> str:
        return self.address.replace("http", "ws") + "/graphql"

    def stop(self) -> None:
        """Tell the server to end, as a signal would."""
        self.server.should_exit = True

    def token(self, organisation: int = 1, *roles: str, **more: Any) -> str:
        tokens = self.app.parts.tokens
        return tokens.issue(principal=1, organisation=organisation, roles=set(roles or ("network_admin",)), **more)

    def bearer(self, *args: Any, **more: Any) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(*args, **more)}"}

    def documents(self) -> dict[str, str]:
        """Return the registered documents."""
        return self.app.registered.registered

    async def ask(self, query: str, organisation: int = 1, *roles: str, **variables: Any) -> Any:
        """Return the data of an answer without errors."""
        answer = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=self.bearer(organisation, *roles)
        )
        said = answer.json()
        assert "errors" not in said, said
        return said["data"]

    async def register(self, mutation: str, *lines: dict[str, Any], organisation: int = 1) -> list[int]:
        kind = mutation[0].upper() + mutation[1:]
        data = await self.ask(
            f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{"
            " errors { code message } results { id } } }",
            organisation,
            input={"lines": list(lines)},
        )
        assert not data[mutation]["errors"], data
        return [int(each["id"].rpartition("/")[2]) for each in data[mutation]["results"]]

    async def post(self, verb: str, organisation: int, *lines: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """Post a verb; all lines must stand."""
        kind = verb[0].upper() + verb[1:]
        given = {"key": f"{verb}-{next(self._keys)}", "lines": list(lines), **more}
        data = await self.ask(
            f"mutation($input: {kind}Input!) {{ {verb}(input: $input) {{ errors {{ code message path }}"
            " results { line outcome code claims movement { id } } } }",
            organisation,
            input=given,
        )
        assert not data[verb]["errors"], data
        return data[verb]["results"]


@contextlib.asynccontextmanager
async def served(dsn: str, **given: Any) -> AsyncIterator[Served]:
    """Serve the database at `dsn` until the end of the block."""
    settings = Settings(
        secret=SECRET, home=Path("build/test"), clock_seconds=0, policies=given.pop("policies", Path("policies"))
    ).model_copy(update={"database_url": dsn, **given})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = build(settings, run)
        server = _Quiet(
            uvicorn.Config(
                app,
                loop="none",
                lifespan="on",
                timeout_graceful_shutdown=5,
                **options(settings),
            )
        )
        task = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
            if task.done():
                task.result()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, timeout=30) as http:
            try:
                yield Served(app, address, http, server)
            finally:
                await http.aclose()
                server.should_exit = True
                await task


@dataclass
class Market:
    """A grower and a shop that trade one item: enough for streams to have something to tell."""

    served: Served
    grower: int
    shop: int
    items: list[str]
    site: str = "SITE"
    shelf: str = "SHELF"

    async def bring(self, item: str = "", quantity: str = "10") -> None:
        """Goods come into the shop and onto the shelf."""
        item = item or self.items[0]
        line = {"item": item, "quantity": quantity}
        await self.served.post("receive", self.shop, {**line, "place": self.site})
        await self.served.post("putAway", self.shop, {**line, "source": self.site, "place": self.shelf})

    async def sell(self, item: str = "", quantity: str = "1") -> None:
        await self.served.post(
            "sell", self.shop, {"item": item or self.items[0], "quantity": quantity, "place": self.shelf}
        )

    async def count(self) -> int:
        """Return the number of the shop's last signal, once everything has its number."""
        db = self.served.app.parts.beside
        async with asyncio.timeout(60):
            while await db.fetchval("select count(*) from movement_party where sequence is null"):
                await asyncio.sleep(0.01)
        return await db.fetchval("select coalesce(max(head), 0) from stream where organisation_id = $1", self.shop)


async def market(served: Served, items: int = 3) -> Market:
    """Register a small market."""
    grower, shop = await served.register(
        "registerOrganisations",
        {"externalReference": "GROWER", "name": "Grower", "kind": "COOPERATIVE"},
        {"externalReference": "SHOP", "name": "Shop", "kind": "SHOP"},
    )
    names = [f"ITEM-{number}" for number in range(items)]
    await served.register(
        "registerItems",
        *(
            {
                "externalReference": name,
                "name": name.title(),
                "category": "FRUIT",
                "baseUnit": "kg",
                "decimals": 3,
                "inspected": False,
            }
            for name in names
        ),
    )
    await served.register(
        "registerPlaces",
        {
            "externalReference": "SITE",
            "organisation": "SHOP",
            "name": "Shop",
            "kind": "SITE",
            "public": True,
            "strict": True,
        },
        {
            "externalReference": "SHELF",
            "organisation": "SHOP",
            "name": "Shelf",
            "kind": "BIN",
            "parent": "SITE",
            "strict": True,
        },
    )
    return Market(served, grower, shop, names)
