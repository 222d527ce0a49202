"""The scale beside the device: its resting weights become quantities, each once."""

from collections.abc import Callable
from decimal import Decimal

from handheld.scales.formats import formats
from handheld.scales.scale import Line, Scale
from handheld.scales.weight import Weight

Told = Callable[[Decimal], None]


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
        self._scale: Scale | None = None

    def listen(self, line: Line, form: str, gone: Callable[[], None]) -> None:
        """Listen to a scale that speaks a format."""
        self.close()
        self._last, self.latest = Decimal(0), None
        self._scale = Scale(line, formats()[form], self.heard, gone)

    def close(self) -> None:
        """Listen no more."""
        if self._scale is not None:
            self._scale.close()
            self._scale = None

    def heard(self, weight: Weight) -> None:
        """Take what the scale says; from its thread."""
        self.latest = weight
        if weight.kilograms is None or not weight.stable or weight.kilograms == self._last:
            return
        self._last = weight.kilograms
        if weight.kilograms > 0:
            self._told(weight.kilograms)
