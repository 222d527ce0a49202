"""What a job answers to: goods, a place, a command."""

from collections.abc import Callable
from dataclasses import dataclass

from handheld.work.answer import Answer
from handheld.work.commands import Command
from handheld.work.ports import Place, World
from handheld.work.progress import Progress
from handheld.work.scan import Goods, Scan
from handheld.work.task import Job
from handheld.work.words import Sentence


@dataclass(frozen=True, slots=True)
class Flow:
    """A job as functions of the progress: none of them keeps anything or asks the time.

    Attributes
    ----------
    goods, place
        What follows when goods, or a bin, vehicle or pallet, are scanned.
    command
        What a command means on this job, or None when it means nothing special.
    hint
        What the storeman is asked for when nothing was scanned yet.
    """

    job: Job
    goods: Callable[[Goods, Scan, Progress, World], Answer]
    place: Callable[[Place, Scan, Progress, World], Answer]
    hint: Callable[[Progress, World], Sentence]
    command: Callable[[Command, Progress, World], Answer | None] = lambda command, progress, world: None
