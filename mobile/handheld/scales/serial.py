"""A scale on a serial port, or on an adapter that looks like one (USB, Bluetooth's rfcomm)."""

from serial import Serial

from handheld.scales.scale import Line

WAIT_SECONDS = 0.25


def serial_line(port: str, baud: int = 9600) -> Line:
    """Open a port; `OSError` says that there is none, or that it isn't ours to open."""
    line: Line = Serial(port, baud, timeout=WAIT_SECONDS, write_timeout=WAIT_SECONDS)
    return line
