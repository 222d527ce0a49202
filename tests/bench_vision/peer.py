"""Runs a model by one runtime over prepared pictures: `python -m tests.bench_vision.peer MODEL RUNTIME IN.npy OUT.npz`.

For interpreters in which nothing but the device's packages is installed.
"""

import sys
import time
from pathlib import Path

import numpy as np

from handheld.vision.absent import Absent
from handheld.vision.model import read
from handheld.vision.runtime import begun


def ran(folder: Path, name: str, pictures: np.ndarray) -> dict[str, np.ndarray]:
    """Return embeddings, orientations, and milliseconds of wall and CPU for each picture, on one thread."""
    model = read(folder)
    if isinstance(model, Absent):
        sys.exit(repr(model))
    runtime = begun(model, (name,), threads=1)
    if isinstance(runtime, Absent):
        sys.exit(repr(runtime))
    runtime.run(pictures[0])
    rows = []
    for picture in pictures:
        wall, cpu = time.perf_counter(), time.process_time()
        embedding, orientation = runtime.run(picture)
        rows.append((embedding, orientation, time.perf_counter() - wall, time.process_time() - cpu))
    return {
        "embedding": np.stack([row[0] for row in rows]),
        "orientation": np.stack([row[1] for row in rows]),
        "wall": np.array([1000 * row[2] for row in rows]),
        "cpu": np.array([1000 * row[3] for row in rows]),
    }


if __name__ == "__main__":
    np.savez(sys.argv[4], **ran(Path(sys.argv[1]), sys.argv[2], np.load(sys.argv[3])))  # type: ignore[arg-type]
