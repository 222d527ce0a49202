"""An operator publishes from the command line, as it is typed, and reads one clear sentence when it can't be."""

import json

import pytest

from tests.recognition.shop import manifest, model
from tests.recognition.test_review import typed


@pytest.fixture
def folder(tmp_path):
    def made(version, seed, **figures):
        place = tmp_path / version
        place.mkdir()
        (place / "sku.tflite").write_bytes(model(seed))
        (place / "sku.json").write_text(json.dumps(manifest(version, model(seed), **figures)))
        return str(place)

    return made


async def type_(desk, *words):
    import asyncio  # noqa: PLC0415

    return await asyncio.to_thread(typed, desk, *words)


async def test_an_operator_publishes_rolls_out_and_is_told_what_is_wrong(desk, folder, tmp_path):
    own = ("--organisation", desk.name, "--address", desk.served.address)
    done = await type_(desk, "publish", folder("A", 1), *own, "--percent", "20")
    assert done.returncode == 0, done.stderr
    assert "Version A is published on channel stable" in done.stdout and "20 devices in a hundred" in done.stdout
    done = await type_(desk, "publish", folder("B", 2, top1=0.5), *own)
    assert done.returncode == 1 and "MODEL_NOT_BETTER" in done.stderr and "Traceback" not in done.stderr
    done = await type_(desk, "publish", str(tmp_path / "B"), *own, "--reason", "for the test")
    assert done.returncode == 0, done.stderr
    data = await desk.read("{ modelVersions(sort: [VERSION_ASC]) { nodes { version state percent reason network } } }")
    assert [tuple(each.values()) for each in data["modelVersions"]["nodes"]] == [
        ("A", "ROLLING", 20, "", False),
        ("B", "PUBLISHED", 0, "for the test", False),
    ]


async def test_what_can_not_be_published_is_said_in_a_sentence(desk, folder, tmp_path):
    own = ("--organisation", desk.name, "--address", desk.served.address)
    torn = folder("C", 3)
    (tmp_path / "C" / "sku.tflite").write_bytes(model(4))
    for words, said in (
        ((torn, *own), "is not the file that sku.json names"),
        ((str(tmp_path / "nowhere"), *own), "can't be read"),
        ((folder("D", 5), "--organisation", desk.name, "--address", "http://127.0.0.1:9"), "no server answers"),
        ((folder("E", 6), "--organisation", "NOBODY", "--address", desk.served.address), "no organisation NOBODY"),
    ):
        done = await type_(desk, "publish", *words)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert said in " ".join(done.stderr.split())
