"""Is this event what its device sealed, and has it come before? Each is told apart before anything is done.

::

    the seal does not verify ................................ TAMPERED
    another event was taken at its sequence, or beside it ... FORK
    taken before, the same in every byte .................... KNOWN
    none of these ........................................... FRESH

Pure: what the server has taken is given to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from stockbook.domain.capture import seal

SEQUENCE_MAX = 1 << 53


class Standing(Enum):
    """What an event is to the chain of its device."""

    TAMPERED = "TAMPERED"
    FORK = "FORK"
    KNOWN = "KNOWN"
    FRESH = "FRESH"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event as it is sent: its number, the seal before it, its text, its seal; seals in hex."""

    sequence: int
    previous: str
    scan: str
    seal: str


@dataclass(frozen=True, slots=True)
class Link:
    """The seals of an event that was taken; `firm`: the chain reaches it, so that it can't be another's."""

    previous: bytes
    seal: bytes
    firm: bool = True


def judge(
    secret: bytes, root: bytes, taken: Mapping[int, Link], sent: Iterable[Sealed]
) -> list[tuple[Sealed, Standing]]:
    """Return the standing of each event, in the order of their sequences.

    The chain decides: what it reaches displaces what only waited at the same
    sequence, for an event proves its number by the one before it.

    Parameters
    ----------
    root
        The seal before the first event.
    taken
        What was taken of the sequences sent and of those beside them.

    Examples
    --------
    >>> secret, text = b"s" * 32, "{}"
    >>> root = seal.first(secret, "PDA-7", 1)
    >>> one = seal.seal(secret, root, text)
    >>> two = seal.seal(secret, one, text)
    >>> sent = [Sealed(2, one.hex(), text, two.hex()), Sealed(1, root.hex(), text, one.hex())]
    >>> [standing.name for _, standing in judge(secret, root, {}, sent)]
    ['FRESH', 'FRESH']
    >>> [standing.name for _, standing in judge(b"t" * 32, root, {}, sent)]
    ['TAMPERED', 'TAMPERED']
    >>> [standing.name for _, standing in judge(secret, root, {1: Link(root, bytes(32))}, sent)]
    ['FORK', 'FORK']
    """
    links = {0: Link(b"", root), **taken}
    found = []
    for event in sorted(sent, key=lambda event: event.sequence):
        standing = _standing(secret, root, links, event)
        if standing is Standing.FRESH:
            previous = bytes.fromhex(event.previous)
            links[event.sequence] = Link(previous, bytes.fromhex(event.seal), _reached(links, event.sequence, previous))
        found.append((event, standing))
    return found


def _standing(secret: bytes, root: bytes, links: Mapping[int, Link], event: Sealed) -> Standing:
    previous, said = seal.read(event.previous), seal.read(event.seal)
    if previous is None or said is None or not 0 < event.sequence <= SEQUENCE_MAX:
        return Standing.TAMPERED
    if not seal.sealed(secret, previous, event.scan, said) or (event.sequence == 1) != (previous == root):
        return Standing.TAMPERED
    here, before, after = (links.get(event.sequence + step) for step in (0, -1, 1))
    if here is not None and here.seal == said:
        return Standing.KNOWN
    if _reached(links, event.sequence, previous) and not (here or _AWAY).firm:
        return Standing.FORK if after is not None and after.firm and after.previous != said else Standing.FRESH
    if here is not None or (before is not None and before.seal != previous):
        return Standing.FORK
    return Standing.FORK if after is not None and after.previous != said else Standing.FRESH


_AWAY = Link(b"", b"", firm=False)


def _reached(links: Mapping[int, Link], sequence: int, previous: bytes) -> bool:
    """Return whether the chain reaches an event that follows on `previous`."""
    before = links.get(sequence - 1, _AWAY)
    return before.firm and before.seal == previous
