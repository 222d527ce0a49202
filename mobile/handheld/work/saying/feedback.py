"""The answer to a scan, as a value: what is said, shown, sounded and felt, and whether the scan was stopped.

The screens draw it, the voice speaks it; nothing here knows how. Never colour
alone: each tone has a shape of its own.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from handheld.work.saying.words import Sentence


class Beep(Enum):
    """The three sounds."""

    OK = "ok"
    WARN = "warn"
    NO = "no"


class Colour(Enum):
    """The colour by its word; the theme says which green that is."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BLUE = "blue"


class Shape(Enum):
    """What is seen beside the colour by whoever doesn't tell colours apart."""

    TICK = "tick"
    TRIANGLE = "triangle"
    CROSS = "cross"
    ARROW = "arrow"


class Lift(Enum):
    """How a block ends. Whichever it is, the next scan is always taken."""

    RESCAN = "rescan"
    """Only by scanning something else: what was scanned will never do."""
    FORCE = "force"
    """By taking it all the same, with a reason that goes with the scan."""
    SECOND_CODE = "second_code"
    """By the other code on the same label, which has lot and expiry."""
    SECOND_PERSON = "second_person"
    """By the badge of somebody else."""
    RECOUNT = "recount"
    """By counting again."""
    QUANTITY = "quantity"
    """By typing or weighing how much it is."""
    SEARCH = "search"
    """By choosing the item from the catalogue."""
    SETUP = "setup"
    """By setting the scanner right."""
    SYNC = "sync"
    """By reaching the server."""
    ENROL = "enrol"
    """By enrolling the device anew."""


class Tone(NamedTuple):
    """A sound with what goes with it."""

    beep: Beep
    colour: Colour
    shape: Shape
    vibrate: tuple[int, ...]
    """Milliseconds on, off, on ..."""


OK = Tone(Beep.OK, Colour.GREEN, Shape.TICK, (40,))
WARN = Tone(Beep.WARN, Colour.AMBER, Shape.TRIANGLE, (80, 60, 80))
RED = Tone(Beep.WARN, Colour.RED, Shape.TRIANGLE, (80, 60, 80))
"""Taken, but red: near expiry."""
NO = Tone(Beep.NO, Colour.RED, Shape.CROSS, (400,))
NEXT = Tone(Beep.OK, Colour.BLUE, Shape.ARROW, (40,))
"""Half a statement is there; the screen says what comes next."""


class Figure(NamedTuple):
    """The big number: 12 / 40 box."""

    value: str
    of: str = ""
    unit: str = ""


class Block(NamedTuple):
    """A scan that was not taken: why, and what lifts it."""

    why: str
    lift: Lift


@dataclass(frozen=True, slots=True)
class Show:
    """What is drawn."""

    headline: Sentence
    colour: Colour
    shape: Shape
    title: str = ""
    """The name of the goods, when there are any."""
    figure: Figure | None = None
    lines: tuple[Sentence, ...] = ()
    """Below the figure, most important first; the first explains the colour."""
    chips: tuple[Sentence, ...] = ()
    """The labels that the scan was given."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The whole answer to one scan, key or command.

    >>> from handheld.work.saying.words import Language, tell
    >>> answer = feedback(OK, tell("ready"))
    >>> answer.say.said(Language.ENGLISH), answer.show.shape, answer.blocked
    ('Ready to scan', <Shape.TICK: 'tick'>, False)
    """

    say: Sentence
    show: Show
    beep: Beep
    vibrate: tuple[int, ...] = field(default=())
    block: Block | None = None

    @property
    def blocked(self) -> bool:
        """Whether the scan was not taken."""
        return self.block is not None


def feedback(
    tone: Tone,
    headline: Sentence,
    *,
    say: Sentence | None = None,
    title: str = "",
    figure: Figure | None = None,
    lines: tuple[Sentence, ...] = (),
    chips: tuple[Sentence, ...] = (),
    block: Block | None = None,
) -> Feedback:
    """Return the answer in a tone; the voice says the headline unless told otherwise."""
    show = Show(headline, tone.colour, tone.shape, title, figure, lines, chips)
    return Feedback(say or headline, show, tone.beep, tone.vibrate, block)
