"""The scale on the gateway's own port: over a pseudo-terminal as over a cable, unplugged and plugged in again."""

import time
from decimal import Decimal

import pytest

from handheld.gateway import weighing
from handheld.gateway.weighing import Scale
from handheld.scales.serial import serial_line
from handheld.scales.simulator import Simulator

SECONDS_MAX = 60


def until(scale, said):
    """Wait until the scale says so."""
    end = time.monotonic() + SECONDS_MAX
    while scale.at_rest() != said:
        assert time.monotonic() < end, scale.at_rest()
        time.sleep(0.01)


@pytest.fixture
def plugged(monkeypatch):
    """Which scale is at the end of the cable, None while it is unplugged."""
    monkeypatch.setattr(weighing, "AGAIN_SECONDS", 0.05)
    there = [Simulator("SICS", Decimal("1.25"))]
    yield there
    for each in there:
        if each is not None:
            each.close()


def test_only_a_weight_at_rest_that_was_said_just_now_is_one(plugged, monkeypatch):
    scale = Scale(plugged[0].port, "SICS")
    until(scale, "1.250")
    plugged[0].stable = False
    until(scale, "")
    plugged[0].stable, plugged[0].weight = True, Decimal("0.4")
    until(scale, "0.400")
    plugged[0].weight = Decimal("-0.1")
    until(scale, "")
    plugged[0].weight = Decimal("2")
    until(scale, "2.000")
    monkeypatch.setattr(weighing, "FRESH_SECONDS", -1.0)
    assert scale.at_rest() == "", "the line hangs"
    scale.close()


def test_a_scale_that_was_unplugged_is_listened_to_again(plugged):
    def opened(_port):
        if plugged[0] is None:
            raise OSError("no such port")
        return serial_line(plugged[0].port)

    scale = Scale("/dev/scale", "SICS", opened)
    until(scale, "1.250")
    gone, plugged[0] = plugged[0], None
    gone.close()
    until(scale, "")
    plugged[0] = Simulator("SICS", Decimal("3"))
    until(scale, "3.000")
    scale.close()
