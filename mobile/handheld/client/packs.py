"""Gallery packs that the organisation has adopted: fetched, verified, and recognised by; dropped ones are forgotten.

A pack is of one model. While another is in force it is not fetched, and what
was here of it goes: its vectors say nothing to that one.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from handheld.client.models import SIZE_MAX, Unfit
from handheld.client.parts import Parts
from handheld.client.signature import canonical, signed
from handheld.client.sync import Step
from handheld.client.taken import Taken
from handheld.client.transport import Failed, Transport, Trouble

_SHA256 = re.compile("[0-9a-f]{64}")


class Told(NamedTuple):
    """A pack that the server tells of."""

    sha256: str
    size: int
    path: str
    manifest: str
    signature: str

    @property
    def model(self) -> str:
        """The model whose vectors it has, as its manifest says."""
        return str(_object(self.manifest).get("model"))


class Gallery(Protocol):
    """Where goods are recognised by it."""

    def packs(self) -> Collection[str] | None:
        """Return the sha256 of the packs that are here; None while there is no model."""

    def take_pack(self, name: str, model: str, goods: Sequence[tuple[str, Sequence[str]]]) -> Taken:
        """Take the goods of a pack in: the item, and its vectors in base64."""

    def keep_packs(self, names: Collection[str]) -> None:
        """Forget all packs but those."""


class Packs:
    """Takes one step after another: a piece of a pack, or a whole one taken in."""

    def __init__(self, home: Path, transport: Transport, gallery: Gallery) -> None:
        self._parts, self._transport, self._gallery = Parts(home / "packs"), transport, gallery
        self._told: dict[str, Told] = {}
        self._heard = False
        self.unfit: dict[str, str] = {}
        """Why packs that the server tells of are not recognised by, by their sha256; until it tells of others."""

    def hear(self, said: Any) -> None:
        """Take down which packs the server tells of."""
        told = {each.sha256: each for each in map(pack, said if isinstance(said, list) else ()) if each is not None}
        self.unfit = {name: why for name, why in self.unfit.items() if name in told}
        self._told, self._heard = told, True

    def forget(self, model: str) -> None:
        """Have the gallery forget what the server tells of no more, and what is of another model."""
        here = self._gallery.packs() if self._heard else None
        mine = {each.sha256 for each in self._told.values() if each.model == model}
        if here is not None and set(here) - mine:
            self._gallery.keep_packs(mine)

    def erase(self) -> None:
        """Delete what was fetched."""
        self._parts.erase()

    def wanted(self, model: str) -> Told | None:
        """Return a pack that is to be fetched or taken in."""
        here = self._gallery.packs()
        if here is None:
            return None
        mine = (each for each in self._told.values() if each.model == model)
        return next((each for each in mine if each.sha256 not in here and each.sha256 not in self.unfit), None)

    def step(self, told: Told, token: str, key: str) -> Step:
        """Fetch a piece of a pack, or take it in when it is here."""
        if not 0 < told.size <= SIZE_MAX:
            return self._unfit(told, Unfit.TOO_LARGE)
        if self._parts.fetched(told.sha256) >= told.size:
            return self._whole(told, key)
        failed = self._parts.fetch(self._transport, token, told.path, told.sha256, told.size)
        return Step(failed=failed) if failed else Step(more=True)

    def _whole(self, told: Told, key: str) -> Step:
        content = self._parts.read(told.sha256)
        self._parts.drop(told.sha256)
        if len(content) != told.size or sha256(content).hexdigest() != told.sha256:
            return Step(failed=Failed(Trouble.FAILED, message=Unfit.DAMAGED.value))
        said = _object(told.manifest)
        if not key:
            return self._unfit(told, Unfit.NO_KEY)
        if said.get("sha256") != told.sha256 or not signed(key, canonical(said), told.signature):
            return self._unfit(told, Unfit.FORGED)
        found = goods(content)
        taken = Taken.UNREADABLE if found is None else self._gallery.take_pack(told.sha256, told.model, found)
        return Step(more=True) if taken is Taken.YES else self._unfit(told, taken)

    def _unfit(self, told: Told, why: Unfit | Taken) -> Step:
        self.unfit[told.sha256] = why.name
        return Step(failed=Failed(Trouble.REFUSED, message=f"{why.name}: {why.value}"))


def pack(said: Any) -> Told | None:
    """Return a pack that the server tells of, None when it is none that a file could be named by.

    >>> pack(None), pack({"sha256": "../../etc", "size": 1, "path": "/", "manifest": "{}", "signature": ""})
    (None, None)
    """
    if not isinstance(said, Mapping):
        return None
    texts = [said.get(name) for name in ("sha256", "path", "manifest", "signature")]
    if not all(isinstance(each, str) for each in texts) or type(said.get("size")) is not int:
        return None
    if not _SHA256.fullmatch(said["sha256"]) or not said["path"].startswith("/"):
        return None
    return Told(said["sha256"], said["size"], said["path"], said["manifest"], said["signature"])


def goods(content: bytes) -> list[tuple[str, list[str]]] | None:
    """Return the goods of a pack's file, None when it is none.

    >>> goods(b'{"goods": [{"item": "MILK", "vectors": ["AAA="]}]}'), goods(b"[]"), goods(b'{"goods": [1]}')
    ([('MILK', ['AAA='])], None, None)
    """
    try:
        return [(str(each["item"]), [str(one) for one in each["vectors"]]) for each in json.loads(content)["goods"]]
    except (ValueError, RecursionError, TypeError, KeyError):
        return None


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
