"""The door for print: a picture of a pack in, the dates and the lot that are printed there out.

::

    POST /recognition/print    {"dates": [{"says": "EXPIRY", "on": "2026-12-20", "text": "EXP 20.12.2026"}], "lot": ""}
"""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stockbook.access.actions import denied
from stockbook.api.gate import Asker, Gate
from stockbook.api.receiving import answered, body, rejected
from stockbook.api.refusing import Rejected
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.recognition.prints import Prints

WAITING_MAX = 8
"""Pictures that are read or wait for it; one more is asked to come again."""


class PrintDoor:
    """Answers who may tell of scans: what is printed becomes a part of one."""

    def __init__(self, gate: Gate, prints: Prints) -> None:
        self._gate, self._prints = gate, prints
        self._room = asyncio.Semaphore(WAITING_MAX)

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        return await answered(request, self._gate, self._read)

    async def _read(self, request: Request, asker: Asker) -> Response:
        if (no := denied(asker.mask, "captureScans")) is not None:
            raise rejected(no)
        content = await body(request, self._prints.picture_max, Code.PICTURE_TOO_LARGE)
        if self._room.locked():
            raise Rejected("UNAVAILABLE", "too many pictures are being read", headers={"retry-after": "2"})
        async with self._room:
            said = await self._prints.read(content)
        if said is None:
            raise Rejected("PRINT_UNREAD", "this server reads no print: it has not the extra print", 501)
        if isinstance(said, Refusal):
            raise rejected(said)
        dates = [{"says": each.says.value, "on": f"{each.on}", "text": each.text} for each in said.dates]
        return JSONResponse({"dates": dates, "lot": said.lot})
