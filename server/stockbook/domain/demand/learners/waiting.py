"""Windows of several periods that have begun: what was foretold of them waits until the last period closes."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from stockbook.domain.demand.learners.inputs import GUEST, PLAIN
from stockbook.domain.demand.learners.packed import packed, unpacked

Means = dict[str, float]
Ways = dict[str, list[float]]


class Waiting(NamedTuple):
    """A window that has begun: what sold in it so far, its features, and what was foretold of it, by whom.

    Judged is what was said when it began: errors of windows that overlap it
    were not known then, and would flatter whoever goes by past errors.
    """

    sold: float
    x: dict[str, float]
    means: Means
    ways: Ways

    @classmethod
    def begin(cls, x: Mapping[str, float], means: Means, ways: Ways) -> "Waiting":
        """Return a window in which nothing sold yet, in as few digits as it will be stored.

        What guests said is among the means and ways already.
        """
        few = {key: value for key, value in x.items() if value and not key.startswith(GUEST)}
        few = dict(zip(few, np.array(list(few.values()), np.float16).tolist(), strict=True)) | {"level": x["level"]}
        said = {name: array("f", found).tolist() for name, found in ways.items()}
        return cls(0.0, few, dict(zip(means, array("f", means.values()), strict=True)), said)

    @property
    def named(self) -> list[str]:
        """The inputs that stand for a promotion or an influence of its own."""
        return [key for key in self.x if key not in PLAIN and key != "level"]

    def state(self, before: "Waiting | None") -> list[Any]:
        """Return everything as JSON values; names are left out where they are as in the window before."""
        names = [self.named, list(self.means), list(self.ways)]
        same = before is not None and names == [before.named, list(before.means), list(before.ways)]
        inputs = np.array([self.x.get(key, 0.0) for key in (*PLAIN, *self.named)])
        means, ways = np.array(list(self.means.values())), np.array(list(self.ways.values()))
        said = [packed(inputs, "<f2"), packed(means, "<f4"), packed(ways, "<f4")]
        return [self.sold, self.x["level"], None if same else names, *said]

    @classmethod
    def restore(cls, state: Sequence[Any], before: "Waiting | None") -> "Waiting":
        """Take up what `state()` gave."""
        sold, level, names, inputs, means, ways = state
        if names is None and before is not None:
            names = [before.named, list(before.means), list(before.ways)]
        named, speakers, kinds = names
        x = {"level": level} | dict(zip((*PLAIN, *named), unpacked(inputs, "<f2").tolist(), strict=True))
        said = unpacked(ways, "<f4").reshape(len(kinds), -1).tolist()
        foretold = dict(zip(speakers, unpacked(means, "<f4").tolist(), strict=True))
        known = {key: value for key, value in x.items() if value}
        return cls(sold, known, foretold, dict(zip(kinds, said, strict=True)))
