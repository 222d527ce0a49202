"""A scale that isn't there: it speaks a format over a pseudo-terminal, so that everything but the steel is real."""

import os
import pty
import threading
import time
import tty
from decimal import Decimal

PAUSE_SECONDS = 0.05


def frame(name: str, weight: Decimal, *, stable: bool = True) -> bytes:
    r"""Return the frame by which a scale of a format says a weight in kilograms.

    >>> frame("XK3190", Decimal("1.234")), frame("A&D", Decimal("0.5"), stable=False)
    (b'\x02+00123431C\x03', b'US,+0000.500  kg\r\n')
    """
    match name:
        case "SICS":
            return f"S {'S' if stable else 'D'} {weight:10.3f} kg\r\n".encode()
        case "A&D":
            return f"{'ST' if stable else 'US'},{weight:+09.3f}  kg\r\n".encode()
        case "XK3190":
            payload = f"{int(weight * 1000):+07d}3".encode()
            check = 0
            for byte in payload:
                check ^= byte
            return b"\x02" + payload + f"{check:02X}".encode() + b"\x03"
    raise ValueError(f"no format {name}")


class Simulator:
    """Sends what lies on its pan, again and again, on the serial port `port`."""

    def __init__(self, name: str, weight: Decimal = Decimal(0)) -> None:
        self._name = name
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self.weight, self.stable = weight, True
        self._open = True
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Pull the plug."""
        if not self._open:
            return
        self._open = False
        self._thread.join(2)
        os.close(self._master)
        os.close(self._slave)

    def _send(self) -> None:
        while self._open:
            os.write(self._master, frame(self._name, self.weight, stable=self.stable))
            time.sleep(PAUSE_SECONDS)
