"""Speaks GraphQL over HTTP, as any partner would: tokens, several connections, retries under the same key."""

import asyncio
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from stockbook.demo.plan import LINES_MAX, Posting

CONNECTIONS = 24
TRIES = 8
AGAIN = frozenset({429, 502, 503, 504})
"""Answers after which the same request may succeed."""

Json = dict[str, Any]


class NotAnsweredError(Exception):
    """The server gave no usable answer; the text says what it said."""


@dataclass(slots=True)
class Tally:
    """What became of everything posted so far."""

    posted: int = 0
    duplicate: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    signals: int = 0

    @property
    def lines(self) -> int:
        """Return every line answered."""
        return self.posted + self.duplicate + self.refused.total()


def mutation(verb: str) -> str:
    """Return the document that posts a verb and asks for no more than is looked at.

    >>> print(mutation("putAway"))
    mutation putAway($input: PutAwayInput!) {
      putAway(input: $input) { errors { code message path } results { line outcome code } }
    }
    """
    kind = verb[0].upper() + verb[1:]
    claims = " claims" if verb == "reserve" else ""
    asked = f"errors {{ code message path }} results {{ line outcome code{claims} }}"
    return f"mutation {verb}($input: {kind}Input!) {{\n  {verb}(input: $input) {{ {asked} }}\n}}"


class Client:
    """One address, many tokens.

    `token` gives the token of an organisation by its reference.
    """

    def __init__(self, address: str, token: Callable[[str], str]) -> None:
        self.address = address
        self._token = token
        trust = ssl.create_default_context()
        self._lanes = [_lane(address, trust) for _ in range(CONNECTIONS)]
        self._free: asyncio.LifoQueue[httpx.AsyncClient] = asyncio.LifoQueue()
        for lane in self._lanes:
            self._free.put_nowait(lane)
        self._documents: dict[str, str] = {}
        self.tally = Tally()

    async def close(self) -> None:
        """Close every connection."""
        for lane in self._lanes:
            await lane.aclose()

    async def gauges(self) -> dict[str, float]:
        """Return what the server says of itself at /metrics, summed over labels."""
        async with self._lane() as lane:
            answer = await lane.get("/metrics")
        sums: dict[str, float] = {}
        for name, value in re.findall(
            r"^(\w+)(?:\{[^}]*\})? ([-\d.e+]+)$", answer.raise_for_status().text, re.MULTILINE
        ):
            sums[name] = sums.get(name, 0.0) + float(value)
        return sums

    async def ask(self, organisation: str, document: str, **variables: Any) -> Json:
        """Return the data of an answer; any error in it is an exception."""
        answer = await self._send(self._token(organisation), {"query": document, "variables": variables})
        if answer.get("errors") or not answer.get("data"):
            raise NotAnsweredError(f"{organisation}: {answer.get('errors') or answer}"[:2000])
        data: Json = answer["data"]
        return data

    async def post(self, posting: Posting, policy: str = "REJECT_FAILED") -> list[Json]:
        """Post, count what became of each line, and return the results."""
        document = self._documents.setdefault(posting.verb, mutation(posting.verb))
        given = {
            "key": posting.key,
            "errorPolicy": policy,
            "occurredAt": posting.at.isoformat(),
            "lines": posting.lines,
        }
        data = await self.ask(posting.organisation, document, input=given)
        payload = data[posting.verb]
        results: list[Json] = payload["results"]
        if payload["errors"] and not results:
            self.tally.refused[payload["errors"][0]["code"]] += len(posting.lines)
        for result in results:
            match result["outcome"]:
                case "POSTED":
                    self.tally.posted += 1
                case "DUPLICATE":
                    self.tally.duplicate += 1
                case _:
                    self.tally.refused[result["code"]] += 1
        return results

    async def register(self, mutation: str, entries: list[Json], organisation: str) -> list[str]:
        """Register entries, 250 at a time, and return their ids; a refusal is an exception: nothing stands without."""
        kind = mutation[0].upper() + mutation[1:]
        document = (
            f"mutation($input: {kind}Input!) "
            f"{{ {mutation}(input: $input) {{ errors {{ code message path }} results {{ id }} }} }}"
        )
        ids: list[str] = []
        for start in range(0, len(entries), LINES_MAX):
            data = await self.ask(organisation, document, input={"lines": entries[start : start + LINES_MAX]})
            if data[mutation]["errors"]:
                raise NotAnsweredError(f"{mutation}: {data[mutation]['errors'][0]}")
            ids += [result["id"] for result in data[mutation]["results"]]
        return ids

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a connection; the one used last comes first, so few stay in use when little is asked."""
        lane = await self._free.get()
        try:
            yield lane
        finally:
            self._free.put_nowait(lane)

    async def _send(self, token: str, body: Json) -> Json:
        """Send, and send again while the world fails: every posting carries its key, so nothing is posted twice."""
        content = orjson.dumps(body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        said = ""
        async with self._lane() as lane:
            for attempt in range(TRIES):
                try:
                    answer = await lane.post("/graphql", content=content, headers=headers)
                    if answer.status_code not in AGAIN:
                        return self._read(answer)
                    said = answer.text
                except httpx.TransportError as error:
                    said = f"{type(error).__name__} {error}"
                await asyncio.sleep(min(0.05 * 2**attempt, 3))
        raise NotAnsweredError(f"tried {TRIES} times: {said}")

    def _read(self, answer: httpx.Response) -> Json:
        try:
            said: Json = orjson.loads(answer.content)
        except orjson.JSONDecodeError as error:
            raise NotAnsweredError(f"HTTP {answer.status_code}: {answer.text[:500]}") from error
        return said


def _lane(address: str, trust: ssl.SSLContext) -> httpx.AsyncClient:
    """Return a client of one connection: httpx looks at every connection of a pool at every request."""
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    return httpx.AsyncClient(base_url=address, timeout=120, limits=limits, verify=trust)
