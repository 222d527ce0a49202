"""What the graph says when the replay is over: was everybody party to a movement, did every state and right occur?"""

import asyncio
from collections.abc import Iterable
from typing import Any

from stockbook.demo.client import Client, Json
from stockbook.demo.network import Network, organisation, organisations, shop

STATES = (
    *("EXPECTED", "IN_TRANSIT", "RECEIVED", "IN_INSPECTION", "AWAITING_PUTAWAY", "AWAITING_PROCESSING"),
    *("IN_PROCESSING", "SELLABLE", "QUARANTINED", "DAMAGED", "RETURNED", "EXPIRED"),
)
RIGHTS = {"owner": "OWNERSHIP", "custodian": "CUSTODY", "disposer": "DISPOSAL", "seller": "SALE"}

PARTY = "query party { movements(first: 1) { nodes { id } } }"
OWED = "query owed { charges(first: 1) { nodes { id } } }"
OCCURRED = """
query occurred($verbs: [Verb!]!) {
  movements(first: 100, filter: { verb: { in: $verbs } }) {
    nodes {
      verb
      legs {
        source { state owner { id } custodian { id } disposer { id } seller { id } }
        target { state owner { id } custodian { id } disposer { id } seller { id } }
      }
    }
  }
}
"""
VERBS = (
    ("EXPECT", "RECEIVE"),
    ("INSPECT",),
    ("PUT_AWAY",),
    ("MOVE", "TRANSFORM"),
    ("DISPATCH",),
    ("ARRIVE",),
    ("CHANGE_STATE", "DISPOSE"),
    ("RETURN", "EXPIRE"),
)
"""Asked for together: what is rare is not hidden behind a hundred of what is not."""


async def proof(client: Client, network: Network) -> tuple[int, set[str], set[str]]:
    """Return how many organisations were party to a movement, the states that occurred, the rights that passed."""
    everybody = [entry["externalReference"] for entry in organisations(network)]
    seen = await asyncio.gather(*(client.ask(party, PARTY) for party in everybody))
    parties = sum(bool(each["movements"]["nodes"]) for each in seen)
    owed = await client.ask(f"finance@{shop(network.trade.shops[0])}", OWED)
    rights = {"OWNERSHIP"} if owed["charges"]["nodes"] else set()
    witnesses = [organisation(category) for category in (*network.cooperatives, *network.kitchens)]
    witnesses += [shop(number) for number in network.trade.shops[:20]]
    told = await asyncio.gather(
        *(client.ask(party, OCCURRED, verbs=list(verbs)) for party in witnesses for verbs in VERBS)
    )
    legs = [leg for each in told for movement in each["movements"]["nodes"] for leg in movement["legs"] or ()]
    states = {end["state"] for leg in legs for end in ends(leg)} & set(STATES)
    rights |= {right for leg in legs for holder, right in RIGHTS.items() if passed(leg, holder)}
    return parties, states, rights


def ends(leg: Json) -> Iterable[Json]:
    """Yield the ends of a leg that are not withheld."""
    return (end for end in (leg["source"], leg["target"]) if end)


def passed(leg: Json, holder: str) -> bool:
    """Return whether a right went from one organisation to another.

    >>> passed({"source": {"seller": {"id": "1"}}, "target": {"seller": {"id": "2"}}}, "seller")
    True
    """
    parties: list[Any] = [end[holder] for end in ends(leg)]
    return len(parties) == 2 and all(parties) and parties[0] != parties[1]
