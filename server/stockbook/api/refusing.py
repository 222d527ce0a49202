"""Refusing at the door: what is wrong with a request as such, said the same over every transport.

::

    Rejected        the request is refused before, or instead of, being answered
      400 BAD_USER_INPUT   not JSON, no document, a variable that is no object
      401 UNAUTHENTICATED  no token, one that proves nothing, or one for nobody
      403 FORBIDDEN        texts of one's own, or introspection, by roles that may not
      404 NOT_FOUND        no registered document of that hash
      405, 406, 413, 415   method, accept, size, content type
      429 THROTTLED        too much in too short a time
      500 INTERNAL         a bug: logged with its stack, answered without
      503 UNAVAILABLE      the world failed: the same request may be sent again
"""

from typing import Any

import orjson
import structlog

from stockbook.flows.ports import Fault
from stockbook.store.faults import AWAY

LOG = structlog.get_logger()
WORLD = (*AWAY, Fault)
"""What is raised when the database is away, going, or took too long."""

STATUS = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "THROTTLED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}
FAULTS = frozenset({429, 500, 503})
"""Statuses that every client must see as failures, whatever it accepts."""


class Rejected(Exception):
    """A request refused; `status` is the HTTP status.

    >>> Rejected("UNAUTHENTICATED", "send a token").status
    401
    """

    def __init__(
        self, code: str, message: str, status: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUS.get(code, 400)
        self.headers = headers or {}

    def entry(self) -> dict[str, Any]:
        """Return the entry of `errors`."""
        return {"message": self.message, "extensions": {"code": self.code}}


def failed(error: Exception) -> Rejected:
    """Return what is said of a failure: what to do about it, never what happened inside."""
    if isinstance(error, Rejected):
        return error
    if isinstance(error, WORLD) and not isinstance(error, ValueError):
        LOG.warning("unavailable", error=type(error).__name__)
        return Rejected(
            "UNAVAILABLE",
            "the books can't be reached at the moment; send the same request again",
            headers={"retry-after": "1"},
        )
    LOG.error("failed", exc_info=error)
    return Rejected("INTERNAL", "something went wrong on our side")


def refusal(rejected: Rejected, request_id: str) -> bytes:
    """Return the answer that is nothing but an error."""
    return named(b'{"errors":' + orjson.dumps([rejected.entry()]) + b"}", request_id)


def named(answer: bytes, request_id: str) -> bytes:
    """Put the request's id into every error of an answer; an answer without errors is returned as it is.

    >>> named(b'{"data":{"errors":[]}}', "r1")
    b'{"data":{"errors":[]}}'
    >>> named(b'{"data":null,"errors":[{"message":"no"}]}', "r1")
    b'{"data":null,"errors":[{"message":"no","extensions":{"requestId":"r1"}}]}'
    """
    if not _erring(answer):
        return answer
    said = orjson.loads(answer)
    for error in said.get("errors") or ():
        error.setdefault("extensions", {})["requestId"] = request_id
    return orjson.dumps(said)


_COST = b',"extensions":{"cost":{'
"""What a whole answer ends with; no text within can look like it, for its quotes would be escaped."""
_COST_MAX = 100


def _erring(answer: bytes) -> bool:
    """Return whether an answer has errors: they come last, so its end tells, however long it is.

    >>> _erring(b'{"data":{"me":{}},"errors":[{}],"extensions":{"cost":{"requested":1,"maximum":9}}}')
    True
    """
    at = answer.rfind(_COST, max(len(answer) - _COST_MAX, 0))
    return answer[at - 1 : at] == b"]" if at > 0 else b'"errors":[{' in answer


def status(answer: bytes) -> int:
    """Return the HTTP status of an answer for who asked for `application/graphql-response+json`.

    >>> status(b'{"data":{"me":null}}')
    200
    >>> status(b'{"data":null,"errors":[{"message":"no such field","extensions":{"code":"BAD_USER_INPUT"}}]}')
    422
    """
    if not answer.startswith((b'{"data":null', b'{"errors"')) and b'"data":null' not in answer[-80:]:
        return 200
    said = orjson.loads(answer)
    if said.get("data") is not None or not said.get("errors"):
        return 200
    error = said["errors"][0]
    code = error.get("extensions", {}).get("code")
    if code == "BAD_USER_INPUT" and error["message"].startswith("Syntax Error"):
        return 400
    return STATUS.get(code, 422)
