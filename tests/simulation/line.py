"""A line that drops: a request goes out, whole or in part, and nobody waits for the answer.

By a bare connection, since the client library leaves connections open whose
requests are cancelled while others wait for one.
"""

import asyncio
import contextlib
import json
import random
from urllib.parse import urlsplit


async def drop(address: str, token: str, asked: dict, dice: random.Random, seconds_max: float) -> None:
    """Begin a request to the graph and hang up before long; a third of the time in the middle of it."""
    to = urlsplit(address)
    body = json.dumps(asked).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {to.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    whole = head.encode() + body
    said = whole[: dice.randrange(len(whole))] if dice.random() < 1 / 3 else whole
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection(to.hostname, to.port)
        try:
            writer.write(said)
            await asyncio.sleep(dice.random() * seconds_max)
        finally:
            writer.close()
            await writer.wait_closed()
