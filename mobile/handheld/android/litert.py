"""LiteRT's AAR: the interpreter of Java, fed with direct buffers.

The AAR is `com.google.ai.edge.litert:litert` of the line that has the
interpreter alone; its classes still bear TensorFlow's name.
"""

from typing import Any

import numpy as np

from handheld.android.jni import java
from handheld.vision.model import Model
from handheld.vision.picture import Pixels
from handheld.vision.runtime import Floats, Unfit, told_apart

FLOAT = 4
"""Bytes of a float32."""


class Aar:
    """Runs a model by LiteRT's interpreter for Java."""

    name = "litert-android"

    def __init__(self, model: Model, threads: int = 1) -> None:
        # setNumThreads is inherited from this class, and pyjnius finds it only when it has seen the class
        java("org.tensorflow.lite.InterpreterApi$Options")
        options = java("org.tensorflow.lite.Interpreter$Options")()
        options.setNumThreads(threads)
        self._interpreter = java("org.tensorflow.lite.Interpreter")(java("java.io.File")(str(model.path)), options)
        given = list(self._interpreter.getInputTensor(0).shape())
        if given != [1, model.size, model.size, 3]:
            raise Unfit(f"the input is {given}, not {model.size} pixels square")
        count = self._interpreter.getOutputTensorCount()
        last = [list(self._interpreter.getOutputTensor(at).shape())[-1] for at in range(count)]
        self._embedding, self._orientation = told_apart(last, model.dimensions)
        self._in = _buffer(model.size * model.size * 3)
        self._out = [_buffer(length) for length in last]

    def run(self, image: Pixels) -> tuple[Floats, Floats]:
        """Return embedding and orientation."""
        self._in.rewind()
        self._in.put(np.ascontiguousarray(image, "<f4").tobytes())
        self._in.rewind()
        outputs = java("java.util.HashMap")()
        for at, buffer in enumerate(self._out):
            buffer.rewind()
            outputs.put(at, buffer)
        self._interpreter.runForMultipleInputsOutputs([self._in], outputs)
        return self._read(self._embedding), self._read(self._orientation)

    def _read(self, at: int) -> Floats:
        buffer = self._out[at]
        buffer.rewind()
        got = bytearray(buffer.capacity())
        buffer.get(got)
        return np.frombuffer(got, "<f4").copy()


def _buffer(floats: int) -> Any:
    """Return a direct buffer of so many floats, in the order of bytes that every Android device has."""
    order = java("java.nio.ByteOrder").LITTLE_ENDIAN
    return java("java.nio.ByteBuffer").allocateDirect(floats * FLOAT).order(order)
