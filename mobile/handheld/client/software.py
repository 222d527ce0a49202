"""What the device runs, as it reports it."""

import platform
from typing import NamedTuple

from handheld import VERSION


class Software(NamedTuple):
    """The version of the app, and that of the system: on Android its release."""

    app: str
    system: str


def running() -> Software:
    """Return what runs here.

    >>> running().app
    '0.1.0'
    """
    android = getattr(platform, "android_ver", None)  # from Python 3.13 on
    release = android().release if android is not None else ""
    return Software(VERSION, release or platform.release())
