"""One request to the server and what came of it: its data, or a trouble that says what to do.

Nothing that isn't the server's own answer counts as one: the page of a captive
portal, a redirect, a proxy's error. What was sent may have been taken all the
same, so whoever sends must be able to send again.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import certifi
import urllib3
from urllib3.exceptions import HTTPError, SSLError
from urllib3.util import Timeout

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
_MOVED = range(300, 400)
_LOGIN_NEEDED = 511


class Trouble(Enum):
    """Why there is no answer; the screens have a text for each."""

    OFFLINE = "the server can't be reached"
    CAPTIVE = "this network wants a login: something else answered than the server"
    UNTRUSTED = "the server's certificate is not trusted"
    TOKEN = "the device must be given a new token"  # noqa: S105  # a sentence
    FORBIDDEN = "the device's role may not do this"
    BUSY = "the server is busy"
    FAILED = "the server failed"
    TOO_LARGE = "too much was sent at once"
    OUTDATED = "app and server don't understand each other: one of them is too old"
    REFUSED = "the server refused the whole of it"
    DISK = "the device can't store what it was told"


class Failed(NamedTuple):
    """A trouble, how long the server asks to wait, and its words."""

    trouble: Trouble
    wait_seconds: float = 0
    message: str = ""


Heard = Callable[[str], None]
"""Told the Date header of each answer of the server."""


class Transport:
    """Speaks GraphQL with one server over pooled connections."""

    def __init__(
        self,
        address: str,
        heard: Heard = lambda date: None,
        authorities: Path | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._address = f"{address.rstrip('/')}/graphql"
        self._heard = heard
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=2,
            retries=False,
            timeout=Timeout(connect=connect_seconds, read=read_seconds),
            ssl_context=ssl.create_default_context(cafile=str(authorities) if authorities else certifi.where()),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def ask(self, document: str, variables: Mapping[str, Any], token: str) -> dict[str, Any] | Failed:
        """Return the data of an answer, or what went wrong."""
        body = json.dumps({"query": document, "variables": variables}, ensure_ascii=False, separators=(",", ":"))
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "gzip",
        }
        try:
            answer = self._pool.request("POST", self._address, body=body.encode(), headers=headers, redirect=False)
        except SSLError as fault:
            return Failed(Trouble.UNTRUSTED, message=str(fault))
        except (HTTPError, OSError, ValueError) as fault:
            return Failed(Trouble.OFFLINE, message=str(fault))
        said = _object(answer)
        if said is None:
            return _no_answer(answer.status, _seconds(answer.headers.get("retry-after", "")))
        self._heard(answer.headers.get("date", ""))
        return _data(said, answer.status, _seconds(answer.headers.get("retry-after", "")))


def _object(answer: urllib3.BaseHTTPResponse) -> dict[str, Any] | None:
    """Return the object that a GraphQL server answers with, None when something else answered."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/json", "application/graphql-response+json"} or answer.status in _MOVED:
        return None
    try:
        said = json.loads(answer.data)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and ("data" in said or "errors" in said) else None


def _no_answer(status: int, wait_seconds: float) -> Failed:
    """Return the trouble when something else answered."""
    if status in {429, 502, 503, 504}:  # a proxy whose server is away
        return Failed(Trouble.BUSY, wait_seconds)
    return Failed(Trouble.FAILED if status >= 500 and status != _LOGIN_NEEDED else Trouble.CAPTIVE)


_BY_STATUS = {401: Trouble.TOKEN, 403: Trouble.FORBIDDEN, 413: Trouble.TOO_LARGE, 429: Trouble.BUSY, 503: Trouble.BUSY}
_BY_CODE = {
    "UNAUTHENTICATED": Trouble.TOKEN,
    "FORBIDDEN": Trouble.FORBIDDEN,
    "THROTTLED": Trouble.BUSY,
    "UNAVAILABLE": Trouble.BUSY,
    "INTERNAL": Trouble.FAILED,
}


def _data(said: dict[str, Any], status: int, wait_seconds: float) -> dict[str, Any] | Failed:
    data, errors = said.get("data"), said.get("errors") or [{}]
    if isinstance(data, dict) and all(each is not None for each in data.values()):
        return data  # fields that the role may not see are null, with an entry in errors
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    code = (first.get("extensions") or {}).get("code", "")
    trouble = _BY_STATUS.get(status) or _BY_CODE.get(code) or (Trouble.FAILED if status >= 500 else Trouble.OUTDATED)
    return Failed(trouble, wait_seconds, str(first.get("message", "")))


def _seconds(text: str) -> float:
    """Return how long `Retry-After` asks to wait.

    >>> _seconds("7"), _seconds("soon"), _seconds("99999999")
    (7.0, 0.0, 600.0)
    """
    return min(float(text), 600.0) if text.isascii() and text.isdigit() else 0.0
