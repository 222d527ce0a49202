"""Law: the two numbers in the graph are those that the domain defines."""

from decimal import Decimal

from stockbook.domain.rights.sellable import Tally
from tests.graph.asking import data


async def test_both_numbers_are_the_domains(graph, world):
    page = await data(
        graph, "{ availabilities(first: 100) { nodes { onHand inbound held reserved sellable sellableNow } } }"
    )
    nodes = page["availabilities"]["nodes"]
    assert len(nodes) > 20
    for each in nodes:
        tally = Tally(*(Decimal(each[name]) for name in ("onHand", "inbound", "held", "reserved")))
        assert (Decimal(each["sellable"]), Decimal(each["sellableNow"])) == (tally.sellable, tally.sellable_now)
