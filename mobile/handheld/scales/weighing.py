"""The scale beside the device: its resting weights become quantities, each once."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from handheld.scales.formats import formats
from handheld.scales.scale import Line, Scale
from handheld.scales.weight import Weight

Told = Callable[[Decimal], None]


class Choice(NamedTuple):
    """A scale and how it speaks; without an address none."""

    address: str
    name: str
    form: str


class Weighing:
    """One scale at a time; a weight is told when the pan has come to rest with something else on it.

    >>> told = []
    >>> weighing = Weighing(told.append)
    >>> resting = Weight(Decimal("1.25"), stable=True)
    >>> for weight in (resting, resting, Weight(Decimal(0), stable=True), resting, Weight(Decimal("1.3"))):
    ...     weighing.heard(weight)
    >>> told
    [Decimal('1.25'), Decimal('1.25')]
    """

    def __init__(self, told: Told) -> None:
        self._told = told
        self._last = Decimal(0)
        self.latest: Weight | None = None
        """What the scale said last, at rest or not."""
        self._heard_at = float("-inf")
        self.chosen: Choice | None = None
        """The scale that is listened to; None once it is gone."""
        self._scale: Scale | None = None

    def choose(self, choice: Choice, opened: Callable[[str], Line]) -> bool:
        """Listen to another scale, or to none; say whether it answers. `opened` opens the line to an address."""
        self.close()
        if not choice.address:
            return True
        try:
            line = opened(choice.address)
        except OSError:
            return False
        self._last, self.latest, self.chosen = Decimal(0), None, choice
        self._scale = Scale(line, formats()[choice.form], self.heard, self._gone)
        return True

    def close(self) -> None:
        """Listen no more."""
        self.chosen = None
        if self._scale is not None:
            self._scale.close()
            self._scale = None

    def heard(self, weight: Weight) -> None:
        """Take what the scale says; from its thread."""
        self.latest, self._heard_at = weight, time.monotonic()
        if weight.kilograms is None or not weight.stable or weight.kilograms == self._last:
            return
        self._last = weight.kilograms
        if weight.kilograms > 0:
            self._told(weight.kilograms)

    @property
    def silent_seconds(self) -> float:
        """How long ago the scale said anything."""
        return time.monotonic() - self._heard_at

    def _gone(self) -> None:
        self.chosen = None
