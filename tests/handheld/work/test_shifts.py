"""Runs every shift that is told: does what it says, and checks that each answer is as it says."""

from pathlib import Path

import pytest

from handheld.work.saying.words import Language
from stockbook.domain.capture.labels import unfit
from tests.handheld.work.telling import Story, tell
from tests.handheld.work.world import meaning

SHIFTS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.md"))


@pytest.mark.parametrize("path", SHIFTS, ids=lambda path: path.stem)
def test_it_goes_as_told(path):
    assert perform(path.read_text()) > 5


def perform(text):
    """Go through a shift; return how many answers were checked."""
    story, checked = Story(), 0
    for part in tell(text):
        if isinstance(part, str):
            story.set(part)
        elif not part.done:
            story.begin(part.heading)
        else:
            assert answered(story, part) == part.cells, f"{part.heading}: {part.done}"
            checked += 1
    return checked


def answered(story, part):
    """Do a row and return its cells as they turn out."""
    before = len(story.journal.deeds)
    told = story.do(part.done)
    events = story.journal.deeds[before:]
    assert not any(unfit(event.labels) for event in events)
    assert all(isinstance(meaning(event), list) for event in events if "undoes" not in event.labels), part.done
    cells = {
        "sound": told.beep.value + (f" ({told.block.why}: {told.block.lift.value})" if told.block else ""),
        "says": told.say.said(Language.ENGLISH),
        "说": told.say.said(Language.CHINESE),
        "figure": _figure(told.show.figure),
        "event": "; ".join(_event(event, story.journal.deeds) for event in events),
    }
    return {name: cells[name] for name in part.cells}


def _figure(figure):
    if figure is None:
        return ""
    return f"{figure.value}{f' of {figure.of}' if figure.of else ''} {figure.unit}"


def _event(event, deeds):
    labels = dict(event.labels)
    action = labels.pop("action")
    if "undoes" in labels:
        at = next(number for number, deed in enumerate(deeds, 1) if deed.id == labels["undoes"])
        return f"undo of {at}"
    return " ".join([action, *(f"{name}={labels[name]}" for name in sorted(labels))])
