"""Goods of one brand and style, as the catalogue says: told on every device of the network, settled by the barcode."""

from datetime import UTC, datetime

import pytest

from handheld.outbox.samples import Samples
from handheld.vision.proposal import Source
from handheld.vision.settling import By
from handheld.vision.sight import Sight
from tests.handheld.client.pda import device
from tests.handheld.screens.window.goods import NOODLES, WATER, jpeg, shot
from tests.handheld.vision.seeing import recogniser

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
LOOKS = {"HUSH": WATER, "PUFF": NOODLES}
"""What is photographed of each: they look nothing alike, and their names have nothing in common."""


@pytest.fixture
async def pda(desk, tmp_path):
    async with device(tmp_path, desk, f"EYE-{desk.name}") as pda:
        await pda.exchange()
        yield pda


async def said(desk, pda, reference, name, **more):
    """Have an item registered, and the device hear of it."""
    await desk.served.register(
        "registerItems", {"externalReference": reference, "name": name, "baseUnit": "pack"} | more
    )
    await pda.exchange()


async def test_brand_and_style_of_the_catalogue_become_a_warning_that_a_barcode_settles(desk, pda, tmp_path):
    await said(desk, pda, "HUSH", "纸尿裤 大包")
    await said(desk, pda, "PUFF", "Night nappies")
    sight = Sight(lambda _: recogniser(tmp_path, pda.replica), lambda: tmp_path, Samples(tmp_path / "s"), lambda: NOW)
    for item, look in LOOKS.items():
        sight.enrol(item, [shot(look, noise) for noise in range(3)])

    def looked():
        return sight.recognise(jpeg(shot(LOOKS["HUSH"], 50)))

    assert (looked().said.filled, looked().said.alike) == ("HUSH", ())
    await said(desk, pda, "HUSH", "纸尿裤 大包", brand="帮宝适", style="一级帮", size="L 52")
    await said(desk, pda, "PUFF", "Night nappies", brand="帮宝适", style="一级 帮", size="XL 48")
    seen = looked()
    assert seen.said.filled == "", "nothing is filled in that another code may be"
    assert [(each.item, each.sources) for each in seen.said.alike] == [("PUFF", {Source.CATALOGUE})]
    assert pda.replica.item("PUFF").size == "XL 48"
    sight.settle(seen, "PUFF", By.BARCODE)
    assert {each.item: each.sources for each in looked().said.alike}["PUFF"] == {Source.CATALOGUE, Source.CORRECTIONS}
    await said(desk, pda, "PUFF", "Night nappies", style="")
    assert [each.sources for each in looked().said.alike] == [{Source.CORRECTIONS}]
    sight.close()
