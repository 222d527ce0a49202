"""Who acts: a program for each organisation, and a person or device for each role, with their tokens."""

from collections.abc import Callable

from stockbook.demo.agreements import agreements
from stockbook.demo.client import Client
from stockbook.demo.network import Network, Registration, items, organisation, organisations, places, shop, site

OPERATOR = "OPERATOR"
Issue = Callable[[int, int, str], str]
"""(principal, organisation, role) -> token. The operator's secret signs; the demo never sees it."""


class Cast:
    """The tokens of a network."""

    def __init__(self, issue: Issue) -> None:
        self._issue = issue
        self._tokens: dict[str, str] = {OPERATOR: issue(1, 1, "network_admin")}
        self.roles: list[tuple[str, str, str]] = []
        """(role, organisation, token) for the screen."""

    def token(self, party: str) -> str:
        """Return the token by which an organisation's program acts, or a role of it ("finance@SHOP-367")."""
        return self._tokens[party]

    async def register(self, client: Client, network: Network) -> None:
        """Register everybody and everything; what is known already is fine."""
        entries = list(organisations(network))
        numbers = await client.register("registerOrganisations", entries, OPERATOR)
        ids = {entry["externalReference"]: number(each) for entry, each in zip(entries, numbers, strict=True)}
        ids[OPERATOR] = 1
        await client.register("registerItems", list(items(network)), OPERATOR)
        await client.register("registerPlaces", list(places(network)), OPERATOR)
        await self._appoint(client, network, ids)
        await client.register("makeAgreements", list(agreements(network)), OPERATOR)

    async def _appoint(self, client: Client, network: Network, ids: dict[str, int]) -> None:
        programs = [_principal(f"{party}-PROGRAM", "PROGRAM", "program", party) for party in ids if party != OPERATOR]
        staff = [(role, party) for role, party in appointed(network)]
        people = [
            _principal(f"{party}-{role}", "DEVICE" if role == "board" else "PERSON", role, party)
            for role, party in staff
        ]
        principals = await client.register("registerPrincipals", [*programs, *people], OPERATOR)
        for entry, principal in zip(programs, principals, strict=False):
            party = entry["memberships"][0]["organisation"]
            self._tokens[party] = self._issue(number(principal), ids[party], "program")
        self.roles = [("network_admin", OPERATOR, self._tokens[OPERATOR])] + [
            (role, party, self._issue(number(principal), ids[party], role))
            for (role, party), principal in zip(staff, principals[len(programs) :], strict=True)
        ]
        self._tokens |= {f"{role}@{party}": token for role, party, token in self.roles}


def appointed(network: Network) -> list[tuple[str, str]]:
    """Return which role is shown at which organisation."""
    busiest, farm = shop(network.trade.shops[0]), organisation(network.cooperatives[0])
    kitchen = organisation(network.kitchens[0])
    return [
        ("org_admin", busiest),
        ("shop_staff", busiest),
        ("buyer", busiest),
        ("finance", busiest),
        ("board", busiest),
        ("storekeeper", kitchen),
        ("supplier", kitchen),
        ("producer", farm),
        ("carrier_driver", network.carrier(busiest)),
        ("auditor", farm),
        ("program", busiest),
    ]


def number(identity: str) -> int:
    """Return the number in a global id.

    >>> number("gid://stockbook/Organisation/17")
    17
    """
    return int(identity.rsplit("/", 1)[1])


def _principal(reference: str, kind: str, role: str, party: str) -> Registration:
    sites = [site(party)] if role == "board" else []
    membership = {"organisation": party, "role": role, "sites": sites}
    return {"externalReference": reference, "name": reference, "kind": kind, "memberships": [membership]}
