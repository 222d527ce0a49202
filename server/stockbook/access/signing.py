"""Signing models, so that a device takes none that this installation did not publish.

The key is derived from the installation's secret, as the secrets of devices
are: it is kept nowhere. Its public half comes to a device with its enrolment.
"""

import base64
import binascii
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Signer:
    """Signs with the Ed25519 key of one secret.

    >>> signer = Signer("a secret of at least thirty-two bytes")
    >>> len(base64.b64decode(signer.sign("text"))), len(base64.b64decode(signer.public))
    (64, 32)
    """

    def __init__(self, secret: str) -> None:
        seed = hmac.digest(secret.encode(), b"stockbook models", "sha256")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> str:
        """The public key that signatures are verified by, in base64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, text: str) -> str:
        """Return the signature of a text, in base64."""
        return base64.b64encode(self._key.sign(text.encode())).decode()


def verified(key: str, text: str, signature: str) -> bool:
    """Return whether a text was signed with the private half of a key; key and signature are in base64.

    >>> signer = Signer("a secret of at least thirty-two bytes")
    >>> verified(signer.public, "text", signer.sign("text")), verified(signer.public, "other", signer.sign("text"))
    (True, False)
    >>> verified("no key", "text", "")
    False
    """
    try:
        public, proof = (base64.b64decode(each, validate=True) for each in (key, signature))
        Ed25519PublicKey.from_public_bytes(public).verify(proof, text.encode())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
