"""A folder's maps, and the tails that learn from them: of a fold, or of everything."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from handheld.vision.scoring import Floats, Matrix, unit
from stockbook.vision.crossing import Seen, Trial
from stockbook.vision.folds import Fold
from stockbook.vision.learning.network import backbone
from stockbook.vision.learning.tail import DYES, Lesson, Tail, Tails, learn, vectors
from stockbook.vision.learning.trunk import Trunk
from stockbook.vision.pictures import Collection, Numbers
from stockbook.vision.recipe import Plan
from stockbook.vision.views import Kind

Stage = Callable[[str, int], Callable[[int], None]]
TURNED, DYED = 1000, 2000
"""Numbers of the first views upside down, and in other colours."""
LEVELLED = 256
"""Pictures by whose embeddings tails are made to count the same."""
OVER = (Kind.SEAM, Kind.TURNED, Kind.INVERTED)


class School:
    """Looks at every picture once through the trunk, and teaches tails."""

    def __init__(self, pictures: Collection, plan: Plan, cache: Path, stage: Stage) -> None:
        torch.set_num_threads(plan.threads)
        self.pictures, self.plan, self.stage = pictures, plan, stage
        self.backbone = backbone(plan.backbone)
        self.row = np.full(len(pictures.pictures), -1)
        self.row[pictures.own] = np.arange(len(pictures.own))
        labels = pictures.labels[pictures.own]
        upright = pictures.upright[labels]
        standing = pictures.own[upright]
        trunk = Trunk(self.backbone, pictures, cache, plan.pixels, plan.seed)
        self.whole = Trunk(self.backbone, pictures, cache, plan.asked, plan.seed)
        views = plan.views * len(pictures.own) + (plan.turned + len(DYES) * plan.dyed) * len(standing)
        told = stage("views to learn from", views)
        varied, turned = [], []
        for number in range(plan.views):
            rng = np.random.default_rng([plan.seed, number])
            seams = upright & (rng.random(len(labels)) < plan.seams)
            kinds = [Kind.SEAM if seam else Kind.PLAIN for seam in seams]
            varied.append(trunk.varied(pictures.own, kinds, number, told))
        for number in range(plan.turned if len(standing) else 0):
            rng = np.random.default_rng([plan.seed, number, 1])
            kinds = [Kind.TURNED if whole else Kind.INVERTED for whole in rng.random(len(standing)) < 0.4]
            turned.append(trunk.varied(standing, kinds, TURNED + number, told))
        dyed = []
        for number in range(plan.dyed if len(standing) else 0):
            plain = [Kind.PLAIN] * len(standing)
            dyed.append([trunk.varied(standing, plain, DYED + number, told, dye) for dye in DYES])
        self.cache, self.maps = cache, trunk.used
        self.lesson = Lesson(varied, turned, dyed, np.cumsum(upright) - 1, labels, upright)

    def learn(self, which: Numbers, name: str) -> Tails:
        """Return tails that have learnt from some pictures, each from a seed of its own."""
        told = self.stage(f"learning: {name}", self.plan.tails * self.plan.recipe.epochs * len(which))
        tails = [self._learnt(which, self.plan.seed + number, told) for number in range(self.plan.tails)]
        return Tails(tails).levelled(self.lesson.views[0][self.row[which[:LEVELLED]]])

    def _learnt(self, which: Numbers, seed: int, told: Callable[[int], None]) -> Tail:
        """Return a tail; it is kept, so that a run cut short goes on."""
        plan = self.plan
        file = self.kept(which, "tail", ".pt", seed)
        if file.is_file():
            tail = Tail(self.backbone, plan.recipe.dropout, plan.recipe.dimensions)
            tail.load_state_dict(torch.load(file, weights_only=True))
            tail.eval()
            told(plan.recipe.epochs * len(which))
        else:
            tail = learn(self.backbone, self.lesson, self.row[which], plan.recipe, seed, told)
            part = file.with_suffix(".part")
            torch.save(tail.state_dict(), part)
            part.rename(file)
        return tail

    def kept(self, which: Numbers, what: str, suffix: str, seed: int) -> Path:
        """Return the file in which what follows from some pictures and a seed is kept."""
        about = f"{self.maps} {self.plan.recipe} {seed} {self.plan.threads} {self.row[which].tolist()}"
        return self.cache / f"{what}-{hashlib.sha256(about.encode()).hexdigest()[:24]}{suffix}"

    def trial(self, fold: Fold, name: str) -> Trial:
        """Return what a tail that has learnt a fold says of the rest."""
        tail, pictures = self.learn(fold.learnt, name), self.pictures
        standing = fold.asked[pictures.upright[pictures.labels[fold.asked]]]
        looks = len(self.plan.crops) * (len(pictures.own) + len(OVER) * len(standing))
        told = self.stage(f"asking: {name}", looks)

        def looked(at: Numbers, kind: Kind) -> tuple[Matrix, Floats]:
            crops = [vectors(tail, self.whole.plain(at, kind, told, crop)) for crop in self.plan.crops]
            return unit(sum(seen for seen, _ in crops)), np.mean([down for _, down in crops], axis=0, dtype=np.float64)

        seen, plain = looked(pictures.own, Kind.PLAIN)

        def part(which: Numbers) -> Seen:
            return Seen(seen[self.row[which]], pictures.labels[which])

        down = {Kind.PLAIN: plain[self.row[standing]]}
        for kind in OVER if len(standing) else ():
            down[kind] = looked(standing, kind)[1]
        return Trial(part(fold.learnt), part(fold.asked), part(fold.enrolled), part(fold.strange), down)
