"""Goods that the network never saw, enrolled by a few photographs beside all that it knows."""

import numpy as np

from tests.bench.figures import Figure
from tests.bench_vision.few import SHOTS, few, first
from tests.bench_vision.stage import Stage

DRAWS = 10
LEAST = {5: 85}


def figures(stage: Stage) -> list[Figure]:
    """Measure; without such a model only that is told."""
    if stage.held is None:
        return [Figure("unseen.measured", 0, None, "", note="there is no model that never saw some of the items")]
    train, test = stage.pictures("train"), stage.pictures("test")
    known = [each for each in train if each.item not in stage.unseen]
    new = [each for each in train if each.item in stage.unseen]
    found = []
    for name, cartons in (("unseen.cartons", True), ("unseen.all", False)):
        asked = [each for each in test if each.item in stage.unseen and (each.carton or not cartons)]
        items = len({each.item for each in asked})
        for shots in SHOTS:
            right = [first(stage.held, [*known, *few(new, shots, draw)], asked) for draw in range(DRAWS)]
            spread = f"± {100 * np.std([each.mean() for each in right]):.1f}"
            note = f"{items} new items, {shots} photographs each, in the gallery of all; {len(asked)} asked, {spread}"
            limit = LEAST.get(shots) if cartons else None
            found.append(Figure(f"{name}.{shots}", 100 * float(np.mean(right)), limit, "%", least=True, note=note))
        among = [first(stage.held, [*known, *few(new, 5, draw)], asked, 3) for draw in range(DRAWS)]
        found.append(Figure(f"{name}.5.top3", 100 * float(np.mean(among)), None, "%", note="what the screen shows"))
    return found
