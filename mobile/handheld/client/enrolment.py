"""Enrolment: what an administrator's QR code makes of a handheld, and where that is kept."""

import base64
import binascii
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from handheld import disk
from handheld.outbox.entry import Identity
from handheld.outbox.limits import ENTRIES_MAX, HOURS_MAX, Limits
from stockbook.domain.capture.seal import SECRET_BYTES


class Wrong(Enum):
    """Why a text is no enrolment; the screens have a text for each."""

    NOT_JSON = "it is no enrolment's code"
    INCOMPLETE = "it lacks something: have a new code made"
    BAD_ADDRESS = "its address is none"
    BAD_SECRET = "its secret is not 32 bytes"  # noqa: S105  # a sentence
    BAD_AUTHORITY = "its certificate authority is none"
    OLDER = "the device has a newer enrolment already"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a device must keep.

    Attributes
    ----------
    secret
        32 bytes in base64.
    entries_max, hours_max
        How much may wait, and how long; the server's settings, where the code says them.
    cache
        Whether the device may keep a replica.
    model_key
        The public key, in base64, that models for recognition are verified by; empty: it takes none.
    authority
        The certificate authority, in PEM, that alone vouches for the server; empty: those known to the world.
    order
        The order to be wiped, from when it is heard until it is carried out; see `handheld.client.wiping`.
    """

    address: str
    reference: str
    epoch: int
    secret: str
    token: str
    entries_max: int = ENTRIES_MAX
    hours_max: float = HOURS_MAX
    cache: bool = True
    model_key: str = ""
    authority: str = ""
    order: str = ""

    @property
    def identity(self) -> Identity:
        """Who the device is, for its journal."""
        return Identity(self.reference, self.epoch, base64.b64decode(self.secret))

    @property
    def limits(self) -> Limits:
        """How much the journal takes."""
        return Limits(self.entries_max, self.hours_max)

    def set_to(self, said: Mapping[str, Any]) -> "Enrolment":
        """Return the same enrolment with the settings that the server says now."""
        return replace(self, **_settings(said))

    def with_token(self, token: str) -> "Enrolment":
        """Return the same enrolment with a token that is good for longer."""
        return replace(self, token=token)


def read(text: str, before: Enrolment | None = None) -> Enrolment | Wrong:
    """Return the enrolment that a QR code says, or why it is none.

    Parameters
    ----------
    before
        The enrolment in force: a code of an older epoch of the same device is
        refused, since its events would be refused.

    Examples
    --------
    >>> secret = base64.b64encode(bytes(32)).decode()
    >>> text = json.dumps({"address": "https://stockbook.example", "reference": "PDA-7", "epoch": 2,
    ...     "secret": secret, "token": "t"})
    >>> read(text).identity.reference, read("hello"), read("{}")
    ('PDA-7', <Wrong.NOT_JSON: ...>, <Wrong.INCOMPLETE: ...>)
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return Wrong.NOT_JSON
    if not isinstance(said, dict):
        return Wrong.NOT_JSON
    texts = {name: said.get(name) for name in ("address", "reference", "secret", "token")}
    epoch = said.get("epoch")
    if not all(isinstance(each, str) and each for each in texts.values()) or type(epoch) is not int or epoch < 1:
        return Wrong.INCOMPLETE
    if not _is_address(said["address"]):
        return Wrong.BAD_ADDRESS
    try:
        secret = base64.b64decode(said["secret"], validate=True)
    except (binascii.Error, ValueError):
        return Wrong.BAD_SECRET
    if len(secret) != SECRET_BYTES:
        return Wrong.BAD_SECRET
    authority = said.get("authority") or ""
    if authority and not _vouches(authority):
        return Wrong.BAD_AUTHORITY
    found = Enrolment(
        said["address"].rstrip("/"),
        said["reference"],
        epoch,
        said["secret"],
        said["token"],
        **_settings(said),
        authority=authority,
    )
    if before is not None and before.reference == found.reference and before.epoch > found.epoch:
        return Wrong.OLDER
    return found


def taken(given: str, server: str | None, keystore: "Keystore") -> Wrong | None:
    """Enrol by a code's text, or by a file that has it and is deleted then; return what is wrong with it.

    A file that isn't there is as good as none. `server` is the server's address, instead of the code's.
    """
    text = given
    if not given.lstrip().startswith("{"):
        path = Path(given)
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8")
        path.unlink()  # it holds the secret, and is good once
    found = read(text, keystore.load())
    if isinstance(found, Wrong):
        return found
    keystore.save(found if server is None else replace(found, address=server.rstrip("/")))
    return None


def _settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a code or the server says; one that makes no sense is as good as none."""
    found: dict[str, Any] = {}
    for name, key in (("entries_max", "entriesMax"), ("hours_max", "hoursMax")):
        value = said.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1:
            found[name] = value
    if isinstance(said.get("cache"), bool):
        found["cache"] = said["cache"]
    if isinstance(said.get("modelKey"), str):
        found["model_key"] = said["modelKey"]
    return found


def _vouches(text: Any) -> bool:
    """Return whether a text has certificates that can vouch for others."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=text)
        return bool(context.get_ca_certs())
    except (ssl.SSLError, ValueError, TypeError):
        return False


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query
    except ValueError:
        return False


Sealing = Callable[[bytes], bytes]
"""Seals bytes, or opens them; raises ValueError where it can't."""


class Keystore(Protocol):
    """Keeps an enrolment, secret and token included; on Android the system's keystore seals it."""

    def load(self) -> Enrolment | None:
        """Return what is kept, None when nothing is or it can't be read."""

    def save(self, enrolment: Enrolment) -> None:
        """Keep an enrolment instead of what was kept; whole or not at all."""

    def forget(self) -> None:
        """Erase what is kept, and the key it was sealed with."""


class FileKeystore:
    """A file that only its owner may read; on Android its content is sealed by the system's keystore as well.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     keystore = FileKeystore(Path(folder) / "enrolment.json")
    ...     before = keystore.load()
    ...     keystore.save(Enrolment("https://stockbook.example", "PDA-7", 1, "c2VjcmV0", "t"))
    ...     before, keystore.load().reference, oct((Path(folder) / "enrolment.json").stat().st_mode)[-3:]
    (None, 'PDA-7', '600')
    """

    def __init__(
        self, path: Path, wrap: Sealing = bytes, unwrap: Sealing = bytes, lose: Callable[[], None] = lambda: None
    ) -> None:
        self._path, self._wrap, self._unwrap, self._lose = path, wrap, unwrap, lose

    def load(self) -> Enrolment | None:
        """Return what is kept."""
        try:
            return Enrolment(**json.loads(self._unwrap(self._path.read_bytes())))
        except (OSError, ValueError, TypeError):
            return None

    def save(self, enrolment: Enrolment) -> None:
        """Keep an enrolment."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(self._path, self._wrap(json.dumps(asdict(enrolment)).encode()))

    def forget(self) -> None:
        """Erase what is kept, and the key it was sealed with."""
        self._lose()
        for path in (disk.fresh(self._path), self._path):
            path.unlink(missing_ok=True)
