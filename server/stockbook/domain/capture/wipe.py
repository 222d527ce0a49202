"""Having a lost device wiped: the order, sealed with the secret of the very enrolment that it ends.

::

    seal = HMAC-SHA256(secret, "wipe" LF reference LF epoch LF mode LF reason)

So nobody but the server can order it, whatever network the device is in, and a
device that was enrolled anew since doesn't obey.
"""

import hmac
from enum import StrEnum
from hashlib import sha256


class WipeMode(StrEnum):
    """DRAIN_FIRST: the device hands over what it has still to send, then erases everything. AT_ONCE: it was stolen."""

    DRAIN_FIRST = "DRAIN_FIRST"
    AT_ONCE = "AT_ONCE"


def order(secret: bytes, reference: str, epoch: int, mode: WipeMode, reason: str) -> str:
    """Return the seal of an order, in hex.

    >>> order(b"s" * 32, "PDA-7", 1, WipeMode.AT_ONCE, "stolen")[:16]
    'e2988b6b03ead516'
    """
    said = "\n".join(("wipe", reference, str(epoch), mode.value, reason))
    return hmac.digest(secret, said.encode(), sha256).hex()


def ordered(secret: bytes, reference: str, epoch: int, mode: WipeMode, reason: str, seal: str) -> bool:
    """Return whether `seal` is that of the order; in constant time.

    >>> seal = order(b"s" * 32, "PDA-7", 1, WipeMode.AT_ONCE, "stolen")
    >>> [ordered(b"s" * 32, "PDA-7", epoch, WipeMode.AT_ONCE, "stolen", seal) for epoch in (1, 2)]
    [True, False]
    """
    return hmac.compare_digest(order(secret, reference, epoch, mode, reason).encode(), seal.encode())
