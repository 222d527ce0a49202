"""What the server could not take: both sides are shown, in both languages, with what can be done."""

from decimal import Decimal

import pytest

from handheld.outbox.answers import Answer, Outcome
from handheld.work.deed import Deed
from handheld.work.exceptions import Choice, matter
from handheld.work.saying.words import Language
from stockbook.domain.refusal import Code
from tests.handheld.work.world import Item, Known, Packing, Stock


def known():
    there = Known()
    there.items["MILK"] = Item("MILK", "牛奶")
    there.codes["06921168509256"] = Packing(there.items["MILK"])
    there.stocks["A1"] = [Stock("MILK", "B1", "SELLABLE", Decimal(7)), Stock("MILK", "B2", "SELLABLE", Decimal(2))]
    return there


COUNT = Deed({"action": "count", "item": "MILK", "quantity": "5", "seen": "9", "place": "A1", "batch": "B1"}, id="1")
PICK = Deed({"action": "pick", "quantity": "3", "source": "A1", "place": "PACK"}, "06921168509256", "]E0", id="2")


def test_a_conflict_of_a_count_shows_what_was_counted_seen_and_is_in_the_books_now():
    shown = matter(Answer(7, Outcome.CONFLICT, "STALE_QUANTITY", task="T-1"), COUNT, known())
    assert shown.title == "牛奶"
    assert (shown.device.quantity, shown.books.quantity) == (5, 7)
    assert [line.shown(Language.ENGLISH) for line in shown.books.lines] == [
        "The books now, at A1: 7 pieces",
        "The books then: 9",
    ]
    assert shown.why.shown(Language.CHINESE) == "盘点后账上数量已变"
    assert shown.choices == (Choice.RECOUNT, Choice.OFFICE, Choice.DISMISS)


@pytest.mark.parametrize(
    ("code", "transient", "choice"),
    [
        ("OVERLAY_HOLDS", True, Choice.WAIT),
        ("LOT_UNKNOWN", False, Choice.REGISTER),
        ("BAD_INPUT", False, Choice.SCAN_AGAIN),
    ],
)
def test_a_refusal_says_what_can_be_done(code, transient, choice):
    shown = matter(Answer(3, Outcome.REFUSED, code, transient=transient), PICK, known())
    assert shown.choices == (choice, Choice.DISMISS)
    assert (shown.device.quantity, shown.books.quantity) == (3, 9)
    assert shown.device.lines[0].shown(Language.CHINESE) == "拣货"


@pytest.mark.parametrize("outcome", [Outcome.FORK, Outcome.TAMPERED])
def test_a_broken_chain_is_mended_by_enrolling_anew(outcome):
    assert matter(Answer(3, outcome), PICK, known()).choices == (Choice.ENROL,)


def test_what_can_not_even_be_read_is_shown_all_the_same():
    shown = matter(Answer(3, Outcome.UNREADABLE, "BAD_INPUT"), None, known())
    assert (shown.title, shown.device, shown.books) == ("", (None, ()), (None, ()))


@pytest.mark.parametrize("code", [code.name for code in Code] + ["INVENTED_LATER"])
def test_every_reason_of_the_server_is_said_in_both_languages(code):
    why = matter(Answer(1, Outcome.REFUSED, code, "the server's words"), PICK, known()).why
    assert why.shown(Language.CHINESE) != why.shown(Language.ENGLISH)
    assert ("the server's words" in why.shown(Language.ENGLISH)) == (code == "INVENTED_LATER")
