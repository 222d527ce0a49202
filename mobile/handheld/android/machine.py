"""Android as the machine that the screens ask: sound, motor, voice, a screen that stays on, scans by intent."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from android.runnable import run_on_ui_thread

from handheld.android.bluetooth import BluetoothLine, paired
from handheld.android.camera import AndroidCamera
from handheld.android.intents import Intents
from handheld.android.jni import activity, java, service
from handheld.android.speech import Voice
from handheld.scales.scale import Line
from handheld.scan.camera import Codes
from handheld.scan.scan import Scan
from handheld.voice.speech import Engine
from handheld.voice.tones import tone

KEEP_SCREEN_ON = 128
"""WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON"""
CAMERA = "android.hardware.camera"
"""PackageManager.FEATURE_CAMERA: at the back"""
MUSIC = 3
"""AudioManager.STREAM_MUSIC"""


class Android:
    """What a handheld does beside drawing."""

    def __init__(self) -> None:
        self.name = str(java("android.os.Build").MANUFACTURER)
        self.engines: Sequence[Engine] = (Voice(),)
        self._folder = Path(tempfile.mkdtemp(prefix="tones"))
        self._players: dict[str, Any] = {}
        self._motor = service("vibrator", "android.os.Vibrator")
        self._intents: Intents | None = None
        self._network = service("connectivity", "android.net.ConnectivityManager")
        self._sees = bool(activity().getPackageManager().hasSystemFeature(CAMERA))
        self._codes = Codes(time.monotonic)
        self._camera: AndroidCamera | None = None

    def beep(self, name: str, volume: float) -> None:
        """Sound a tone; its player is made once, so that it sounds at once."""
        if name not in self._players:
            path = self._folder / f"{name}.wav"
            path.write_bytes(tone(name))
            self._players[name] = _player(path)
        self._start(self._players[name], volume)

    def play(self, sound: bytes, volume: float) -> None:
        """Play a WAV file and return when it is heard."""
        path = self._folder / "prompt.wav"
        path.write_bytes(sound)
        player = _player(path)
        self._start(player, volume)
        time.sleep(player.getDuration() / 1000)
        player.release()

    def _start(self, player: Any, volume: float) -> None:
        player.setVolume(volume, volume)
        player.seekTo(0)
        player.start()

    def vibrate(self, pattern: tuple[int, ...]) -> None:
        """Vibrate: milliseconds on, off, on."""
        effect = java("android.os.VibrationEffect").createWaveform([0, *pattern], -1)
        self._motor.vibrate(effect)

    def awake(self, on: bool) -> None:
        """Keep the screen on, or let it go out."""
        _awake(on)

    def scans(self, receive: Callable[[Scan], None]) -> None:
        """Have every scan told that comes by intent, or is seen by the camera; from threads of their own."""
        self._codes.receive = receive
        self._intents = Intents(receive, time.monotonic)
        self._intents.start()

    @property
    def camera(self) -> AndroidCamera | None:
        """The camera at the back, where there is one; made when it is first asked for."""
        if self._sees and self._camera is None:
            self._camera = AndroidCamera(self._codes)
        return self._camera

    @property
    def unmetered(self) -> bool:
        """Whether the network in use is not paid by volume."""
        return not self._network.isActiveNetworkMetered()

    def scales(self) -> dict[str, str]:
        """Return what is paired by Bluetooth."""
        return paired()

    def line(self, address: str) -> Line:
        """Open the line to a paired scale."""
        return BluetoothLine(address)


@run_on_ui_thread  # type: ignore[untyped-decorator]
def _awake(on: bool) -> None:
    window = activity().getWindow()
    (window.addFlags if on else window.clearFlags)(KEEP_SCREEN_ON)


def _player(path: Path) -> Any:
    player = java("android.media.MediaPlayer")()
    player.setAudioStreamType(MUSIC)
    player.setDataSource(str(path))
    player.prepare()
    return player
