"""What a model says of itself: `sku.json` beside `sku.tflite`, and the one way to write it that is signed."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from stockbook.domain.refusal import Code, Refusal

MANIFEST_MAX = 65_536
"""Bytes of a manifest."""
VERSION_MAX = 60
SHA256 = re.compile("[0-9a-f]{64}")
_BETWEEN = {
    "size": (16, 1024),
    "dimensions": (1, 4096),
    "scale": (0, 1000),
    "accept": (0, 2),
    "known": (-1000, 1000),
    **dict.fromkeys(("unknown.bias", "unknown.top", "unknown.margin", "unknown.energy"), (-100_000, 100_000)),
}
"""What a device needs to read the model's answers; above 1 `accept` says that nothing is filled in by itself."""
_WHOLE = frozenset({"size", "dimensions"})
CROPS_MAX = 4
"""Shares of a picture's square that a device looks at; each is a run of the model."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read.

    Attributes
    ----------
    sha256
        Of the model's file.
    metrics
        The held-back figures, those of parts named `part.figure`.
    text
        All of it but the signature, as it is signed.
    """

    version: str
    sha256: str
    metrics: Mapping[str, float]
    text: str


def canonical(said: Mapping[str, Any]) -> str:
    """Return a manifest as it is signed: without its signature, keys in order, no idle spaces.

    >>> canonical({"version": "2", "sha256": "ab", "accept": 0.8, "signature": "x"})
    '{"accept":0.8,"sha256":"ab","version":"2"}'
    """
    told = {name: value for name, value in said.items() if name != "signature"}
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read(content: bytes) -> Manifest | Refusal:
    """Return what a manifest says, or why it is none.

    >>> read(b'{"version": 3}').message
    'the manifest has no sha256 of the model'
    >>> read(b"[]").message
    'the manifest is no JSON object'
    """
    if len(content) > MANIFEST_MAX:
        return _unfit(f"a manifest has at most {MANIFEST_MAX} bytes")
    try:
        said = json.loads(content, parse_constant=_no_number)
        text = canonical(said)
        text.encode()
    except (ValueError, RecursionError, AttributeError):
        return _unfit("the manifest is no JSON object")
    version = said.get("version")
    if isinstance(version, int) and not isinstance(version, bool):
        version = str(version)
    if not isinstance(said.get("sha256"), str) or not SHA256.fullmatch(said["sha256"]):
        return _unfit("the manifest has no sha256 of the model")
    if not isinstance(version, str) or not 0 < len(version.strip()) <= VERSION_MAX or "\0" in text:
        return _unfit(f"the manifest has no version of 1 to {VERSION_MAX} characters")
    figures = dict(_figures(said))
    for name, (least, most) in _BETWEEN.items():
        value = figures.get(name)
        if value is None or not least <= value <= most or (name in _WHOLE and value != int(value)):
            return _unfit(f"the manifest's {name} is no number from {least} to {most}")
    crops = said.get("crops", [1.0])
    if not (isinstance(crops, list) and 0 < len(crops) <= CROPS_MAX and all(_is_share(crop) for crop in crops)):
        return _unfit(f"the manifest's crops are no 1 to {CROPS_MAX} shares of the square")
    metrics = said.get("metrics")
    return Manifest(version.strip(), said["sha256"], dict(_figures(metrics)) if isinstance(metrics, dict) else {}, text)


def _figures(said: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _figures(value, f"{before}{name}.")
        elif _is_number(value):
            yield f"{before}{name}", float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 < value <= 1


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _unfit(message: str) -> Refusal:
    return Refusal(Code.MODEL_UNFIT, message, ("manifest",))
