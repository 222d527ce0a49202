"""Every sentence is there in both languages, and says the same of the same."""

import ast
import re
import string
from pathlib import Path

import pytest

import handheld.work
from handheld.work.checking.blocks import Why
from handheld.work.exceptions import Choice
from handheld.work.saying.feedback import Lift
from handheld.work.saying.reasons import FAILING, FORCING
from handheld.work.saying.sentences import SENTENCES, UNITS
from handheld.work.saying.words import Language, Spelt, Unit, tell
from stockbook.domain.capture.labels import ACTIONS, LABELS, QUALITIES
from stockbook.domain.capture.reading import Problem
from stockbook.domain.refusal import Code

ROOM = Path(handheld.work.__file__).parent
HAN = re.compile(r"[\u4e00-\u9fff]")
SOURCES = [path for path in ROOM.rglob("*.py") if path.name not in {"sentences.py", "refusals.py"}]


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_in_both_languages_with_the_same_values(code):
    text = SENTENCES[code]
    assert fields(text.zh) == fields(text.en)
    assert fields(text.say_zh or text.zh) <= fields(text.zh)
    assert fields(text.say_en or text.en) <= fields(text.en)
    assert not HAN.search(text.en + text.say_en)
    assert HAN.search(text.zh) or not re.sub(r"\{.*?\}|\W", "", text.zh), "Chinese, or values alone"


def told():
    """Yield the codes of all sentences that the work names."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tell" and node.args
            if called and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_code_that_is_told_is_in_the_catalogue():
    codes = {*told(), *(why.value for why in Why), *(choice.value for choice in Choice)}
    codes |= {f"lift_{lift.value}" for lift in Lift} | {f"refused_{code.name.lower()}" for code in Code}
    codes |= {f"did_{action}" for action in ACTIONS} | {f"label_{label}" for label in LABELS}
    codes |= {f"quality_{quality}" for quality in QUALITIES} | {f"inspected_{quality}" for quality in QUALITIES}
    codes |= {f"reason_{reason.code.lower()}" for reason in (*FAILING, *FORCING)}
    codes |= {f"problem_{problem.name.lower()}" for problem in Problem if problem is not Problem.SEPARATOR_LOST}
    codes |= {f"outcome_{word}" for word in ("refused", "conflict", "unreadable", "fork", "tampered")}
    assert not codes - SENTENCES.keys()


def test_no_sentence_that_nobody_tells():
    text = " ".join(path.read_text() for path in SOURCES)
    made = ("lift_", "refused_", "did_", "label_", "quality_", "inspected_", "reason_", "problem_", "outcome_", "chip_",
            "compare_")  # fmt: skip
    assert not [code for code in SENTENCES if f'"{code}"' not in text and not code.startswith(made)]


def test_a_unit_has_its_names_and_an_unknown_one_its_own():
    assert all(HAN.search(names.zh) and names.one and names.many for names in UNITS.values())
    assert tell("unit_now", unit=Unit("firkin")).shown(Language.CHINESE) == "单位：firkin"


def test_a_place_is_said_character_by_character_and_of_a_long_code_its_end():
    assert tell("go_to_place", place=Spelt("A03-05")).said(Language.CHINESE) == "前往 A，0，3，0，5"
    assert tell("go_to_place", place=Spelt("069012345678901238")).said(Language.ENGLISH) == "Go to 1, 2, 3, 8"


def test_a_sentence_that_nobody_wrote_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        tell("nonsense")
