"""One request to the server and what came of it: its data, or a trouble that says what to do.

Nothing that isn't the server's own answer counts as one: the page of a captive
portal, a redirect, a proxy's error. What was sent may have been taken all the
same, so whoever sends must be able to send again.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

import certifi
import urllib3
from urllib3.exceptions import HTTPError, SSLError
from urllib3.util import Timeout

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
_MOVED = range(300, 400)
_LOGIN_NEEDED = 511
_WHOLE, _MADE, _PART, _BEYOND = 200, 201, 206, 416


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


class Piece(NamedTuple):
    """A part of a file: where it begins, and whether it is a part of the file that was meant."""

    at: int
    content: bytes
    same: bool


class Said(NamedTuple):
    """What the server said to a file that was sent: nothing against it, or a code and its words."""

    code: str = ""
    message: str = ""


Heard = Callable[[str], None]
"""Told the Date header of each answer of the server."""


class Transport:
    """Speaks with one server over pooled connections: GraphQL, and files by their paths.

    `authority` is the certificate authority, in PEM, that alone vouches for the
    server; without one it is those that the world knows.
    """

    def __init__(
        self,
        address: str,
        heard: Heard = lambda date: None,
        authority: str = "",
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._address = address.rstrip("/")
        self._heard = heard
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=2,
            retries=False,
            timeout=Timeout(connect=connect_seconds, read=read_seconds),
            ssl_context=_trusting(authority),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def ask(self, document: str, variables: Mapping[str, Any], token: str) -> dict[str, Any] | Failed:
        """Return the data of an answer, or what went wrong."""
        body = json.dumps({"query": document, "variables": variables}, ensure_ascii=False, separators=(",", ":"))
        headers = {"content-type": "application/json", "accept": "application/json", "accept-encoding": "gzip"}
        answer = self._request("POST", "/graphql", token, headers, body.encode())
        if isinstance(answer, Failed):
            return answer
        said = _object(answer)
        if said is None:
            return _no_answer(answer.status, _seconds(answer.headers.get("retry-after", "")))
        self._heard(answer.headers.get("date", ""))
        return _data(said, answer.status, _seconds(answer.headers.get("retry-after", "")))

    def fetch(self, path: str, token: str, tag: str, at: int, count: int) -> Piece | Failed:
        """Return a piece of the file that a path names, if it still has that tag; else the beginning of another."""
        headers = {"range": f"bytes={at}-{at + count - 1}", "if-range": f'"{tag}"', "accept": "*/*"}
        answer = self._request("GET", path, token, headers)
        if isinstance(answer, Failed):
            return answer
        same = answer.headers.get("etag", "") == f'"{tag}"'
        if answer.status == _PART and same:
            return Piece(at, answer.data, same=True)
        if answer.status == _WHOLE and answer.headers.get("content-type", "").startswith("application/octet-stream"):
            return Piece(0, answer.data, same)
        if answer.status == _BEYOND:
            return Piece(0, b"", same=False)
        return _refused(answer)

    def send(self, path: str, token: str, content: bytes) -> Said | Failed:
        """Send a file to a path; return what the server said to it."""
        answer = self._request("PUT", path, token, {"content-type": "application/octet-stream"}, content)
        if isinstance(answer, Failed):
            return answer
        said = _json(answer)
        if answer.status in {_WHOLE, _MADE} and said is not None and "sha256" in said:
            return Said()
        failed = _refused(answer)
        return Said(*failed.message.split(": ", 1)) if failed.trouble is Trouble.REFUSED else failed

    def read(self, path: str, token: str, content: bytes) -> dict[str, Any] | Said | Failed:
        """Have a file read by a path; return what stands in it, or what the server said against it."""
        answer = self._request("POST", path, token, {"content-type": "application/octet-stream"}, content)
        if isinstance(answer, Failed):
            return answer
        said = _json(answer)
        if answer.status == _WHOLE and said is not None:
            return said
        failed = _refused(answer)
        return Said(*failed.message.split(": ", 1)) if failed.trouble is Trouble.REFUSED else failed

    def _request(
        self, method: str, path: str, token: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> urllib3.BaseHTTPResponse | Failed:
        told = {"authorization": f"Bearer {token}", **headers}
        try:
            return self._pool.request(method, self._address + path, body=body, headers=told, redirect=False)
        except SSLError as fault:
            return Failed(Trouble.UNTRUSTED, message=str(fault))
        except (HTTPError, OSError, ValueError) as fault:
            return Failed(Trouble.OFFLINE, message=str(fault))


def _refused(answer: urllib3.BaseHTTPResponse) -> Failed:
    """Return the trouble with a file: the server's own refusals are REFUSED, with "CODE: words"."""
    said = _object(answer)
    wait_seconds = _seconds(answer.headers.get("retry-after", ""))
    if said is None:
        return _no_answer(answer.status, wait_seconds)
    failed = _data({"errors": said.get("errors")}, answer.status, wait_seconds)
    assert isinstance(failed, Failed), "there is no data in it"
    entries = said.get("errors")
    first = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}
    code = (first.get("extensions") or {}).get("code") or ""
    if code and (failed.trouble in {Trouble.OUTDATED, Trouble.TOO_LARGE} or code not in _BY_CODE):
        return Failed(Trouble.REFUSED, wait_seconds, f"{code}: {first.get('message') or ''}")
    return failed


def _json(answer: urllib3.BaseHTTPResponse) -> dict[str, Any] | None:
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        said = json.loads(answer.data)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _trusting(authority: str) -> ssl.SSLContext:
    if authority:
        return ssl.create_default_context(cadata=authority)
    return ssl.create_default_context(cafile=certifi.where())


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
