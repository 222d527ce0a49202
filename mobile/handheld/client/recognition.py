"""How the device recognises goods: told by the server, fetched and put in force; and what was corrected goes back.

Runs beside the exchange of scans, with connections of its own: a model of some
megabytes, or a picture over a bad network, makes no scan wait.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from handheld import disk
from handheld.client.documents import RECOGNITION, RECORD_SAMPLES, REPORT_MODEL
from handheld.client.enrolment import Enrolment, Keystore
from handheld.client.models import SIZE_MAX, Models, Unfit, Version
from handheld.client.packs import Packs
from handheld.client.sharing import Sharing
from handheld.client.sync import Step
from handheld.client.transport import Failed, Transport, Trouble
from handheld.client.wiping import Wiped
from handheld.outbox.samples import Sample, Samples

ASK_SECONDS = 60.0
_SHA256 = re.compile("[0-9a-f]{64}")
_UNTOLD = frozenset({Trouble.FORBIDDEN, Trouble.OUTDATED})
_FOR_GOOD = frozenset({Unfit.FORGED, Unfit.TOO_LARGE, Unfit.NO_KEY})
"""What no further try mends, until the server tells of another version."""


@dataclass(frozen=True, slots=True)
class Set:
    """What the device is set to.

    Attributes
    ----------
    accept
        The confidence from which an item is filled in; None leaves it to the model.
    samples
        Whether corrected pictures are kept and sent.
    metered
        Whether models and pictures may go over a network that is paid by volume.
    """

    accept: float | None = None
    samples: bool = False
    metered: bool = False


class Recognition:
    """Takes one step after another, as `client.runner.Runner` asks for them."""

    def __init__(
        self,
        home: Path,
        models: Models,
        samples: Samples,
        keystore: Keystore,
        transport: Transport,
        unmetered: Callable[[], bool] = lambda: True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = home / "recognition.json"
        self.models, self.samples = models, samples
        self._keystore, self._transport, self._unmetered = keystore, transport, unmetered
        self._monotonic = monotonic
        self.set = self._load()
        samples.on = self.set.samples
        self._to_run: Version | None = None
        self._asked_at = float("-inf")
        self._reported = ""
        self.unfit: Unfit | None = None
        """Why the version that the server tells of is not in force."""
        self.wifi_only = False
        """Whether a person lets nothing of it go over a network that is paid by volume, whatever the server allows."""
        self.sharing: Sharing | None = None
        """Where what others of the organisation photographed is enrolled, once there is such a place."""
        self.packs: Packs | None = None
        """Where gallery packs are recognised by, once there is such a place."""
        self.wiped: Wiped | None = None
        """Nothing: the exchange of scans hears the order, and has this one forget."""

    def step(self) -> Step:
        """Ask how it is set, report the model in force, fetch a piece of the next one, send a picture, or fetch one."""
        enrolment = self._keystore.load()
        if enrolment is None:
            return Step()
        try:
            if self._monotonic() - self._asked_at >= ASK_SECONDS:
                return self._ask(enrolment.token)
            if (wanted := self._wanted()) is not None:
                return self._fetch(wanted, enrolment.token, enrolment.model_key)
            if self.models.runs not in {"", self._reported}:
                return self._report(enrolment.token)
            if self.packs is not None and (step := self._packed(self.packs, enrolment)) is not None:
                return step
            if not self.set.samples or not self._pays():
                return Step()
            if (sample := self.samples.next()) is not None:
                return self._send(sample, enrolment.token)
            if self.sharing is not None:
                return self.sharing.step(enrolment.token, self._monotonic(), self.models.runs)
            return Step()
        except (sqlite3.Error, OSError) as fault:
            return Step(failed=Failed(Trouble.DISK, message=str(fault)))

    def _packed(self, packs: Packs, enrolment: Enrolment) -> Step | None:
        """Take a step with gallery packs; None when there is nothing to do with them."""
        packs.forget(self.models.runs)
        wanted = packs.wanted(self.models.runs) if self._pays() else None
        return None if wanted is None else packs.step(wanted, enrolment.token, enrolment.model_key)

    def forget(self) -> None:
        """Delete every model that was fetched and every picture that waits."""
        self.samples.forget()
        self.models.forget()
        if self.packs is not None:
            self.packs.erase()
        self._file.unlink(missing_ok=True)

    def _pays(self) -> bool:
        return self._unmetered() or (self.set.metered and not self.wifi_only)

    # what is told

    def _ask(self, token: str) -> Step:
        data = self._transport.ask(RECOGNITION, {}, token)
        if isinstance(data, Failed):
            return Step(failed=data)
        self._asked_at = self._monotonic()
        said = ((data["replica"] or {}).get("device") or {}).get("recognition")
        if said is None:
            return Step()
        self._obey(said)
        if self.packs is not None:
            self.packs.hear(said.get("packs"))
        told = version(said.get("toRun"))
        if told != self._to_run:
            self._to_run, self.unfit = told, None
        if told is None:
            self.models.back_to_shipped()
        return Step(more=True)

    def _obey(self, said: Mapping[str, Any]) -> None:
        accept = said.get("accept")
        fresh = Set(
            float(accept) if isinstance(accept, int | float) else None,
            said.get("samples") is True,
            said.get("metered") is True,
        )
        if self.set.samples and not fresh.samples:
            self.samples.forget()
        self.samples.on = fresh.samples
        if fresh != self.set:
            self.set = fresh
            disk.replace(self._file, json.dumps(asdict(fresh)).encode())

    def _load(self) -> Set:
        try:
            return Set(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Set()

    def _report(self, token: str) -> Step:
        runs = self.models.runs
        data = self._transport.ask(REPORT_MODEL, {"input": {"lines": [{"runs": runs}]}}, token)
        if isinstance(data, Failed) and data.trouble not in _UNTOLD:
            return Step(failed=data)
        self._reported = runs
        return Step(more=True)

    # the model

    def _wanted(self) -> Version | None:
        """Return the version that is to be put in force; one that is here already needs no network."""
        told = self._to_run
        if told is None or told.sha256 == self.models.in_force or self.unfit in _FOR_GOOD:
            return None
        return told if self._pays() or self.models.here(told.sha256) else None

    def _fetch(self, told: Version, token: str, key: str) -> Step:
        """Fetch a piece of a version, or put it in force when it is here."""
        if not 0 < told.size <= SIZE_MAX:
            return self._unfit(Unfit.TOO_LARGE)
        if self.models.parts.fetched(told.sha256) >= told.size or self.models.here(told.sha256):
            unfit = self.models.adopt(told, key)
            if unfit is not None:
                return self._unfit(unfit)
            self.unfit = None
            return Step(more=True)
        failed = self.models.parts.fetch(self._transport, token, told.path, told.sha256, told.size)
        if failed is None:
            return Step(more=True)
        if failed.trouble is Trouble.REFUSED:
            self._asked_at = float("-inf")  # it may not be told any more
        return Step(failed=failed)

    def _unfit(self, unfit: Unfit) -> Step:
        self.unfit = unfit
        trouble = {Unfit.DISK: Trouble.DISK, Unfit.DAMAGED: Trouble.FAILED}.get(unfit, Trouble.REFUSED)
        return Step(failed=Failed(trouble, message=unfit.value))

    # samples

    def _send(self, sample: Sample, token: str) -> Step:
        """Tell of a picture, then send it; each as often as its answer is lost."""
        if not sample.told:
            return self._tell(sample, token)
        try:
            content = sample.path.read_bytes()
        except OSError:
            self.samples.sent(sample.sha256)
            return Step(more=True)
        said = self._transport.send(f"/recognition/samples/{sample.sha256}", token, content)
        if isinstance(said, Failed):
            return Step(failed=said)
        if not said.code:
            self.samples.sent(sample.sha256)
            return Step(sent=1, more=True)
        if said.code == "REFERENCE_UNKNOWN":  # the server was set back: it is told anew
            self.samples.told(sample.sha256, told=False)
            return Step(failed=Failed(Trouble.BUSY, message=said.message))
        self.samples.refused(sample.sha256, said.code, said.message)
        return Step(more=True)

    def _tell(self, sample: Sample, token: str) -> Step:
        data = self._transport.ask(RECORD_SAMPLES, {"input": {"lines": [sample.line]}}, token)
        if isinstance(data, Failed):
            return Step(failed=data)
        payload = data["recordSamples"]
        if not payload["errors"]:
            self.samples.told(sample.sha256)
            return Step(more=True)
        first = payload["errors"][0]
        if first["code"] in {"SAMPLES_OFF", "CONFLICT"}:
            self._asked_at = float("-inf")  # it will be told that they are off, and forgets them
            return Step(failed=Failed(Trouble.BUSY, message=first["message"]))
        self.samples.refused(sample.sha256, first["code"], first["message"])
        return Step(more=True)


def version(said: Any) -> Version | None:
    """Return the version that the server tells of, None when it is none that a file could be named by.

    >>> version(None), version({"version": "2", "sha256": "../../etc", "size": 1, "path": "/", "manifest": "{}"})
    (None, None)
    """
    if not isinstance(said, Mapping):
        return None
    texts = [said.get(name) for name in ("version", "sha256", "path", "manifest", "signature")]
    size = said.get("size")
    if not all(isinstance(each, str) for each in texts) or type(size) is not int:
        return None
    if not _SHA256.fullmatch(said["sha256"]) or not said["path"].startswith("/"):
        return None
    return Version(said["version"], said["sha256"], size, said["path"], said["manifest"], said["signature"])
