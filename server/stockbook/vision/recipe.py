"""How a model is made: each number was chosen by cross-validation, none by what is held back."""

from dataclasses import dataclass, field, replace
from typing import Any

from handheld.vision.model import CROPS_MAX

BACKBONES, FORMS = ("lite0", "lite1", "lite2"), ("int8", "float16")
TAILS_MAX = {"int8": 2, "float16": 1}
"""Of so many tails, with the smallest backbone, a file is small enough for a device."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the tail learns; chosen by cross-validation."""

    dimensions: int = 256
    epochs: int = 7
    batch: int = 32
    rate: float = 4e-4
    head_rate: float = 3e-3
    decay: float = 1e-2
    scale: float = 20.0
    margin: float = 0.15
    smoothing: float = 0.05
    dropout: float = 0.2
    mixed: float = 0.0
    """Share of batches whose maps are mixed by pairs."""
    mixing: float = 0.3
    """Alpha and beta of the mixing's Beta distribution."""
    window: int = 6
    """At first the maps are cut, at random, to so many rows and columns less; in the end they are whole."""
    averaged: float = 0.99
    """Decay of the running mean of the weights; 0 for none."""
    contrast: float = 0.0
    """Weight of the supervised contrastive loss."""
    turned: float = 0.25
    """Share of upright goods that are shown upside down."""
    dyed: float = 0.0
    """Share of upright goods that are shown in other colours, as goods of their own."""
    up: float = 0.3
    """Weight of the loss of which way is up."""

    def window_at(self, epoch: int) -> int:
        """Return how much is cut in an epoch; small maps are quick, and cuts are other pictures.

        >>> [Recipe(epochs=4, window=6).window_at(epoch) for epoch in range(4)]
        [6, 4, 2, 0]
        """
        return round(self.window * (1 - epoch / max(self.epochs - 1, 1)))


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a version follows from, beside the photographs."""

    backbone: str = "lite0"
    pixels: int = 224
    """Side of the pictures that are learnt from."""
    asked: int = 256
    """Side of the pictures that the device shows the network: parts of pictures, learnt from, show goods larger."""
    crops: tuple[float, ...] = (0.8,)
    """Shares of the square that the device looks at, one run each; what it sees in them is averaged."""
    views: int = 4
    """Varied views of every picture."""
    turned: int = 2
    """Views of each upright good upside down."""
    dyed: int = 0
    """Views of each upright good in each of two other colours."""
    seams: float = 0.2
    """Share of upright goods' views whose middle is turned a little, as a decoy."""
    folds: int = 3
    trials: int = 1
    """So many of the folds are run; each takes two thirds of the time of the version itself."""
    form: str = "int8"
    """How the file keeps its numbers: int8 or float16."""
    examples: int = 160
    """Pictures by which int8 takes its ranges."""
    tails: int = 2
    """So many tails learn apart on one trunk, and are asked together."""
    seed: int = 1
    threads: int = 1
    """Another number of them adds up in another order, and gives slightly other weights."""
    recipe: Recipe = field(default_factory=Recipe)

    def facts(self) -> dict[str, Any]:
        """Return what the device must know to show the network pictures as they were learnt."""
        return {"size": self.asked, "crops": list(self.crops), "dimensions": self.tails * self.recipe.dimensions}


def planned(*, epochs: int | None = None, **told: Any) -> Plan:
    """Return the plan with what was told in place of what was chosen.

    >>> planned(epochs=3, seed=7).recipe.epochs, planned(form="int4")
    Traceback (most recent call last):
    ValueError: no form is named int4; there are int8, float16
    """
    plan = Plan()
    for name, names in (("backbone", BACKBONES), ("form", FORMS)):
        if told.get(name) not in {None, *names}:
            raise ValueError(f"no {name} is named {told[name]}; there are {', '.join(names)}")
    crops = told.get("crops")
    if crops is not None and not (0 < len(crops) <= CROPS_MAX and all(0 < crop <= 1 for crop in crops)):
        raise ValueError(f"crops are 1 to {CROPS_MAX} shares of the square, above 0 and at most 1")
    form, tails = told.get("form") or plan.form, told.get("tails") or plan.tails
    if tails > TAILS_MAX[form]:
        raise ValueError(
            f"in {form} a device has room for {TAILS_MAX[form]} of {tails} tails: --tails {TAILS_MAX[form]}"
        )
    recipe = plan.recipe if epochs is None else replace(plan.recipe, epochs=epochs)
    return replace(plan, recipe=recipe, **{name: value for name, value in told.items() if value is not None})
