r"""The seal of a device's events: each proves itself and everything before it.

::

    seal(0) = HMAC-SHA256(secret, "stockbook" LF reference LF epoch)
    seal(n) = HMAC-SHA256(secret, seal(n-1) LF text(n))

So an event can't be changed, left out, put in or swapped by anybody who has not
the secret of the device's enrolment, and a cloned device shows as a fork.
Shared by device and server; seals are 32 raw bytes here, lower-case hex outside.
"""

import hmac
from hashlib import sha256

SECRET_BYTES = 32
SEAL_BYTES = 32
_LF = b"\n"


def first(secret: bytes, reference: str, epoch: int) -> bytes:
    """Return the seal before a device's first event.

    >>> first(b"s" * 32, "PDA-7", 1).hex()[:16]
    '86db656bfdc86c56'
    """
    return hmac.digest(secret, b"stockbook" + _LF + reference.encode() + _LF + str(epoch).encode(), sha256)


def seal(secret: bytes, previous: bytes, text: str) -> bytes:
    """Return the seal of an event's text after the event sealed as `previous`."""
    return hmac.digest(secret, previous + _LF + text.encode(), sha256)


def sealed(secret: bytes, previous: bytes, text: str, said: bytes) -> bool:
    """Return whether `said` is the seal of the text; in constant time.

    >>> one = seal(b"s" * 32, first(b"s" * 32, "PDA-7", 1), "{}")
    >>> sealed(b"s" * 32, first(b"s" * 32, "PDA-7", 1), "{}", one), sealed(b"t" * 32, one, "{}", one)
    (True, False)
    """
    try:
        return hmac.compare_digest(seal(secret, previous, text), said)
    except UnicodeEncodeError:  # half a surrogate pair: no text that a device could have sealed
        return False


def read(text: str) -> bytes | None:
    """Return the seal that a text says, None when it is none.

    >>> read("ab" * 32) == bytes([0xAB]) * 32, read("AB" * 32), read("ab")
    (True, None, None)
    """
    if len(text) != SEAL_BYTES * 2 or not set(text) <= set("0123456789abcdef"):
        return None
    return bytes.fromhex(text)
