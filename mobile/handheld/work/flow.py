"""What a job answers to: goods, a place, a command."""

from collections.abc import Callable
from dataclasses import dataclass

from handheld.work.answer import Answer
from handheld.work.commands import Command
from handheld.work.ports import Place, World
from handheld.work.saying.words import Sentence
from handheld.work.scan import Goods, Scan
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Job


@dataclass(frozen=True, slots=True)
class Flow:
    """A job as functions of the progress: none of them keeps anything or asks the time.

    Attributes
    ----------
    goods, place
        What follows when goods, or a bin, vehicle or pallet, are scanned.
    command
        What a command, with what stands behind its dash, means on this job; None when it means nothing special.
    badge
        What somebody else's badge means.
    hint
        What the storeman is asked for when nothing was scanned yet.
    """

    job: Job
    goods: Callable[[Goods, Scan, Progress, World], Answer]
    place: Callable[[Place, Scan, Progress, World], Answer]
    hint: Callable[[Progress, World], Sentence]
    command: Callable[[Command, str, Progress, World], Answer | None] = lambda said, more, progress, world: None
    badge: Callable[[str, Progress], Answer] | None = None
