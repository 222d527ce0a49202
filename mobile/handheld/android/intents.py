"""Scans that come as broadcasts: told to Python by our own receiver, whatever the maker."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from jnius import PythonJavaClass, java_method

from handheld.android.jni import activity, java
from handheld.scan.scan import Scan
from handheld.scan.vendors import Broadcast, profiles, scanned


class _Heard(PythonJavaClass):  # type: ignore[misc]
    __javainterfaces__ = ("app/stockbook/handheld/Heard",)
    __javacontext__ = "app"

    def __init__(self, heard: Callable[[str, str], None]) -> None:
        super().__init__()
        self._heard = heard

    @java_method("(Ljava/lang/String;Ljava/lang/String;)V")  # type: ignore[untyped-decorator]
    def heard(self, source: str, extras: str) -> None:
        """Be told, on the receiver's thread."""
        self._heard(source, extras)


class Intents:
    """Listens to every maker's scanner service at once: a device says by which it speaks.

    `receive` is called on the receiver's thread.
    """

    def __init__(self, receive: Callable[[Scan], None], now: Callable[[], float]) -> None:
        self._known = profiles(activity().getPackageName())
        self._receive = receive
        self._now = now
        self._heard = _Heard(self._taken)  # Java holds it weakly
        actions = [profile.action for profile in self._known]
        self._receiver = java("app.stockbook.handheld.Scans")(activity(), actions, self._heard)

    def start(self) -> None:
        """Listen, and tell the services that we do."""
        self._receiver.start()
        for profile in self._known:
            for broadcast in profile.begin:
                send(broadcast)

    def stop(self) -> None:
        """Give the scanner back."""
        for profile in self._known:
            for broadcast in profile.end:
                send(broadcast)
        self._receiver.stop()

    def _taken(self, action: str, extras: str) -> None:
        scan = scanned(self._known, action, json.loads(extras), self._now())
        if scan is not None:
            self._receive(scan)


def send(broadcast: Broadcast) -> None:
    """Send an intent."""
    intent = java("android.content.Intent")(broadcast.action)
    if broadcast.package:
        intent.setPackage(broadcast.package)
    intent.putExtras(bundle(broadcast.extras))
    activity().sendBroadcast(intent)


def bundle(extras: Mapping[str, Any]) -> Any:
    """Return nested mappings as bundles, lists of mappings as lists of bundles, lists of texts as arrays of texts."""
    made = java("android.os.Bundle")()
    for name, value in extras.items():
        match value:
            case bool():
                made.putBoolean(name, value)
            case int():
                made.putInt(name, value)
            case str():
                made.putString(name, value)
            case Mapping():
                made.putBundle(name, bundle(value))
            case [str(), *_]:
                made.putStringArray(name, value)
            case _:
                several = java("java.util.ArrayList")()
                for each in value:
                    several.add(bundle(each))
                made.putParcelableArrayList(name, several)
    return made
