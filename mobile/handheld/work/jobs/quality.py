"""Quality check: a verdict and the goods, in any order; a failure has a reason."""

from dataclasses import replace

from handheld.work.answer import Answer, ask, note
from handheld.work.commands import Command
from handheld.work.flow import Flow
from handheld.work.hand import hold, release
from handheld.work.ports import Place, World
from handheld.work.saying.feedback import WARN
from handheld.work.saying.reasons import lacks_comment
from handheld.work.saying.words import Sentence, Spelt, tell
from handheld.work.scan import Goods, Scan
from handheld.work.taking import judge, take
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Job
from stockbook.domain.capture.labels import QUALITIES

VERDICTS = {Command.PASS: "pass", Command.FAIL: "fail", Command.BEGIN: "begin"}


def goods(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    """Give goods the verdict that stands, or keep them in hand until there is one."""
    if _verdict(progress) and not _unexplained(progress):
        return _inspect(found, scan, progress, world)
    case = judge(found, scan, progress, world, place=progress.place or progress.read_point)
    return case if isinstance(case, Answer) else hold(case, scan, hint(progress, world))


def place(found: Place, scan: Scan, progress: Progress, world: World) -> Answer:
    """Note where the inspection happens, when it isn't the read point."""
    return ask(progress.settled(place=found.reference), tell("place_open", place=Spelt(found.reference)))


def command(said: Command, more: str, progress: Progress, world: World) -> Answer | None:
    """Take a verdict or its reason: what is in hand gets it; with nothing in hand it stands for all that follow."""
    if said in VERDICTS:
        after = replace(progress, verdict=VERDICTS[said], reason=more, typed="")
    elif said is Command.REASON and _verdict(progress) == "fail":
        after = replace(progress, reason=more, typed="")
    else:
        return None
    if _unexplained(after):
        return note(replace(after, reason=""), tell("give_reason"), WARN)
    if not after.hand:
        return ask(after.settled(), tell("verdict", verdict=tell(f"quality_{_verdict(after)}")))
    scan = after.hand[-1].scan
    return release(after, lambda goods, now: _inspect(goods, scan, now, world), verdict="", reason="")


def hint(progress: Progress, world: World) -> Sentence:
    """Ask for the goods, the verdict or its reason."""
    if _unexplained(progress):
        return tell("give_reason")
    return tell("scan_goods") if _verdict(progress) else tell("give_verdict")


def _verdict(progress: Progress) -> str:
    preset = progress.presets.get("quality", "")
    return progress.verdict or (preset if preset in QUALITIES else "")


def _unexplained(progress: Progress) -> bool:
    reason = progress.reason or progress.presets.get("reason", "")
    return _verdict(progress) == "fail" and (not reason or lacks_comment(reason))


def _inspect(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    case = judge(found, scan, progress, world, place=progress.place or progress.read_point)
    if isinstance(case, Answer):
        return case
    verdict = _verdict(progress)
    where = progress.place or progress.read_point
    meant = {"action": "quality", "quality": verdict, "place": where, "reason": progress.reason}
    return take(case, scan, meant, f"inspected_{verdict}")


FLOW = Flow(Job.QUALITY, goods, place, hint, command)
