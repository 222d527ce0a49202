"""What the demo sends is what the schema offers: every document, and the inputs of every planned posting."""

from datetime import date, timedelta

import pytest
from graphql import coerce_input_value, parse, print_ast, type_from_ast, validate

from stockbook.demo import listener, play, proof, review
from stockbook.demo.client import mutation
from stockbook.demo.network import Network
from stockbook.demo.plan import Order, night
from stockbook.demo.review import Left
from stockbook.demo.sales import Basket, Line, Trade
from stockbook.demo.till import brought_back, expired, opening, sale
from stockbook.graph.schema import core

from .test_plan import PRODUCTS, START

DOCUMENTS = {
    "sized": play.SIZED,
    "shelves": review.SHELVES,
    "dated": review.DATED,
    "party": proof.PARTY,
    "occurred": proof.OCCURRED,
    "events": listener.EVENTS,
}


def postings():
    baskets = [Basket(n, 7, START + timedelta(minutes=n), (Line(1 + n % 3, 1),)) for n in range(900)]
    network = Network(Trade((7,), PRODUCTS, tuple(baskets)))
    until = START + timedelta(days=3)
    phases = [
        [sale(basket) for basket in baskets],
        opening(network, START.date()),
        *night(network, [Order(7, product, 8) for product in PRODUCTS], START),
        *brought_back(network, baskets, until),
        *expired([Left(7, 1, date(2026, 10, 1), "3")], START.date()),
    ]
    for day in range(120):
        phases += night(network, [Order(7, 2, 8)], START + timedelta(weeks=day))
    by_verb = {}
    for phase in phases:
        for posting in phase:
            by_verb.setdefault(posting.verb, []).append(posting)
    return by_verb


POSTINGS = postings()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_question_is_valid(name):
    assert validate(core, parse(DOCUMENTS[name])) == []


def test_every_verb_of_the_chain_is_planned():
    assert {*POSTINGS} == {
        *("count", "sell", "expect", "receive", "inspect", "putAway", "dispatch", "arrive", "move", "transform"),
        *("return", "changeState", "dispose", "expire"),
    }


@pytest.mark.parametrize("verb", sorted(POSTINGS))
def test_a_posting_is_valid_input(verb):
    document = parse(mutation(verb))
    assert validate(core, document) == [], print_ast(document)
    kind = type_from_ast(core, document.definitions[0].variable_definitions[0].type)
    for posting in POSTINGS[verb]:
        given = {"key": posting.key, "errorPolicy": "REJECT_FAILED", "lines": list(posting.lines)}
        coerce_input_value({**given, "occurredAt": posting.at.isoformat()}, kind)
