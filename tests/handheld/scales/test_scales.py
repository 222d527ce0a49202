"""Scales: what each maker's bytes say, torn lines, pulled plugs; over a pseudo-terminal as over a cable."""

import queue
import re
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handheld.scales.formats import formats
from handheld.scales.scale import Frames, Scale
from handheld.scales.serial import serial_line
from handheld.scales.simulator import Simulator, frame
from handheld.scales.weight import Trouble

TABLE = [
    [cell.strip() for cell in line.split("|")]
    for line in (Path(__file__).parent / "said.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
NAMES = sorted(formats())


def sent(text: str) -> bytes:
    return text.encode().decode("unicode_escape").encode("latin-1")


@pytest.mark.parametrize(("name", "said", "meant"), [(row[0], row[1], row[2:]) for row in TABLE])
def test_what_a_scale_sends_is_read_as_its_maker_means_it(name, said, meant):
    form = formats()[name]
    (whole,) = Frames(form.end).cut(form.end + sent(said))
    weight = form.read(whole)
    if meant[0] in {each.name for each in Trouble}:
        assert (weight.kilograms, weight.trouble) == (None, Trouble[meant[0]])
        return
    assert weight.trouble is None
    assert weight.kilograms == (None if meant[0] == "-" else Decimal(meant[0]))
    assert weight.stable == ("stable" in meant[1])
    assert weight.net == ("net" in meant[1])


WEIGHTS = st.decimals(min_value=0, max_value=999, places=3)


@given(st.sampled_from(NAMES), st.lists(WEIGHTS, min_size=2, max_size=8), st.data())
def test_however_the_line_tears_it_no_weight_is_lost_or_made_up(name, weights, data):
    form = formats()[name]
    flood = b"".join(frame(name, each) for each in weights)
    frames, found = Frames(form.end), []
    while flood:
        size = data.draw(st.integers(1, len(flood)))
        found += [form.read(each).kilograms for each in frames.cut(flood[:size])]
        flood = flood[size:]
    assert found == weights[1:], "the first may have been joined in its middle"


@given(st.sampled_from(NAMES), st.binary(max_size=300))
def test_noise_is_never_a_weight_that_could_be_booked(name, noise):
    form = formats()[name]
    for each in Frames(form.end).cut(form.end + noise + form.end):
        weight = form.read(each)
        assert weight.trouble is not None or not weight.stable or re.search(rb"\d", each)


def test_a_platform_is_at_rest_when_it_says_the_same_three_times():
    form = formats()["XK3190"]
    said = [Decimal(1), Decimal(2), Decimal(2), Decimal(2), Decimal(2), Decimal(3)]
    stable = [form.read(frame("XK3190", each)[:-1]).stable for each in said]
    assert stable == [False, False, False, True, True, False]


@pytest.mark.parametrize("name", NAMES)
def test_over_a_serial_line_the_weight_on_the_pan_arrives(name):
    simulator, heard = Simulator(name, Decimal("12.345")), queue.Queue()
    scale = Scale(serial_line(simulator.port), formats()[name], heard.put)
    try:
        assert arrived(heard, Decimal("12.345"))
        simulator.weight = Decimal("0.250")
        assert arrived(heard, Decimal("0.250"))
    finally:
        scale.close()
        simulator.close()


def test_a_pulled_plug_is_told_once():
    simulator, gone = Simulator("SICS"), queue.Queue()
    scale = Scale(serial_line(simulator.port), formats()["SICS"], lambda weight: None, lambda: gone.put(1))
    simulator.close()
    assert gone.get(timeout=10) == 1
    scale.close()
    assert gone.empty()


def arrived(heard: "queue.Queue", wanted: Decimal) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        weight = heard.get(timeout=20)
        if weight.stable and weight.kilograms == wanted:
            return True
    return False
