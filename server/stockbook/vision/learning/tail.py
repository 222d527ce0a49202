"""The tail learns to bring pictures of one item together, and to tell which way is up."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from stockbook.vision.learning.network import HEAD, Backbone, Conv
from stockbook.vision.pictures import Numbers
from stockbook.vision.recipe import Recipe

Maps = NDArray[np.float16]
DYES = (1, 2)


@dataclass(frozen=True, slots=True)
class Lesson:
    """The maps to learn from: views of all pictures, and of upright goods upside down."""

    views: Sequence[Maps]
    """Each has a row for each picture of the collection that may be learnt from."""
    turned: Sequence[Maps]
    dyed: Sequence[Sequence[Maps]]
    """Upright goods in other colours: views, each in both dyes."""
    standing: Numbers
    """Row of each picture's maps in `turned` and `dyed`, where its item is upright."""
    labels: Numbers
    """Item of each row of the views."""
    upright: NDArray[np.bool_]
    """Whether each row's item has a top."""


class Tail(nn.Module):
    """The network's last stages, an embedding, and which way is up."""

    def __init__(self, backbone: Backbone, dropout: float, dimensions: int) -> None:
        super().__init__()
        self.blocks: nn.Sequential = copy.deepcopy(backbone.tail)
        self.head: Conv = copy.deepcopy(backbone.head)
        self.dropout = nn.Dropout(dropout)
        self.embed = nn.Linear(HEAD, dimensions)
        self.up = nn.Linear(2 * HEAD, 2)
        nn.init.orthogonal_(self.embed.weight)
        nn.init.zeros_(self.embed.bias)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return embeddings and, of each picture, the logits of upright and upside down."""
        found = functional.relu6(self.head(self.blocks(maps)))
        rows = third(found.shape[2])
        ends = torch.cat([found[:, :, :rows].mean((2, 3)), found[:, :, -rows:].mean((2, 3))], 1)
        return self.embed(self.dropout(found.mean((2, 3)))), self.up(self.dropout(ends))


class Tails(nn.Module):
    """Tails that learnt apart, side by side on one trunk: they err apart, so together they err less."""

    def __init__(self, tails: Sequence[Tail]) -> None:
        super().__init__()
        self.tails = nn.ModuleList(tails)

    @property
    def each(self) -> Iterator[Tail]:
        """The tails, one after another."""
        for tail in self.tails:
            assert isinstance(tail, Tail)
            yield tail

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return embeddings joined, and the mean logits of upright and upside down."""
        embeddings, ups = zip(*(tail(maps) for tail in self.each), strict=True)
        return torch.cat(embeddings, 1), torch.stack(ups).mean(0)

    def levelled(self, maps: Maps) -> "Tails":
        """Make all embeddings of pictures like these equally long on average, so that each tail counts the same."""
        with torch.inference_mode():
            pixels = torch.from_numpy(np.array(maps)).float().permute(0, 3, 1, 2)
            for tail in self.each:
                length = tail(pixels)[0].norm(dim=1).mean()
                tail.embed.weight /= length
                tail.embed.bias /= length
        return self


def third(rows: int) -> int:
    """Return how many rows are the top, and how many the bottom.

    >>> [third(rows) for rows in (2, 6, 7, 8, 9)]
    [1, 2, 3, 3, 4]
    """
    return max((rows - 1) // 2, 1)


def learn(
    backbone: Backbone, lesson: Lesson, which: Numbers, recipe: Recipe, seed: int, told: Callable[[int], None]
) -> Tail:
    """Return a tail that has learnt from the rows `which`; `told` hears of each batch's pictures."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    tail = Tail(backbone, recipe.dropout, recipe.dimensions)
    items = np.unique(lesson.labels[which])
    number = np.full(int(lesson.labels.max()) + 1, -1)
    number[items] = np.arange(len(items))
    kinds = len(items) * (1 + len(DYES) * bool(recipe.dyed))
    anchors = nn.Parameter(torch.randn(kinds, recipe.dimensions) * 0.05)
    steps = recipe.epochs * (len(which) // recipe.batch)
    slow = [*tail.blocks.parameters(), *tail.head.parameters()]
    fast = [*tail.embed.parameters(), *tail.up.parameters(), anchors]
    optimiser = torch.optim.AdamW(
        [{"params": slow, "lr": recipe.rate}, {"params": fast, "lr": recipe.head_rate}], weight_decay=recipe.decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [recipe.rate, recipe.head_rate], total_steps=steps, pct_start=0.15
    )
    mean = torch.optim.swa_utils.AveragedModel(
        tail, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.averaged)
    )
    tail.train()
    for epoch in range(recipe.epochs):
        order = rng.permutation(which)
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            rows = np.sort(order[start : start + recipe.batch])
            maps, down, dyes = _batch(lesson, rows, epoch, recipe, rng)
            kind = torch.from_numpy(number[lesson.labels[rows]] + dyes * len(items))
            loss = _loss(tail, anchors, maps, kind, down, recipe, rng)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            if recipe.averaged:
                mean.update_parameters(tail)
            told(recipe.batch)
    learnt: Tail = mean.module if recipe.averaged else tail
    learnt.eval()
    return learnt


def _batch(
    lesson: Lesson, rows: Numbers, epoch: int, recipe: Recipe, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Numbers]:
    """Return the maps of rows, some of them turned or dyed; which way is up (0, 1, or -1 for no top); the dyes."""
    maps = np.array(lesson.views[epoch % len(lesson.views)][rows])
    down = np.where(lesson.upright[rows], 0, -1)
    dyes = np.zeros(len(rows), dtype=np.int64)
    for at in np.flatnonzero(down == 0):
        row, lot = lesson.standing[rows[at]], rng.random()
        if lot < recipe.turned and lesson.turned:
            maps[at] = lesson.turned[int(rng.integers(len(lesson.turned)))][row]
            down[at] = 1
        elif lot > 1 - recipe.dyed and lesson.dyed:
            dyes[at] = rng.choice(DYES)
            maps[at] = lesson.dyed[int(rng.integers(len(lesson.dyed)))][int(dyes[at]) - 1][row]
    less = recipe.window_at(epoch)
    if less:
        side = maps.shape[1] - less
        top, left = rng.integers(less + 1, size=2)
        maps = maps[:, top : top + side, left : left + side]
    return torch.from_numpy(maps).float().permute(0, 3, 1, 2), torch.from_numpy(down), dyes


def _loss(
    tail: Tail, anchors: Tensor, maps: Tensor, labels: Tensor, down: Tensor, recipe: Recipe, rng: np.random.Generator
) -> Tensor:
    mixed = rng.random() < recipe.mixed
    share = float(rng.beta(recipe.mixing, recipe.mixing)) if mixed else 1.0
    other = torch.from_numpy(rng.permutation(len(labels))) if mixed else torch.arange(len(labels))
    if mixed:
        maps = share * maps + (1 - share) * maps[other]
    vectors, up = tail(maps)
    vectors = functional.normalize(vectors, dim=1)
    cosines = vectors @ functional.normalize(anchors, dim=1).T

    def apart(to: Tensor) -> Tensor:
        margins = recipe.margin * functional.one_hot(to, cosines.shape[1])
        return functional.cross_entropy((cosines - margins) * recipe.scale, to, label_smoothing=recipe.smoothing)

    loss = share * apart(labels) + (1 - share) * apart(labels[other]) if mixed else apart(labels)
    known = down >= 0
    if recipe.up and bool(known.any()):
        weights = torch.where(known, 1.0, 0.0)
        each = functional.cross_entropy(up, down.clamp(min=0), reduction="none")
        crossed = functional.cross_entropy(up, down[other].clamp(min=0), reduction="none")
        both = share * each * weights + (1 - share) * crossed * weights[other]
        loss = loss + recipe.up * both.sum() / len(labels)
    if recipe.contrast and not mixed:
        loss = loss + recipe.contrast * _contrast(vectors, labels)
    return loss


def _contrast(vectors: Tensor, labels: Tensor, temperature: float = 0.1) -> Tensor:
    """Supervised contrastive loss (Khosla and others, 2020) of the pictures that have a fellow in the batch."""
    itself = torch.eye(len(labels), dtype=torch.bool)
    alike = (labels[:, None] == labels[None]) & ~itself
    logits = (vectors @ vectors.T / temperature).masked_fill(itself, -1e9)
    shares = functional.log_softmax(logits, dim=1)
    fellows = alike.sum(1)
    paired = fellows > 0
    if not bool(paired.any()):
        return vectors.new_zeros(())
    return -((shares * alike).sum(1)[paired] / fellows[paired]).mean()


def vectors(tail: Tail | Tails, maps: Maps, batch: int = 64) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return embeddings of length one, and the probability of lying upside down."""
    found, down = [], []
    with torch.inference_mode():
        for start in range(0, len(maps), batch):
            part = torch.from_numpy(np.array(maps[start : start + batch])).float().permute(0, 3, 1, 2)
            vector, up = tail(part)
            found.append(functional.normalize(vector, dim=1).numpy())
            down.append(functional.softmax(up, dim=1)[:, 1].numpy())
    return np.concatenate(found), np.concatenate(down)
