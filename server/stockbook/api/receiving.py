"""What every door beside the graph does with a request: who asks, what was sent, and what is wrong with it."""

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from stockbook.api import logs
from stockbook.api.gate import Asker, Gate
from stockbook.api.logs import Line
from stockbook.api.refusing import Rejected, failed, refusal
from stockbook.domain.refusal import Code, Refusal

_STATUS = {
    Code.ACTION_DENIED: 403,
    Code.REFERENCE_UNKNOWN: 404,
    Code.SAMPLE_ENDED: 410,
    Code.PICTURE_TOO_LARGE: 413,
    Code.PICTURE_UNREADABLE: 415,
}


async def answered(request: Request, gate: Gate, answer: Callable[[Request, Asker], Awaitable[Response]]) -> Response:
    """Answer who may ask; whatever goes wrong is answered as one entry of `errors`, and logged."""
    line = Line(logs.request_id.get() or "")
    line.operation = f"{request.method} {request.url.path}"
    try:
        asker = await gate.asker(request.headers.get("authorization"))
        line.organisation = asker.principal.organisation
        gate.buckets.admit(asker.principal)
        said = await answer(request, asker)
    except ClientDisconnect:  # nobody is there to be answered; it is sent again
        said = Response(status_code=400)
    except Exception as error:
        no = failed(error)
        said = Response(refusal(no, line.id), no.status, no.headers, "application/json")
    line.write("answered", said.status_code, int(said.headers.get("content-length", 0)))
    return said


async def body(request: Request, most: int, code: Code) -> bytes:
    """Return what was sent; too much is refused as soon as it is known to be."""
    length = request.headers.get("content-length", "")
    parts, size = [], 0
    if not (length.isdigit() and int(length[:20]) > most):
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > most:
                break
        else:
            return b"".join(parts)
    raise rejected(Refusal(code, f"a file here has at most {most} bytes"), 413)


def rejected(no: Refusal, status: int | None = None) -> Rejected:
    """Return a refusal of the domain as the request's."""
    return Rejected(no.code.name, no.message, status or _STATUS.get(no.code, 422))
