"""What is beside the graph: its requests have ids as well, and what is wrong with them is said in the same words."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stockbook.api import logs
from stockbook.api.gate import request_id
from stockbook.api.refusing import Rejected, failed, refusal

_SAID = {
    404: ("NOT_FOUND", "there is nothing at this address"),
    405: ("BAD_USER_INPUT", "this address is not asked by this method"),
}
_OTHER = ("BAD_USER_INPUT", "this request can't be answered")
FAILED = 500


class Beside:
    """Gives every request to an application its id, and the answer the same."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = request_id(dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1"))
        answered = 0

        async def sent(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        token = logs.request_id.set(name)
        try:
            await self._app(scope, receive, sent)
        except Exception:
            if answered < FAILED:  # else it was `refused`, and Starlette raises it once more
                raise
        finally:
            logs.request_id.reset(token)


async def refused(request: Request, error: Exception) -> Response:
    """Say what is wrong with a request as an entry of `errors`; a failure is logged, and told without its words."""
    if isinstance(error, HTTPException):
        no = Rejected(*_SAID.get(error.status_code, _OTHER), error.status_code, dict(error.headers or {}))
    else:
        no = failed(error)
    line = logs.Line(logs.request_id.get() or "")
    line.operation = f"{request.method} {request.url.path}"
    answer = refusal(no, line.id)
    line.write("answered", no.status, len(answer), code=no.code)
    return Response(answer, no.status, no.headers, "application/json")
