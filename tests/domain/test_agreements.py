"""Which right passes: the most specific agreement, in its time; a tie is refused when it is made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from stockbook.domain.rights.agreement import Agreements, Pact, tie
from stockbook.domain.rights.holders import Right, Rights
from stockbook.domain.stock.verbs import Verb

NOW = datetime(2026, 11, 25, tzinfo=UTC)
GENERAL = Pact(1, 7, 1, Verb.DISPATCH, Right.SALE, None, None, None, False, None, None)
BY_SITE = replace(GENERAL, id=2, taker=2, place=10)
BY_BIN = replace(GENERAL, id=3, taker=3, place=11)
BY_CATEGORY = replace(GENERAL, id=4, taker=4, category="FRUIT")
BY_ITEM = replace(GENERAL, id=5, taker=5, item=1)


def seller(pacts, at=NOW, verb=Verb.DISPATCH):
    rights, _ = Agreements(pacts).passing(Rights(7, 7, 7, 7), verb, 1, "FRUIT", (11, 10, None), at)
    assert rights[:3] == (7, 7, 7), "only the right that is agreed passes"
    return rights.seller


@pytest.mark.parametrize("pacts", list(permutations([GENERAL, BY_SITE, BY_BIN, BY_CATEGORY, BY_ITEM])))
def test_the_most_specific_wins_in_whatever_order_they_were_made(pacts):
    ranked = [BY_ITEM, BY_CATEGORY, BY_BIN, BY_SITE, GENERAL]
    left = list(pacts)
    for pact in ranked:
        assert seller(left) == pact.taker
        left.remove(pact)
    assert seller(left) == 7


def test_an_agreement_holds_in_its_time_only():
    pact = replace(GENERAL, since=NOW, until=NOW + timedelta(days=1))
    assert seller([pact]) == 1
    assert seller([pact], at=NOW - timedelta(seconds=1)) == 7
    assert seller([pact], at=NOW + timedelta(days=1)) == 7


def test_two_of_one_scope_tie_only_while_both_hold():
    now = replace(GENERAL, since=NOW, until=NOW + timedelta(days=1))
    assert tie([now], replace(GENERAL, id=9, taker=9))
    assert tie([now], replace(GENERAL, id=9, since=NOW + timedelta(days=1))) is None
    assert tie([now], replace(BY_SITE, id=9)) is None


def test_many_shops_sell_an_owners_goods_and_title_passes_to_who_sells():
    first = replace(GENERAL, verb=Verb.SELL, right=Right.OWNERSHIP, taker=8)
    second = replace(first, id=2, taker=9)
    assert tie([first], second) is None
    passing = Agreements([first, second]).passing
    for who in (8, 9):
        assert passing(Rights(7, who, who, who), Verb.SELL, 1, "", (None,), NOW, taker=who)[0].owner == who
    assert passing(Rights(7, 7, 7, 7), Verb.SELL, 1, "", (None,), NOW, taker=7)[1] == ()
