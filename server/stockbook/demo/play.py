"""The whole demo: register a network, replay its sales, and look at the books."""

import asyncio
import contextlib
from datetime import UTC, date, datetime
from typing import NamedTuple

from stockbook.demo.cast import OPERATOR, Cast, Issue
from stockbook.demo.client import Client
from stockbook.demo.listener import Listener
from stockbook.demo.network import CARRIERS, Network, organisation, organisations, shop
from stockbook.demo.proof import RIGHTS, STATES, proof
from stockbook.demo.replay import Replay
from stockbook.demo.sales import load
from stockbook.demo.screen import Figures, Screen
from stockbook.demo.words import words

BEGUN = "DEMO"
MOVED = "stockbook_forecasts_moved_total"
SIZED = """query sized {
  documents(first: 1, filter: { externalReference: { eq: "DEMO" } }) { nodes { kind } }
}"""
FOLLOWED = 4
"""Shops whose stream is followed, beside a co-operative, a kitchen and a carrier."""


class Size(NamedTuple):
    """How much is replayed."""

    shops: int = 172
    weeks: int = 53

    def __str__(self) -> str:
        return f"{self.shops} x {self.weeks}"


class AnotherDemoError(Exception):
    """The books are those of a demo of another size: neither would come out right."""


async def play(address: str, issue: Issue, size: Size) -> bool:
    """Play the demo into the server at `address`; return whether everything is as it should be."""
    cast = Cast(issue)
    client = Client(address, cast.token)
    try:
        until, after = await begun(client, size)
        network = Network(await asyncio.to_thread(load, size.shops, size.weeks, until))
        figures = Figures(client.tally, sales_all=sum(len(basket.lines) for basket in network.trade.baskets))
        with Screen(figures) as screen:
            await cast.register(client, network)
            screen.head(address, crowd(screen, network), cast.roles)
            return await _replayed(client, cast, Replay(client, network, screen, until), after)
    finally:
        await client.close()


async def _replayed(client: Client, cast: Cast, replay: Replay, after: date | None) -> bool:
    screen, network, figures = replay.screen, replay.network, replay.figures
    listener = Listener(client.address, cast.token, client.tally)
    watching = asyncio.create_task(watch(client, figures))
    listener.follow(followed(network))
    try:
        figures.stage = "replaying"
        if after:
            screen.say(screen.words["resumed"].format(day=after))
        await replay.run(after)
        figures.stage, figures.day = "proving", None
        screen.say(screen.words["done"].format(time=figures.elapsed))
        await listener.quiet()
        return screen.verdict(await verdict(client, network, screen, listener))
    finally:
        watching.cancel()
        await listener.close()


async def begun(client: Client, size: Size) -> tuple[datetime, date | None]:
    """Return the moment the replay leads up to, kept from the first start, and the last complete night."""
    kind = f"DEMO {size}"
    before = (await client.ask(OPERATOR, SIZED))["documents"]["nodes"]
    if before and before[0]["kind"] != kind:
        raise AnotherDemoError(words()["another"].format(before=before[0]["kind"], now=kind))
    await client.register("openDocuments", [{"externalReference": BEGUN, "kind": kind}], OPERATOR)
    asked = """query begun($demo: ID!) {
      document(id: $demo) { createdAt }
      documents(first: 1, filter: { kind: { eq: "NIGHT" } }, sort: [EXTERNAL_REFERENCE_DESC]) {
        nodes { externalReference }
      }
    }"""
    data = await client.ask(OPERATOR, asked, demo=BEGUN)
    nights = data["documents"]["nodes"]
    after = (
        datetime.strptime(nights[0]["externalReference"][-8:], "%Y%m%d").replace(tzinfo=UTC).date() if nights else None
    )
    return datetime.fromisoformat(data["document"]["createdAt"]).replace(microsecond=0), after


async def watch(client: Client, figures: Figures) -> None:
    """Read the server's metrics now and then for the screen."""
    while True:
        with contextlib.suppress(Exception):
            figures.forecasts = int((await client.gauges()).get(MOVED, 0))
        await asyncio.sleep(2)


def followed(network: Network) -> list[str]:
    """Return whose streams are followed."""
    shops = [shop(number) for number in network.trade.shops[:FOLLOWED]]
    return [*shops, organisation(network.cooperatives[0]), organisation(network.kitchens[0]), network.carrier(shops[0])]


def crowd(screen: Screen, network: Network) -> str:
    """Return who takes part, in words."""
    return screen.words["network"].format(
        cooperatives=len(network.cooperatives),
        kitchens=len(network.kitchens),
        carriers=CARRIERS,
        shops=len(network.trade.shops),
        items=f"{len(network.products):,}",
    )


async def verdict(client: Client, network: Network, screen: Screen, listener: Listener) -> list[tuple[str, str, bool]]:
    """Return what the books say."""
    say, of = screen.words, screen.words["of"]
    parties, states, rights = await proof(client, network)
    everybody = len(list(organisations(network)))
    refused = client.tally.refused
    return [
        (say["parties"], f"{parties} {of} {everybody}", parties == everybody),
        (say["states"], f"{len(states)} {of} {len(STATES)}", states == set(STATES)),
        (say["rights"], f"{len(rights)} {of} {len(RIGHTS)}", rights == set(RIGHTS.values())),
        (say["signals"], f"{client.tally.signals:,}", client.tally.signals > 0 and not listener.gaps),
        (say["refused"], ", ".join(f"{n} {code}" for code, n in refused.most_common()) or "0", not refused),
    ]
