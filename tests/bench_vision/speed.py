"""What a picture costs on one thread, by each runtime that can be had here; what a model and a gallery weigh.

Wall time on a busy machine is the machine's; CPU time is the runtime's.
"""

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from handheld.vision.picture import cropped
from tests.bench.figures import Figure
from tests.bench_vision.environment import environment, tflite_runtime
from tests.bench_vision.peer import ran
from tests.bench_vision.stage import Stage, image

PICTURES = 60
MEGABYTES_MAX = 10


def figures(stage: Stage) -> list[Figure]:
    """Measure."""
    asked = stage.pictures("test")
    some = asked[:: max(1, len(asked) // PICTURES)][:PICTURES]
    given = np.concatenate([cropped(image(each), stage.model.size, stage.model.crops) for each in some])
    ours = ran(stage.model.path.parent, "ai-edge-litert", given)
    found = [*_spent(stage, "ai-edge-litert", ours, 20), *_old(stage, given, ours), *_whole(stage)]
    size = stage.model.path.stat().st_size
    bytes_ = stage.model.dimensions * 2
    return [
        *found,
        Figure("size.model", size / 1e6, MEGABYTES_MAX, "MB", note="a device keeps two"),
        Figure("size.vector", bytes_, None, "B", note="a photograph in the gallery, beside the kept picture"),
    ]


def _spent(stage: Stage, name: str, said: dict[str, np.ndarray], limit: float | None) -> list[Figure]:
    crops = len(stage.model.crops)
    wall, cpu = (np.median(said[clock].reshape(-1, crops).sum(axis=1)) for clock in ("wall", "cpu"))
    note = f"p50 of {len(said['cpu']) // crops} pictures in {crops} crops, one thread"
    return [
        Figure(f"speed.{name}.cpu", float(cpu), limit, "ms", note=note),
        Figure(f"speed.{name}.wall", float(wall), None, "ms", note="p50, on the machine as it was"),
    ]


def _old(stage: Stage, given: np.ndarray, ours: dict[str, np.ndarray]) -> list[Figure]:
    """Measure tflite-runtime in its own environment, and how far its answers are from LiteRT's."""
    python = tflite_runtime()
    if isinstance(python, str):
        return [Figure("speed.tflite-runtime.measured", 0, None, "", note=python)]
    with tempfile.TemporaryDirectory(prefix="vision") as name:
        pictures, out = Path(name) / "pictures.npy", Path(name) / "out.npz"
        np.save(pictures, given)
        command = [python, "-m", "tests.bench_vision.peer", stage.model.path.parent, "tflite-runtime", pictures, out]
        subprocess.run([*map(str, command)], check=True, env=environment(), capture_output=True)
        with np.load(out) as said:
            theirs = {name: said[name] for name in said.files}
    one, other = (
        each["embedding"] / np.linalg.norm(each["embedding"], axis=1, keepdims=True) for each in (ours, theirs)
    )
    cosine = (one * other).sum(axis=1)
    return [
        *_spent(stage, "tflite-runtime", theirs, None),
        Figure(
            "speed.tflite-runtime.alike", float(cosine.min()), None, "", note="least cosine with LiteRT's embedding"
        ),
    ]


def _whole(stage: Stage) -> list[Figure]:
    """Measure from the file to the proposal, with the whole gallery."""
    asked = stage.pictures("test")[:PICTURES]
    spent = []
    with stage.whole() as device:
        for each in asked:
            begun = time.process_time()
            device.recognise(image(each))
            spent.append(1000 * (time.process_time() - begun))
    note = "p50 CPU: opened, prepared, run, compared with the whole gallery, warned"
    return [Figure("speed.whole", float(np.median(spent)), None, "ms", note=note)]
