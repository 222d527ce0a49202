"""From the network to .tflite files, by plain TensorFlow operations with the means folded in."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stockbook.vision.learning.network import MEAN, SPREAD, Backbone, Block, Conv
from stockbook.vision.learning.tail import Tail, Tails, third
from stockbook.vision.views import Pixels

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf  # it reads its environment when it loads


def trunk(backbone: Backbone, size: int) -> bytes:
    """Return the part that doesn't learn, in float32: LiteRT runs it in half PyTorch's time."""
    return bytes(_converter(lambda image: _trunk(backbone, image), size).convert())


def version(backbone: Backbone, tails: Tails, size: int, form: str, examples: Sequence[Pixels]) -> bytes:
    """Return the file that ships: image 0..255 in, embedding and orientation out, float32 all of them.

    `examples` are pictures by which int8 takes the ranges of the maps.
    """
    converter = _converter(lambda image: _answers(tails, _trunk(backbone, image)), size)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    else:
        converter.representative_dataset = lambda: _fed(examples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it asks for ranges although it takes them from the examples
        return bytes(converter.convert())


def _converter(answered: Callable[[Any], Any], size: int) -> Any:
    signature = [tf.TensorSpec([1, size, size, 3], tf.float32, name="image")]
    traced = tf.function(answered, input_signature=signature, autograph=False).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([traced])


def _trunk(backbone: Backbone, image: Any) -> Any:
    maps = tf.nn.relu6(_convolved((image - MEAN) * (1 / SPREAD), backbone.stem))
    for block in backbone.trunk:
        maps = _passed(maps, block)
    return maps


def _answers(tails: Tails, maps: Any) -> dict[str, Any]:
    embeddings, ups = zip(*(_answer(tail, maps) for tail in tails.each), strict=True)
    if len(ups) == 1:
        return {"embedding": embeddings[0], "orientation": ups[0]}
    return {"embedding": tf.concat(embeddings, 1), "orientation": tf.add_n(ups) / len(ups)}


def _answer(tail: Tail, maps: Any) -> tuple[Any, Any]:
    for block in tail.blocks:
        maps = _passed(maps, block)
    maps = tf.nn.relu6(_convolved(maps, tail.head))
    rows = third(int(maps.shape[1]))
    ends = [tf.reduce_mean(maps[:, :rows], [1, 2]), tf.reduce_mean(maps[:, -rows:], [1, 2])]
    return _linear(tf.reduce_mean(maps, [1, 2]), tail.embed), _linear(tf.concat(ends, 1), tail.up)


def _passed(maps: Any, block: Any) -> Any:
    assert isinstance(block, Block)
    inner = maps if block.expand is None else tf.nn.relu6(_convolved(maps, block.expand))
    inner = _convolved(tf.nn.relu6(_convolved(inner, block.around)), block.narrow)
    return maps + inner if block.adds else inner


def _convolved(maps: Any, conv: Conv) -> Any:
    weight, bias = (part.detach().numpy() for part in conv.folded())
    if conv.groups > 1:
        kernel = np.transpose(weight, (2, 3, 0, 1))
        out = tf.nn.depthwise_conv2d(maps, kernel, [1, conv.stride, conv.stride, 1], "SAME")
    else:
        out = tf.nn.conv2d(maps, np.transpose(weight, (2, 3, 1, 0)), conv.stride, "SAME")
    return tf.nn.bias_add(out, bias)


def _linear(values: Any, layer: torch.nn.Linear) -> Any:
    return tf.linalg.matmul(values, layer.weight.detach().numpy().T) + layer.bias.detach().numpy()


def _fed(examples: Sequence[Pixels]) -> Iterator[list[NDArray[np.float32]]]:
    for example in examples:
        yield [example[None].astype(np.float32)]
