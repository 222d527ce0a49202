"""A browser asks before it lets a page of another origin ask: only those that the operator has named."""

import httpx

from stockbook.api.origins import opened

PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type"}


def at(serving, origins):
    transport = httpx.ASGITransport(opened(serving.app, origins))
    return httpx.AsyncClient(transport=transport, base_url="http://stockbook")


async def test_a_page_of_an_origin_that_was_named_may_ask(serving):
    board = {"origin": "https://board.example"}
    async with at(serving, "https://shop.example, https://board.example") as http:
        asked = await http.options("/graphql", headers={**board, **PREFLIGHT})
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, board["origin"])
        assert "authorization" in asked.headers["access-control-allow-headers"].lower()
        answer = await http.post("/graphql", json={"query": "{ me { id } }"}, headers={**board, **serving.bearer()})
        assert answer.json()["data"]["me"]
        assert answer.headers["access-control-allow-origin"] == board["origin"]
        assert "x-request-id" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers


async def test_a_page_of_any_other_may_not(serving):
    stranger = {"origin": "https://stranger.example"}
    async with at(serving, "https://board.example") as http:
        asked = await http.options("/graphql", headers={**stranger, **PREFLIGHT})
        assert (asked.status_code, asked.headers.get("access-control-allow-origin")) == (400, None)
    async with at(serving, "") as http:
        asked = await http.options("/graphql", headers={**stranger, **PREFLIGHT})
        assert (asked.status_code, asked.headers.get("access-control-allow-origin")) == (405, None)
