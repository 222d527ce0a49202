"""A Bluetooth scale as a line: the serial port profile of a device that was paired in Android's settings."""

from handheld.android.jni import java

SERIAL_PORT = "00001101-0000-1000-8000-00805F9B34FB"


def paired() -> dict[str, str]:
    """Return the names of paired devices by their addresses."""
    adapter = java("android.bluetooth.BluetoothAdapter").getDefaultAdapter()
    if adapter is None or not adapter.isEnabled():
        return {}
    return {str(each.getAddress()): str(each.getName()) for each in adapter.getBondedDevices().toArray()}


class BluetoothLine:
    """Bytes to and from a paired scale."""

    def __init__(self, address: str) -> None:
        adapter = java("android.bluetooth.BluetoothAdapter").getDefaultAdapter()
        uuid = java("java.util.UUID").fromString(SERIAL_PORT)
        self._socket = adapter.getRemoteDevice(address).createRfcommSocketToServiceRecord(uuid)
        try:
            self._socket.connect()
        except Exception as error:  # pyjnius raises JavaException for every Java exception
            raise OSError(f"the scale {address} does not answer") from error
        self._in, self._out = self._socket.getInputStream(), self._socket.getOutputStream()

    def read(self, size: int) -> bytes:
        """Return what came, at least a byte; a cut line is an OSError."""
        try:
            first = self._in.read()
            if first < 0:
                raise OSError("the scale has gone")
            waiting = min(self._in.available(), size - 1)
            return bytes([first, *(self._in.read() for _ in range(waiting))])
        except OSError:
            raise
        except Exception as error:
            raise OSError("the scale has gone") from error

    def write(self, sent: bytes) -> None:
        """Send."""
        try:
            self._out.write(sent)
        except Exception as error:
            raise OSError("the scale has gone") from error

    def close(self) -> None:
        """Close the socket; a read under way ends."""
        self._socket.close()
