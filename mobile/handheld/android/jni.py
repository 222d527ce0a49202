"""Every Java class that we use, by name, in one place."""

from functools import cache
from typing import Any

from jnius import autoclass, cast


@cache
def java(name: str) -> Any:
    """Return a Java class; looking one up takes milliseconds, so each is kept."""
    return autoclass(name)


def activity() -> Any:
    """Return the activity that shows the app."""
    return java("org.kivy.android.PythonActivity").mActivity


def service(name: str, kind: str) -> Any:
    """Return a system service as the class that it is."""
    return cast(kind, activity().getSystemService(name))
