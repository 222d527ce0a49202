"""The version that lies beside the code."""

import json

from handheld.vision import model as device
from stockbook.vision import release


def test_the_shipped_model_is_whole_and_small_and_says_what_it_is_made_of():
    folder = device.SHIPPED
    found = device.read(folder)
    assert isinstance(found, device.Model), found
    assert (folder / "sku.tflite").stat().st_size < release.BYTES_MAX
    assert "Apache License 2.0" in (folder / "NOTICE.md").read_text()
    metrics = json.loads((folder / "sku.json").read_text())["metrics"]
    assert metrics["top1"] > 0.88
    assert metrics["cartons_top1"] > 0.94
