"""What it turned out to be: each proposal that a barcode or a person settled, right or wrong, kept to learn from."""

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from handheld.vision import file
from handheld.vision.model import Calibration
from handheld.vision.scoring import Matrix

SETTLED_MAX = 2_000
"""The oldest is forgotten beyond it: a shop's goods and light change."""
MISTAKEN_SHARE = 0.02
"""Of the times that either of two items was proposed, so many put right for the other make them look-alikes."""


class By(Enum):
    """Who settled it."""

    BARCODE = "barcode"
    PERSON = "person"


class Settled(NamedTuple):
    """A proposal with what it was."""

    proposed: str
    item: str
    """Empty for goods that are not in the catalogue."""
    vector: Matrix
    model: str
    confidence: float
    settled_by: By
    settled_at: datetime

    @property
    def right(self) -> bool:
        """Whether the first candidate was it."""
        return self.proposed == self.item


class Settlements:
    """The settled proposals in their file, with the calibration that was fitted to them.

    >>> import tempfile; from datetime import UTC
    >>> folder = tempfile.TemporaryDirectory()
    >>> kept = Settlements(Path(folder.name) / "vision.db")
    >>> at, seen = datetime(2026, 11, 28, tzinfo=UTC), np.ones(2, np.float32)
    >>> kept.add(Settled("NAPPY-L", "NAPPY-XL", seen, "m1", 0.91, By.BARCODE, at))
    >>> kept.mistaken("NAPPY-XL"), kept.of("m1")[0].right
    ({'NAPPY-L': 1.0}, False)
    >>> kept.close(); folder.cleanup()
    """

    def __init__(self, path: Path) -> None:
        self._db = file.opened(path)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, said: Settled) -> None:
        """Keep what was settled."""
        vector = np.asarray(said.vector, "<f2").tobytes()
        with self._lock:
            self._db.execute(
                "insert into settled (proposed, item, vector, model, confidence, settled_by, settled_at)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                (said.proposed, said.item, vector, said.model, said.confidence, said.settled_by.value,
                 said.settled_at.isoformat()),
            )  # fmt: skip
            self._db.execute("delete from settled where id <= (select max(id) from settled) - ?", (SETTLED_MAX,))

    def of(self, model: str) -> list[Settled]:
        """Return what was settled of a model's proposals, the oldest first."""
        with self._lock:
            rows = self._db.execute(
                "select proposed, item, vector, model, confidence, settled_by, settled_at from settled"
                " where model = ? order by id",
                (model,),
            ).fetchall()
        return [
            Settled(proposed, item, np.frombuffer(vector, "<f2"), model, confidence, By(by), datetime.fromisoformat(at))
            for proposed, item, vector, model, confidence, by, at in rows
        ]

    def mistaken(self, item: str) -> Mapping[str, float]:
        """Return the items that were put right for this one or the other way round, each with its share."""
        with self._lock:
            rows = self._db.execute("select proposed, item, count(*) from settled group by proposed, item").fetchall()
        times, pairs = Counter[str](), Counter[str]()
        for proposed, was, count in rows:
            times[proposed] += count
            if proposed and was and proposed != was and item in {proposed, was}:
                pairs[was if proposed == item else proposed] += count
        return {other: count / (times[item] + times[other]) for other, count in pairs.items()}

    def keep(self, calibration: Calibration, model: str) -> None:
        """Keep what was fitted for a model."""
        said = json.dumps({"model": model, **asdict(calibration)})
        with self._lock:
            self._db.execute("insert or replace into meta values ('calibration', ?)", (said,))

    def calibration(self, model: str) -> Calibration | None:
        """Return what was fitted for a model; None before the first time, and after a change of model."""
        with self._lock:
            row = self._db.execute("select value from meta where name = 'calibration'").fetchone()
        said = json.loads(row[0]) if row else {}
        return Calibration(**said) if said.pop("model", "") == model else None
