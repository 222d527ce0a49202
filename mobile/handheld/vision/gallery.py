"""What goods look like: up to ten photographs an item as vectors, enrolled on the device without any training.

A vector is good for the model that made it alone. After a change of model an
item whose photographs were kept is looked at again; one whose were not is to be
enrolled again.
"""

import threading
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from handheld.vision import file
from handheld.vision.scoring import Index, Matrix, indexed, unit

PHOTOGRAPHS_MAX = 10
"""An eleventh photograph of an item takes the place of its oldest: goods change their look."""
ENROLLED, SERVER, PACK = "enrolled", "server", "pack"
"""Sources: photographed here; elsewhere in the organisation and fetched; handed on as a gallery pack.

Of those from elsewhere there may be any number, and the shop's thresholds are not fitted to them.
"""
UPRIGHT_SHARE = 0.8
"""Of an item's photographs, for being upside down to mean anything."""


class Photograph(NamedTuple):
    """One look of an item."""

    item: str
    vector: Matrix
    model: str
    """The sha256 of the model that made the vector."""
    source: str
    """Where it came from."""
    captured_at: datetime
    digest: str
    """Of the picture; the same picture of an item is kept once."""
    upside_down: float | None = None
    """How surely the model saw it upside down, None when nobody asked."""
    picture: bytes | None = None
    """The photograph, to be looked at by a later model; None when only the vector came."""


class Enrolled(NamedTuple):
    """How an item stands."""

    item: str
    photographs: int
    """Those that the model in use can be asked about."""
    stale: int
    """Vectors of another model."""
    renewable: int
    """How many of the stale have their picture, and so need nobody."""

    @property
    def to_be_enrolled_again(self) -> bool:
        """Whether nothing is left that the model in use could compare with, and the device can't help itself."""
        return not self.photographs and not self.renewable


class Gallery:
    """The photographs in their file. Asked from any thread.

    >>> import tempfile; from datetime import UTC
    >>> folder = tempfile.TemporaryDirectory()
    >>> gallery = Gallery(Path(folder.name) / "vision.db")
    >>> shot = Photograph("MILK", np.array([3.0, 4.0]), "m1", "enrolled", datetime(2026, 11, 28, tzinfo=UTC), "d1")
    >>> gallery.add([shot, shot])
    >>> gallery.enrolled("m1")[0].photographs, gallery.index("m1").items, gallery.index("m2").items
    (1, ('MILK',), ())
    >>> gallery.enrolled("m2")[0].to_be_enrolled_again, gallery.remove("MILK"), gallery.index("m1").items
    (True, 1, ())
    >>> gallery.close(); folder.cleanup()
    """

    def __init__(self, path: Path) -> None:
        self._db = file.opened(path)
        self._lock = threading.RLock()
        self._index: tuple[str, Index] | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    # writing

    def add(self, photographs: Iterable[Photograph]) -> None:
        """Keep photographs, all of them or, when anything fails, none.

        Raises
        ------
        ValueError
            For a vector that isn't one of its model's: another length, no numbers, all zeros.
        """
        with self._lock:
            self._db.execute("begin immediate")
            try:
                items = {self._put(each) for each in photographs}
                for item in items:
                    self._forget_oldest(item)
                self._db.execute("commit")
            except BaseException:
                self._db.execute("rollback")
                raise
            self._index = None

    def _put(self, each: Photograph) -> str:
        vector = np.asarray(unit(each.vector), "<f2")
        said = self._db.execute(
            "select length(vector) from photograph where model = ? limit 1", (each.model,)
        ).fetchone()
        if vector.ndim != 1 or (said and said[0] != vector.nbytes) or not np.isfinite(vector).all() or not vector.any():
            raise ValueError(f"what came for {each.item} is no vector of model {each.model[:12]}")
        self._db.execute(
            "insert into photograph (item, digest, vector, model, upside_down, source, captured_at, picture)"
            " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (item, digest) do update set"
            " vector = excluded.vector, model = excluded.model, upside_down = excluded.upside_down,"
            " picture = coalesce(excluded.picture, picture)",
            (each.item, each.digest, vector.tobytes(), each.model, each.upside_down,
             each.source, each.captured_at.isoformat(), each.picture),
        )  # fmt: skip
        return each.item

    def _forget_oldest(self, item: str) -> None:
        self._db.execute(
            "delete from photograph where item = ? and source = ? and id not in (select id from photograph"
            " where item = ? and source = ? order by captured_at desc, id desc limit ?)",
            (item, ENROLLED, item, ENROLLED, PHOTOGRAPHS_MAX),
        )

    def remove(self, item: str, digest: str = "") -> int:
        """Forget an item, or one photograph of it; return how many photographs went."""
        with self._lock:
            self._index = None
            gone = self._db.execute("delete from photograph where item = ? and ? in ('', digest)", (item, digest))
            return gone.rowcount

    def keep(self, wanted: Collection[tuple[str, str]]) -> None:
        """Forget every photograph from the server but those, each an item and a digest."""
        with self._lock:
            rows = self._db.execute("select item, digest from photograph where source = ?", (SERVER,)).fetchall()
            gone = [row for row in rows if tuple(row) not in wanted]
            self._db.executemany("delete from photograph where item = ? and digest = ?", gone)
            self._index = None if gone else self._index

    def keep_packs(self, names: Collection[str]) -> None:
        """Forget every photograph of a pack but those of some; a pack's digests begin with its name."""
        with self._lock:
            rows = self._db.execute("select id, digest from photograph where source = ?", (PACK,)).fetchall()
            gone = [(id_,) for id_, digest in rows if digest.partition("/")[0] not in names]
            self._db.executemany("delete from photograph where id = ?", gone)
            self._index = None if gone else self._index

    # reading

    def packs(self) -> set[str]:
        """Return the names of the packs of which anything is here."""
        with self._lock:
            rows = self._db.execute("select distinct digest from photograph where source = ?", (PACK,)).fetchall()
        return {digest.partition("/")[0] for (digest,) in rows}

    def known(self, model: str) -> dict[str, set[str]]:
        """Return by item the digests of the photographs that a model can be asked about."""
        with self._lock:
            rows = self._db.execute("select item, digest from photograph where model = ?", (model,)).fetchall()
        found: dict[str, set[str]] = {}
        for item, digest in rows:
            found.setdefault(item, set()).add(digest)
        return found

    def index(self, model: str) -> Index:
        """Return what is enrolled under a model; vectors of another are not compared with."""
        with self._lock:
            if self._index is None or self._index[0] != model:
                rows = self._db.execute(
                    "select item, vector, source from photograph where model = ? order by item, id", (model,)
                ).fetchall()
                vectors = [(item, np.frombuffer(vector, "<f2")) for item, vector, _ in rows]
                self._index = model, indexed(vectors, [source == ENROLLED for _, _, source in rows])
            return self._index[1]

    def enrolled(self, model: str) -> list[Enrolled]:
        """Return how every item stands under a model."""
        with self._lock:
            rows = self._db.execute(
                "select item, sum(model = ?), sum(model <> ?), sum(model <> ? and picture is not null)"
                " from photograph group by item order by item",
                (model, model, model),
            ).fetchall()
        return [Enrolled(*row) for row in rows]

    def photographs(self, item: str) -> list[Photograph]:
        """Return the photographs of an item, the newest first."""
        return self._photographs("item = ? order by captured_at desc, id desc", item)

    def renewable(self, model: str) -> list[Photograph]:
        """Return what another model looked at and whose picture is here."""
        return self._photographs("model <> ? and picture is not null order by item, id", model)

    def has_a_top(self, item: str) -> bool:
        """Whether being upside down means anything of an item: most of its own photographs were seen upright.

        Fruit has no top; what the model says of it is chance. Vectors without
        that answer (the server's) speak neither way.
        """
        with self._lock:
            said = self._db.execute(
                "select avg(upside_down < 0.5) from photograph where item = ? and upside_down is not null", (item,)
            ).fetchone()[0]
        return said is None or said >= UPRIGHT_SHARE

    def _photographs(self, where: str, value: str) -> list[Photograph]:
        with self._lock:
            rows = self._db.execute(
                "select item, vector, model, source, captured_at, digest, upside_down, picture from photograph"
                f" where {where}",
                (value,),
            ).fetchall()
        return [
            Photograph(item, np.frombuffer(vector, "<f2"), model, source, datetime.fromisoformat(at), *rest)
            for item, vector, model, source, at, *rest in rows
        ]
