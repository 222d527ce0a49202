"""Text in pictures by RapidOCR (PaddleOCR's models in its wheel): there where the extra `print` is installed."""

import asyncio
import importlib
import io
import threading
from typing import Any

import numpy as np
import structlog
from PIL import Image, ImageOps

LOG = structlog.get_logger()
PACKAGE = "rapidocr_onnxruntime"
SIDE_MAX = 1600
"""Pixels of the longer side that are read: print that fills a finder is large enough then."""
SURE = 0.5
"""Lines that are less surely read are left out."""


class Ocr:
    """Reads one picture at a time, beside everything else; its models are loaded for the first one."""

    def __init__(self, package: str = PACKAGE) -> None:
        self._package = package
        self._lock = threading.Lock()
        self._engine: Any = None
        self._absent = False

    async def __call__(self, content: bytes) -> list[str] | None:
        """Return the lines of text in a picture, from the top; None where nothing reads print."""
        return await asyncio.to_thread(self._read, content)

    def _read(self, content: bytes) -> list[str] | None:
        with self._lock:
            if self._engine is None and not self._absent:
                self._load()
            if self._absent:
                return None
            with Image.open(io.BytesIO(content)) as file:
                picture = ImageOps.exif_transpose(file).convert("RGB")
            picture.thumbnail((SIDE_MAX, SIDE_MAX))
            found, _ = self._engine(np.asarray(picture)[:, :, ::-1])
        return [str(text) for _, text, sure in found or () if float(sure) >= SURE]

    def _load(self) -> None:
        try:
            package = importlib.import_module(self._package)
        except (ImportError, OSError) as fault:  # without the extra, or without the libGL that OpenCV wants
            LOG.warning("print is not read", why=str(fault))
            self._absent = True
            return
        # one thread: a picture may take its time, what is sold meanwhile may not
        self._engine = package.RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
