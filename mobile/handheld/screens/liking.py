"""How the holder likes it, kept over restarts: language, hand, light, sound, and who holds it where."""

import contextlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from handheld import disk

FILE = "liking.json"


@dataclass(frozen=True, slots=True)
class Liking:
    """What is kept."""

    language: str = "zh"
    hand: str = "right"
    theme: str = "day"
    voice: str = "on"
    volume: int = 70
    person: str = ""
    site: str = ""
    wifi: str = "on"
    """Whether pictures and models go by Wi-Fi alone, where the organisation leaves it to the holder."""


def load(path: Path) -> Liking:
    """Return what is kept; what can't be read is as it was at first."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        fitting: dict[str, Any] = {
            each.name: said[each.name]
            for each in fields(Liking)
            if each.name in said and isinstance(said[each.name], type(each.default))
        }
        return Liking(**fitting)
    except (OSError, ValueError, TypeError):
        return Liking()


def save(path: Path, liking: Liking) -> None:
    """Keep it; nothing is lost when that fails, and no frame waits for the disk."""
    with contextlib.suppress(OSError):
        disk.replace(path, json.dumps(asdict(liking), ensure_ascii=False).encode(), durable=False)
