"""Receiving the picture of a sample that was told of: looked at, kept, and known to be here; any number of times."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from stockbook.domain.recognition.sample import SampleState
from stockbook.domain.refusal import Code, Refusal


@dataclass(frozen=True, slots=True)
class Seen:
    """How large a picture is, in pixels."""

    width: int
    height: int


class Files(Protocol):
    """Where files are kept, by their sha256."""

    async def put(self, organisation: int, content: bytes) -> str:
        """Keep a file; return its name."""
        ...


class Samples(Protocol):
    """The rows of samples."""

    async def state(self, organisation: int, name: str) -> SampleState | None:
        """Return how far the sample of a picture is; None when there is none."""
        ...

    async def received(self, organisation: int, name: str, actor: int, seen: Seen) -> None:
        """Note that an awaited picture is here."""
        ...


class Eye(Protocol):
    """What looks at a picture."""

    async def __call__(self, content: bytes) -> Seen | None:
        """Return how large a picture is; None when it is none that can be read whole."""
        ...


class Pictures:
    """Takes pictures in."""

    def __init__(self, samples: Samples, files: Files, eye: Eye, picture_max: int) -> None:
        self._samples, self._files, self._eye = samples, files, eye
        self.picture_max = picture_max

    async def receive(self, organisation: int, actor: int, name: str, content: bytes) -> Refusal | bool:
        """Keep a picture; return whether it is new, or why it is not taken.

        The file is on the disk before the row says so: what a crash leaves is
        sent again by who got no answer.
        """
        state = await self._samples.state(organisation, name)
        if state is None:
            return Refusal(Code.REFERENCE_UNKNOWN, "no sample of yours has this picture: record it first")
        if state is SampleState.DELETED:
            return Refusal(Code.SAMPLE_ENDED, "the sample's time is over: its picture is not kept any more")
        if state is not SampleState.AWAITED:
            return False
        if len(content) > self.picture_max:
            return Refusal(Code.PICTURE_TOO_LARGE, f"a picture has at most {self.picture_max} bytes")
        if sha256(content).hexdigest() != name:
            return Refusal(Code.PICTURE_UNREADABLE, "what came is not the picture that was told of: send it again")
        seen = await self._eye(content)
        if seen is None:
            return Refusal(Code.PICTURE_UNREADABLE, "it is no JPEG or PNG that can be read")
        await self._files.put(organisation, content)
        await self._samples.received(organisation, name, actor, seen)
        return True
