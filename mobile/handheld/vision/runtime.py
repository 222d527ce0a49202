"""One seam to what runs the model: LiteRT on the desktop, its predecessor where numpy is old, LiteRT's AAR on Android.

Each is tried in order; what can't be had here is passed over, and when none is
left that is said as a value.
"""

import importlib
import os
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from handheld.vision.absent import Absent, Why
from handheld.vision.model import Model
from handheld.vision.picture import Pixels

Floats = NDArray[np.float32]
TURNS = 2
"""Logits of the orientation: upright, upside down. Outputs are told apart by this, their names survive badly."""


class Unfit(ValueError):
    """The file isn't of the form that we run."""


class Runtime(Protocol):
    """Something that runs a model."""

    @property
    def name(self) -> str:
        """What it is, for the log and the benchmark."""

    def run(self, image: Pixels) -> tuple[Floats, Floats]:
        """Return the embedding as the model gives it, and the logits of the orientation."""


class Interpreted:
    """Runs a model by TensorFlow Lite's interpreter for Python, from whichever package it comes."""

    def __init__(self, name: str, interpreter: Any, model: Model) -> None:
        self.name = name
        self._interpreter = interpreter
        interpreter.allocate_tensors()
        (given,), outputs = interpreter.get_input_details(), interpreter.get_output_details()
        wanted = (1, model.size, model.size, 3)
        if tuple(map(int, given["shape"])) != wanted or given["dtype"] != np.float32:
            raise Unfit(f"the input is {given['shape']} of {given['dtype']}, not {wanted} of float32")
        self._given = given["index"]
        self._embedding, self._orientation = (
            outputs[at]["index"] for at in told_apart([int(each["shape"][-1]) for each in outputs], model.dimensions)
        )

    def run(self, image: Pixels) -> tuple[Floats, Floats]:
        """Return embedding and orientation."""
        self._interpreter.set_tensor(self._given, image[None])
        self._interpreter.invoke()
        return (
            np.array(self._interpreter.get_tensor(self._embedding)[0], np.float32),
            np.array(self._interpreter.get_tensor(self._orientation)[0], np.float32),
        )


def told_apart(last: list[int], dimensions: int) -> tuple[int, int]:
    """Return which output is the embedding and which the orientation, by their last dimensions.

    >>> told_apart([2, 256], 256), told_apart([256, 2], 256)
    ((1, 0), (0, 1))
    """
    if sorted(last) != sorted((dimensions, TURNS)) or dimensions == TURNS:
        raise Unfit(f"the outputs have {last} numbers, not {dimensions} and {TURNS}")
    return last.index(dimensions), last.index(TURNS)


def _python(module: str, name: str) -> Callable[[Model, int], Runtime]:
    def begin(model: Model, threads: int) -> Runtime:
        interpreter = importlib.import_module(f"{module}.interpreter").Interpreter
        return Interpreted(name, interpreter(model_path=str(model.path), num_threads=threads), model)

    return begin


def _android(model: Model, threads: int) -> Runtime:
    if "ANDROID_ARGUMENT" not in os.environ:
        raise ImportError("this is no Android device")
    from handheld.android.litert import Aar  # noqa: PLC0415  # there is nothing of it elsewhere

    return Aar(model, threads)


RUNTIMES: dict[str, Callable[[Model, int], Runtime]] = {
    "litert-android": _android,
    "ai-edge-litert": _python("ai_edge_litert", "ai-edge-litert"),
    "tflite-runtime": _python("tflite_runtime", "tflite-runtime"),
}
"""In the order in which they are tried."""


def begun(model: Model, names: tuple[str, ...] = tuple(RUNTIMES), threads: int = 1) -> Runtime | Absent:
    """Return the first runtime that runs the model here, or why none does."""
    failed = []
    for name in names:
        try:
            return RUNTIMES[name](model, threads)
        except Unfit as fault:
            return Absent(Why.BAD_MODEL, str(fault))
        except Exception as fault:  # beside another numpy a SystemError, without a library an OSError, in Java any
            failed.append(f"{name}: {fault!r}")
    return Absent(Why.NO_RUNTIME, "; ".join(failed))
