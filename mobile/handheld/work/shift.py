"""A person at work: takes scans, keys and commands one after another, makes them durable, and answers each.

The job decides (`jobs/`), the journal keeps, and only then the answer is given:
what is told as done is on the disk.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple
from uuid import uuid4

from handheld.work import chain, draft
from handheld.work.answer import Answer, amount, note, stop
from handheld.work.checking.blocks import Why
from handheld.work.commands import Command, command
from handheld.work.deed import Deed, labelled
from handheld.work.flow import Flow
from handheld.work.jobs import FLOWS
from handheld.work.pending import Pending
from handheld.work.ports import Item, Journal, World
from handheld.work.pressing import press
from handheld.work.resuming import resume
from handheld.work.saying.feedback import NEXT, NO, WARN, Block, Feedback, Lift, feedback
from handheld.work.saying.reasons import lacks_comment
from handheld.work.saying.words import Spelt, label_name, tell
from handheld.work.scan import NO_CODE, Scan
from handheld.work.tasks.progress import Progress, Stopped
from handheld.work.tasks.task import Task
from stockbook.domain.capture.labels import unfit
from stockbook.domain.capture.reading import Kind, Reading

UNDO_MAX = 50
TYPED_MAX = 12


class Step(NamedTuple):
    """What one scan did: how it stood before, and the ids of the events that were made durable."""

    before: Progress
    scan: Scan | None
    ids: tuple[str, ...]


class Shift:
    """One person on one task; what the journal still knows of the task is taken up again.

    Parameters
    ----------
    person
        Who holds the device: what stands on the badge.
    """

    def __init__(
        self, task: Task, world: World, journal: Journal, person: str = "", new_id: Callable[[], str] | None = None
    ) -> None:
        self._pending = Pending(world.known, journal.unknown)
        self._world = replace(world, pending=self._pending)
        self._journal = journal
        self._new_id = new_id or (lambda: str(uuid4()))
        done = journal.unknown(task.reference) if task.reference else ()
        resumed, past = resume(task, done, world.known, person)
        self._draft = journal.draft(draft.name(task))
        self.progress = draft.take_up(self._draft, resumed, world.known)
        half = (Step(resumed, None, ()),) if self.progress != resumed else ()
        self._past = (*(Step(each.before, None, each.ids) for each in past), *half)[-UNDO_MAX:]
        self.feedback = self._opening()

    def _opening(self) -> Feedback:
        """Return what is asked for first; what was half said when the work stopped is told again."""
        asked = self._flow.hint(self.progress, self._world)
        open_ = self.progress.place or self.progress.source
        lines = [tell("in_hand_of", item=held.goods.item.name, **amount(held.goods)) for held in self.progress.hand]
        if not lines and not self.progress.rounds and self.progress.carried is None:
            return feedback(NEXT, asked)
        if open_:
            lines.insert(0, tell("place_open", place=Spelt(open_)))
        return feedback(
            WARN, tell("taken_up"), say=tell("both", first=tell("taken_up"), second=asked), lines=(*lines, asked)
        )

    @property
    def _flow(self) -> Flow:
        return FLOWS[self.progress.task.job]

    @property
    def undoable(self) -> int:
        """How many scans can be taken back."""
        return len(self._past)

    def scan(self, reading: Reading) -> Feedback:
        """Answer a scan."""
        if reading.kind is Kind.COMMAND:
            said = command(reading.reference)
            if said is None:
                return self._tell(stop(Why.UNKNOWN_CODE, self.progress, None, {"code": reading.code[:40]}))
            return self.press(*said)
        scan = Scan(reading)
        return self._do(chain.turn(scan, self.progress, self._world, self._flow), scan)

    def press(self, said: Command, more: str = "") -> Feedback:
        """Answer a command, from a button, a key or the printed sheet; `more` stands behind its dash."""
        if said is Command.UNDO:
            return self._undo()
        stopped = self.progress.stopped
        if said is Command.FORCE or (said is Command.REASON and stopped and stopped.lift is Lift.FORCE):
            return self._force(more)
        entered = replace(self.progress, typed=more[:TYPED_MAX]) if said is Command.QUANTITY else self.progress
        typed = entered.typed
        if said in {Command.CONFIRM, Command.QUANTITY} and typed and stopped and stopped.lift is Lift.QUANTITY:
            return self._complete(stopped._replace(typed=typed))
        if said in {Command.CONFIRM, Command.QUANTITY} and typed and not entered.hand and self._correctable:
            return self._correct(typed)
        return self._do(press(said, more, entered, self._world, self._flow), None)

    def key(self, character: str) -> Feedback:
        """Answer a digit or point; a backspace takes the last one away."""
        typed = self.progress.typed
        typed = typed[:-1] if character == "\b" else (typed + character)[:TYPED_MAX]
        told = tell("typed", value=typed) if typed else self._flow.hint(self.progress, self._world)
        return self._tell(note(replace(self.progress, typed=typed), told, NEXT))

    def choose(self, item: Item) -> Feedback:
        """Say which item a code means that the catalogue doesn't know, or take goods without any code."""
        stopped = self.progress.stopped
        unknown = stopped and stopped.why == Why.UNKNOWN_ITEM.value and isinstance(stopped.act, Scan)
        scan = stopped.act if stopped and unknown and isinstance(stopped.act, Scan) else Scan(NO_CODE)
        return self._do(chain.named(scan._replace(chosen=item), self.progress, self._world, self._flow), scan)

    def weigh(self, kilograms: Decimal) -> Feedback:
        """Take a weight from the scale: of the scan that waits for one, else of the next."""
        stopped = self.progress.stopped
        if stopped and stopped.lift is Lift.QUANTITY:
            return self._complete(stopped._replace(weight=kilograms))
        weighed = replace(self.progress, weight=kilograms)
        return self._tell(note(weighed, tell("weighed", quantity=kilograms), NEXT))

    def preset(self, label: str, value: str) -> Feedback:
        """Give a label to every scan from now on; an empty value takes it away."""
        presets = {name: old for name, old in self.progress.presets.items() if name != label}
        after = replace(self.progress, presets={**presets, label: value} if value else presets)
        if value and unfit({label: value}) is not None:
            return self._tell(note(self.progress, tell("preset_unfit", label=label_name(label), value=value)))
        if labelled({}, after.presets) is None:
            return self._tell(stop(Why.NINTH_LABEL, self.progress, None))
        told = tell("preset" if value else "preset_off", label=label_name(label), value=value)
        return self._do(note(after, told, NEXT), None)

    def _complete(self, stopped: Stopped) -> Feedback:
        scan = stopped.act if isinstance(stopped.act, Scan) else None
        return self._do(chain.once_more(stopped, self.progress, self._world, self._flow), scan)

    def _do(self, answer: Answer, scan: Scan | None) -> Feedback:
        before = self.progress
        if answer.feedback.blocked and not answer.deeds:
            return self._append((), answer.progress) or self._tell(answer)
        deeds = self._stamped(answer.deeds, answer.chained)
        if full := self._append(deeds, answer.progress):
            return full
        if deeds or answer.progress != before:
            self._past = (*self._past, Step(before, scan, _ids(deeds)))[-UNDO_MAX:]
        return self._tell(answer)

    def _append(self, deeds: tuple[Deed, ...], after: Progress) -> Feedback | None:
        """Make deeds durable, and what is half said after them; return what is told when nothing more can be taken."""
        text = draft.write(after)
        half = None if text == self._draft else (draft.name(after.task), text)
        kept = self._journal.append(*deeds, draft=half) if deeds or half else ()
        if not isinstance(kept, tuple):
            return self._tell(stop(Why[kept.reason.name], self.progress, None))
        self._draft = text
        for deed in deeds:
            self._pending.add(deed)
        return None

    def _tell(self, answer: Answer) -> Feedback:
        self.progress, self.feedback = answer.progress, answer.feedback
        return answer.feedback

    def _stamped(self, deeds: tuple[Deed, ...], chained: bool = False) -> tuple[Deed, ...]:
        """Return deeds with ids, the person, and the version of what was known."""
        whole = self._new_id() if chained and len(deeds) > 1 else ""
        who, base = self.progress.person, self._world.known.version
        return tuple(replace(deed, id=self._new_id(), person=who, base=base, chain=whole) for deed in deeds)

    def _undo(self) -> Feedback:
        """Take the last scan back: what it did is undone by deeds of its own, never by forgetting it."""
        if not self._past:
            return self._tell(note(self.progress, tell("nothing_to_undo")))
        step = self._past[-1]
        if full := self._append(self._stamped(self._reversing(step.ids), chained=True), step.before):
            return full
        self._past = self._past[:-1]
        return self._tell(Answer(step.before, feedback(WARN, tell("undone"))))

    def _force(self, reason: str) -> Feedback:
        """Take a stopped scan all the same, when that is how its block is lifted; somebody says why."""
        stopped = self.progress.stopped
        if stopped is None or stopped.lift is not Lift.FORCE:
            return self._tell(note(self.progress, tell("nothing_to_force")))
        if not reason or lacks_comment(reason):
            block = Block(stopped.why, stopped.lift)
            return self._tell(note(self.progress, tell("give_force_reason"), NO, block=block))
        if stopped.corrects:
            return self._correct(stopped.typed, stopped, reason)
        scan = stopped.act if isinstance(stopped.act, Scan) else None
        return self._do(chain.again(stopped, self.progress, self._world, self._flow, reason), scan)

    @property
    def _correctable(self) -> bool:
        return bool(self._past) and self._past[-1].scan is not None and len(self._past[-1].ids) == 1

    def _correct(self, typed: str, stopped: Stopped | None = None, reason: str = "") -> Feedback:
        """Give the last scan another quantity: it is taken back and done anew, in one chain."""
        step = self._past[-1]
        assert step.scan is not None
        before = replace(step.before, typed=typed, unit=self.progress.unit)
        if stopped is None:
            answer = chain.turn(step.scan, before, self._world, self._flow)
        else:
            answer = chain.again(stopped, before, self._world, self._flow, reason)
        if answer.feedback.blocked:
            halted = answer.progress.stopped
            kept = replace(self.progress, typed="", stopped=halted and halted._replace(corrects=True))
            return self._tell(answer._replace(progress=kept))
        deeds = self._stamped((*self._reversing(step.ids), *answer.deeds), chained=True)
        if full := self._append(deeds, answer.progress):
            return full
        self._past = (*self._past[:-1], Step(step.before, step.scan, _ids(deeds[len(step.ids) :])))
        return self._tell(answer)

    def _reversing(self, ids: tuple[str, ...]) -> tuple[Deed, ...]:
        task = self.progress.task.reference
        return tuple(Deed({"action": "undo", "undoes": id_}, task=task) for id_ in reversed(ids))


def _ids(deeds: tuple[Deed, ...]) -> tuple[str, ...]:
    return tuple(deed.id for deed in deeds)
