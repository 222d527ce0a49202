"""A real server with a small trade in it, and somebody who sends it the wrong things."""

import json
from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from tests.serving import Market, Served, market, served

SECRETS = ("Traceback", "asyncpg", "stockbook.", ".py", "select ", "SELECT ", "Exception", "postgres")

LEARNT = {"stream", "series", "forecast", "learner_state", "stream_offset"}
"""What the worker writes by itself, of postings that were made before."""


@dataclass
class Sender:
    """Sends bytes and checks what every refusal owes to whoever asked."""

    serving: Served
    trade: Market
    other: int

    def headers(self, *roles: str, organisation: int = 0, **more: str) -> dict[str, str]:
        token = self.serving.bearer(organisation or self.trade.shop, *(roles or ("org_admin",)))
        return {**token, "content-type": "application/json", **more}

    async def send(self, body: Any, headers: dict[str, str] | None = None, **more: Any) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.headers() if headers is None else headers
        return await self.serving.http.request(
            more.pop("method", "POST"), "/graphql", content=content, headers=headers, **more
        )

    async def rows(self) -> dict[str, int]:
        """Count the rows of every table."""
        db = self.serving.app.parts.writes
        names = await db.fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        wanted = {name for (name,) in names} - LEARNT
        return {name: await db.fetchval(f'select count(*) from "{name}"') for name in sorted(wanted)}


def told(answer: Any) -> list[str]:
    """Return the codes of a refusal that is fit for strangers' eyes, and says which request it was."""
    text = answer.text
    assert not any(secret in text for secret in SECRETS), text
    said = answer.json()
    errors = said.get("errors")
    assert errors, text
    for error in errors:
        assert error["message"], text
        assert error["extensions"]["requestId"] == answer.headers["x-request-id"], text
    assert not said.get("data") or not any(said["data"].values()), text
    return [error["extensions"]["code"] for error in errors]


@pytest_asyncio.fixture(scope="module")
async def sender(fresh) -> Sender:
    async with served(await fresh()) as serving:
        trade = await market(serving)
        (other,) = await serving.register(
            "registerOrganisations", {"externalReference": "STRANGER", "name": "Stranger", "kind": "SHOP"}
        )
        await trade.bring(quantity="10")
        yield Sender(serving, trade, other)
