"""A gallery that is handed on: what goods look like to one model, as vectors, signed by whose it is.

::

    {"pack": "groceries", "version": "2026-11-28", "model": sha256, "dimensions": 512, "licence": "...",
     "goods": [{"reference": "MILK", "gtin": "6921168509256", "name": "...", "vectors": [base64, ...]}],
     "key": base64, "signature": base64}

A vector is `dimensions` little-endian half floats. The signature is Ed25519 over
the canonical text without it, by `key`; whoever adopts a pack sees whose key that is.
"""

import base64
import binascii
import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from stockbook.domain.recognition.manifest import SHA256, VERSION_MAX, canonical
from stockbook.domain.refusal import Code, Refusal

NAME_MAX = 60
TEXT_MAX = 500
LICENCE_MAX = 20_000
GOODS_MAX = 20_000
VECTORS_MAX = 10
"""Photographs of an item in a pack: more tell little more."""
DIMENSIONS_MAX = 4096
_HALF = 2

Verified = Callable[[str, str, str], bool]
"""Returns whether a text was signed with the private half of a key: key, text, signature."""


@dataclass(frozen=True, slots=True)
class Good:
    """A kind of goods in a pack."""

    reference: str
    gtin: str
    name: str
    vectors: tuple[str, ...]
    """Each in base64."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read, its signature verified."""

    name: str
    version: str
    model: str
    dimensions: int
    licence: str
    goods: tuple[Good, ...]
    key: str


def written(said: Mapping[str, Any], key: str, sign: Callable[[str], str]) -> bytes:
    """Return a pack as it is handed on, signed."""
    whole = {**said, "key": key}
    told = {**whole, "signature": sign(canonical(whole))}
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read(content: bytes, verified: Verified) -> Pack | Refusal:
    """Return what a pack says, or why it is none.

    >>> read(b"[]", lambda *_: True).message, read(b'{"pack": ""}', lambda *_: True).message
    ('a gallery pack is one JSON object', 'a pack has a name of 1 to 60 characters')
    """
    try:
        said = json.loads(content, parse_constant=_no_number)
        text = canonical(said)
        text.encode()
    except (ValueError, RecursionError, AttributeError):
        return _unfit("a gallery pack is one JSON object")
    wrong = _wrong(said)
    if wrong is not None:
        return wrong
    if not verified(said["key"], text, said["signature"]):
        return _unfit("its signature is not that of its key: it was changed after it was made", "signature")
    goods = [_good(each, number, said["dimensions"]) for number, each in enumerate(said["goods"])]
    for each in goods:
        if isinstance(each, Refusal):
            return each
    found = tuple(each for each in goods if isinstance(each, Good))
    return Pack(
        said["pack"].strip(),
        said["version"].strip(),
        said["model"],
        said["dimensions"],
        said["licence"],
        found,
        said["key"],
    )


def _wrong(said: Mapping[str, Any]) -> Refusal | None:
    for name, most in (("pack", NAME_MAX), ("version", VERSION_MAX)):
        if not _is_text(said.get(name), most) or not said[name].strip():
            return _unfit(f"a pack has a {'name' if name == 'pack' else name} of 1 to {most} characters", name)
    if not isinstance(said.get("model"), str) or not SHA256.fullmatch(said["model"]):
        return _unfit("a pack says of which model it is, by the sha256 of its file", "model")
    dimensions = said.get("dimensions")
    if type(dimensions) is not int or not 1 <= dimensions <= DIMENSIONS_MAX:
        return _unfit(f"vectors have 1 to {DIMENSIONS_MAX} dimensions", "dimensions")
    if not _is_text(said.get("licence"), LICENCE_MAX) or not said["licence"].strip():
        return _unfit("a pack says under which licence it is handed on", "licence")
    if not isinstance(said.get("goods"), list) or not 1 <= len(said["goods"]) <= GOODS_MAX:
        return _unfit(f"a pack has 1 to {GOODS_MAX} goods", "goods")
    if not _is_text(said.get("key"), TEXT_MAX) or not _is_text(said.get("signature"), TEXT_MAX):
        return _unfit("a pack is signed: it has a key and a signature", "signature")
    return None


def _good(said: Any, number: int, dimensions: int) -> Good | Refusal:
    at = ("goods", str(number))
    if not isinstance(said, dict):
        return _unfit("goods have reference, gtin, name and vectors", *at)
    texts = [said.get(name, "") for name in ("reference", "gtin", "name")]
    if not all(_is_text(each, TEXT_MAX) for each in texts) or not (texts[0] or texts[1]):
        return _unfit(f"goods are called by a GTIN or a reference of at most {TEXT_MAX} characters", *at)
    vectors = said.get("vectors")
    if not isinstance(vectors, list) or not 1 <= len(vectors) <= VECTORS_MAX:
        return _unfit(f"goods have 1 to {VECTORS_MAX} vectors", *at, "vectors")
    if not all(is_vector(each, dimensions) for each in vectors):
        return _unfit(f"a vector is {dimensions} half floats in base64, not all of them zero", *at, "vectors")
    return Good(texts[0], texts[1], texts[2], tuple(vectors))


def is_vector(said: Any, dimensions: int) -> bool:
    """Return whether a text is a vector.

    >>> is_vector(base64.b64encode(struct.pack("<2e", 3, 4)).decode(), 2), is_vector("AAAAAA==", 2)
    (True, False)
    """
    if not isinstance(said, str):
        return False
    try:
        content = base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(content) != dimensions * _HALF:
        return False
    values = struct.unpack(f"<{dimensions}e", content)
    return any(values) and all(map(math.isfinite, values))


def gallery(pack: Pack, items: Sequence[str | None]) -> bytes:
    """Return what devices fetch: of each of the goods that is an item of theirs the vectors, under that reference."""
    goods = [{"item": item, "vectors": each.vectors} for each, item in zip(pack.goods, items, strict=True) if item]
    said = {"model": pack.model, "dimensions": pack.dimensions, "goods": goods}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and "\0" not in value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _unfit(message: str, *path: str) -> Refusal:
    return Refusal(Code.PACK_UNFIT, message, ("pack", *path))
