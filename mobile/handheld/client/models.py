"""Models on the device: fetched in pieces, verified, put in force in one step; the one before stays for a way back.

::

    models/
      SHA256/sku.tflite, sku.json    verified, whole
      SHA256.part                    so far fetched
      current.json                   which is in force, and which was before; none: the one shipped with the app
"""

import json
import os
import shutil
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from handheld import disk
from handheld.client.parts import Parts
from handheld.client.signature import canonical, signed

WEIGHTS, FACTS = "sku.tflite", "sku.json"
SIZE_MAX = 16 * 2**20


class Version(NamedTuple):
    """A version that the server tells the device to run."""

    version: str
    sha256: str
    size: int
    path: str
    manifest: str
    signature: str


class Unfit(Enum):
    """Why a version is not put in force; the one in force stays."""

    DAMAGED = "what was fetched is not the file that was told"
    FORGED = "its signature is not the server's"
    NO_KEY = "the device has no key to verify it by: enrol it anew"
    TOO_LARGE = "it is too large to be a model"
    DISK = "the device can't store it"


class Models:
    """The models of a device. Fetched and put in force by one thread; `folder` may be asked from any.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     models = Models(Path(folder) / "models", Path("shipped"))
    ...     models.folder, models.in_force, models.parts.fetched("ab")
    (PosixPath('shipped'), '', 0)
    """

    def __init__(self, home: Path, shipped: Path) -> None:
        self._home, self._shipped, self.parts = home, shipped, Parts(home)
        self._force, self._before = self._load()

    @property
    def in_force(self) -> str:
        """The sha256 of the version in force; empty for the one shipped with the app."""
        return self._force

    @property
    def folder(self) -> Path:
        """Where the model in force lies."""
        return self._home / self._force if self._force else self._shipped

    @property
    def runs(self) -> str:
        """The sha256 of the model in force, the shipped one's too; empty when there is none."""
        if self._force:
            return self._force
        try:
            said = json.loads((self._shipped / FACTS).read_text(encoding="utf-8"))
            return str(said["sha256"])
        except (OSError, ValueError, TypeError, KeyError):
            return ""

    def adopt(self, version: Version, key: str) -> Unfit | None:
        """Put a version in force that is here or was fetched; return why not, and then nothing has changed."""
        try:
            if not self._whole(version.sha256) and (unfit := self._install(version, key)) is not None:
                return unfit
            self._switch(version.sha256)
        except OSError:
            return Unfit.DISK
        return None

    def back_to_shipped(self) -> None:
        """Put the model in force that the app came with."""
        if self._force:
            self._switch("")

    def here(self, name: str) -> bool:
        """Return whether a version is here whole, so that nothing need be fetched."""
        return self._whole(name)

    def forget(self) -> None:
        """Delete all that was fetched."""
        self._force = self._before = ""
        shutil.rmtree(self._home, ignore_errors=True)

    def _install(self, version: Version, key: str) -> Unfit | None:
        content = self.parts.read(version.sha256)
        if len(content) != version.size or sha256(content).hexdigest() != version.sha256:
            self.parts.drop(version.sha256)
            return Unfit.DAMAGED
        if not key:
            return Unfit.NO_KEY
        said = _object(version.manifest)
        if said is None or said.get("sha256") != version.sha256 or not signed(key, canonical(said), version.signature):
            self.parts.drop(version.sha256)
            return Unfit.FORGED
        fresh = self._home / f"{version.sha256}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _write(fresh / WEIGHTS, content)
        _write(fresh / FACTS, json.dumps({**said, "signature": version.signature}, ensure_ascii=False).encode())
        shutil.rmtree(self._home / version.sha256, ignore_errors=True)
        fresh.rename(self._home / version.sha256)
        self.parts.drop(version.sha256)
        return None

    def _whole(self, name: str) -> bool:
        """Return whether a version's files are what was verified when they were put there."""
        folder = self._home / name
        said = _object(_text(folder / FACTS))
        try:
            return (
                said is not None
                and said.get("sha256") == name
                and sha256((folder / WEIGHTS).read_bytes()).hexdigest() == name
            )
        except OSError:
            return False

    def _switch(self, name: str) -> None:
        """Put a version in force in one step, keep the one before it, delete all others."""
        if name == self._force:
            return
        before = self._force
        self._home.mkdir(parents=True, exist_ok=True)
        disk.replace(self._home / "current.json", json.dumps({"sha256": name, "before": before}).encode())
        self._force, self._before = name, before
        for path in self._home.iterdir():
            if path.is_dir() and path.name not in {name, before}:
                shutil.rmtree(path, ignore_errors=True)

    def _load(self) -> tuple[str, str]:
        said = _object(_text(self._home / "current.json")) or {}
        force, before = (each if isinstance(each, str) else "" for each in (said.get("sha256"), said.get("before")))
        return (force if force and self._whole(force) else ""), before


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _object(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
