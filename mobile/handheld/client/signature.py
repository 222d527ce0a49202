"""Whether a model is the server's: its manifest is signed, and verified by the key that came with the enrolment."""

import base64
import binascii
import json
from typing import Any

KEY_BYTES, SIGNATURE_BYTES = 32, 64


def canonical(manifest: dict[str, Any]) -> str:
    """Return a manifest as it is signed: without its signature, keys in order, no idle spaces.

    >>> canonical({"version": "2", "sha256": "ab", "signature": "x"})
    '{"sha256":"ab","version":"2"}'
    """
    told = {name: value for name, value in manifest.items() if name != "signature"}
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def signed(key: str, text: str, signature: str) -> bool:
    """Return whether a text was signed with the private half of a key; key and signature are in base64.

    >>> signed("", "text", "")
    False
    """
    from ecdsa import BadSignatureError, Ed25519, VerifyingKey  # noqa: PLC0415  # seldom needed, slow to load
    from ecdsa.errors import MalformedPointError  # noqa: PLC0415

    try:
        public, proof = (base64.b64decode(each, validate=True) for each in (key, signature))
    except (binascii.Error, ValueError):
        return False
    if len(public) != KEY_BYTES or len(proof) != SIGNATURE_BYTES:
        return False
    try:
        return bool(VerifyingKey.from_string(public, curve=Ed25519).verify(proof, text.encode()))
    except (BadSignatureError, MalformedPointError, ValueError):
        return False
