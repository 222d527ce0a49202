"""What a device is set to: how long and how much it may keep offline, and what it must be at least.

An organisation sets it for all its devices, and for one that differs.
"""

from dataclasses import dataclass

from stockbook.domain.capture.labels import Unknown

ENTRIES_MAX = 50_000
HOURS_MAX = 72
ANDROID, IOS = "ANDROID", "IOS"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one device.

    Attributes
    ----------
    entries_max, hours_max
        How many events, and for how long, a device keeps before it takes no more.
    app_min, android_min, ios_min
        The oldest versions that are good enough; empty: any.
    unknown_labels
        Whether labels that are not in the table are kept or refused.
    cache
        Whether the device may keep a replica to work with offline.
    """

    entries_max: int = ENTRIES_MAX
    hours_max: int = HOURS_MAX
    app_min: str = ""
    android_min: str = "12"
    ios_min: str = "16"
    unknown_labels: Unknown = Unknown.KEEP
    cache: bool = True


def below(settings: Settings, system: str, system_version: str, app_version: str) -> tuple[str, ...]:
    """Return what of a device is older than it must be: SYSTEM, APP.

    >>> below(Settings(app_min="1.10"), "ANDROID", "11", "1.9"), below(Settings(), "IOS", "16.2", "")
    (('SYSTEM', 'APP'), ())
    """
    least = {ANDROID: settings.android_min, IOS: settings.ios_min}.get(system, "")
    old = []
    if version(system_version) < version(least):
        old.append("SYSTEM")
    if version(app_version) < version(settings.app_min):
        old.append("APP")
    return tuple(old)


def version(text: str) -> tuple[int, ...]:
    """Return a version as numbers that compare; what is no number ends it.

    >>> version("12"), version("1.10.0-beta"), version(""), version("12.0") == version("12")
    ((12,), (1, 10), (), True)
    """
    numbers: list[int] = []
    for part in text.strip().split("."):
        digits = part[: next((at for at, letter in enumerate(part) if letter not in "0123456789"), len(part))]
        if digits:
            numbers.append(int(digits[:9]))
        if digits != part or not digits:
            break
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
