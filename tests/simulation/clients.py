"""Clients that drop, duplicate, reorder and retry, and remember everything they were told.

The model is what a line means, in the trade's words: it knows nothing of the
server but its answers.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.simulation.line import drop

GIVE_UP_SECONDS = 120
DOCK, SHELF, RESERVED = "DOCK", "SHELF", "RESERVED"


@dataclass
class Command:
    """One request: its key names it however often it is sent."""

    shop: int
    verb: str
    key: str
    lines: list[dict]
    policy: str
    means: list[Counter]
    """What each line changes: (shop, item, where) -> quantity."""

    def asked(self) -> dict:
        """Return the body of the request."""
        kind = self.verb[0].upper() + self.verb[1:]
        document = (
            f"mutation($input: {kind}Input!) {{ {self.verb}(input: $input) {{ errors {{ code message }}"
            " results { line outcome code claims movement { id } } } }"
        )
        given = {"key": self.key, "errorPolicy": self.policy, "lines": self.lines}
        return {"query": document, "variables": {"input": given}}


@dataclass
class Told:
    """All that was ever acknowledged of a line."""

    movements: set[str] = field(default_factory=set)
    outcomes: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)


@dataclass
class Clients:
    """Several clients of one seed, sending over bad lines."""

    address: str
    seed: int
    shops: dict[int, str]
    """Organisation -> its token."""
    references: dict[int, str]
    items: list[str]
    told: dict[tuple[int, str, int], Told] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    sent: Counter = field(default_factory=Counter)
    acknowledged: int = 0

    async def run(self, clients: int, each: int) -> None:
        """Let clients send so many commands each, all at once."""
        async with httpx.AsyncClient(base_url=self.address, timeout=15) as http:
            await asyncio.gather(*(self._client(http, number, each) for number in range(clients)))

    async def ask_again(self) -> None:
        """Send every command once more, when all is quiet."""
        async with httpx.AsyncClient(base_url=self.address, timeout=15) as http:
            for start in range(0, len(self.commands), 16):
                await asyncio.gather(*(self._until_answered(http, one) for one in self.commands[start : start + 16]))

    def expected(self) -> Counter:
        """Return what lies where, and what is reserved, by what was acknowledged."""
        total: Counter = Counter()
        for command in self.commands:
            for line, meaning in enumerate(command.means):
                if self.told[command.shop, command.key, line].movements:
                    total.update(meaning)
        return +total

    async def _client(self, http: httpx.AsyncClient, number: int, each: int) -> None:
        dice = random.Random(f"{self.seed}/{number}")
        queue: list[Command] = []
        claims: list[tuple[int, str, str, int]] = []
        for step in range(each):
            queue.append(self._invent(dice, f"{number}-{step}", claims))
            if dice.random() < 0.2 and step + 1 < each:
                continue  # gather a few, to be sent out of order
            dice.shuffle(queue)
            while queue:
                command = queue.pop()
                await self._send(http, command, dice)
                if command.verb == "reserve":
                    [line] = command.lines
                    for claim in self.told[command.shop, command.key, 0].claims:
                        claims.append((command.shop, line["item"], claim, int(line["quantity"])))

    def _invent(self, dice: random.Random, key: str, claims: list) -> Command:
        shop = dice.choice(list(self.shops))
        verb = dice.choice(["receive", "receive", "putAway", "putAway", "sell", "sell", "reserve", "release"])
        if verb == "release" and not claims:
            verb = "receive"
        lines, means = [], []
        name = self.references[shop]
        if verb == "release":
            shop, item, claim, quantity = claims.pop(dice.randrange(len(claims)))
            lines.append({"claim": claim})
            means.append(Counter({(shop, item, RESERVED): -quantity}))
        for _ in range(0 if lines else 1 if verb == "reserve" else dice.randint(1, 4)):
            item, quantity = dice.choice(self.items), dice.randint(1, 9)
            line = {"item": item, "quantity": str(quantity)}
            meaning: Counter = Counter()
            if verb == "receive":
                line["place"] = f"{name}/{DOCK}"
                meaning[shop, item, DOCK] = quantity
            elif verb == "putAway":
                line |= {"source": f"{name}/{DOCK}", "place": f"{name}/{SHELF}"}
                meaning[shop, item, DOCK] = -quantity
                meaning[shop, item, SHELF] = quantity
            elif verb == "sell":
                line["place"] = f"{name}/{SHELF}"
                meaning[shop, item, SHELF] = -quantity
            else:
                line["site"] = f"{name}/SITE"
                meaning[shop, item, RESERVED] = quantity
            lines.append(line)
            means.append(meaning)
        policy = dice.choice(["REJECT_ALL", "REJECT_FAILED"])
        command = Command(shop, verb, key, lines, policy, means)
        self.commands.append(command)
        for line in range(len(lines)):
            self.told[shop, key, line] = Told()
        return command

    async def _send(self, http: httpx.AsyncClient, command: Command, dice: random.Random) -> None:
        """Send a command until it is answered, over a line that drops and duplicates."""
        fate = dice.random()
        if fate < 0.15:
            self.sent["dropped"] += 1
            await drop(self.address, self.shops[command.shop], command.asked(), dice, 0.03)
        if 0.15 <= fate < 0.3:
            self.sent["duplicated"] += 1
            await asyncio.gather(self._until_answered(http, command), self._until_answered(http, command))
        else:
            await self._until_answered(http, command)

    async def _until_answered(self, http: httpx.AsyncClient, command: Command) -> None:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while not await self._once(http, command):
                self.sent["retried"] += 1
                await asyncio.sleep(0.1)

    async def _once(self, http: httpx.AsyncClient, command: Command) -> bool:
        """Send once; remember the answer and return True, or False when the world failed."""
        try:
            answer = await http.post(
                "/graphql",
                json=command.asked(),
                headers={"authorization": f"Bearer {self.shops[command.shop]}"},
            )
        except httpx.HTTPError:
            return False
        if answer.status_code >= 500:
            return False
        said = answer.json()
        if said.get("errors"):
            codes = {error.get("extensions", {}).get("code") for error in said["errors"]}
            assert codes <= {"UNAVAILABLE", "THROTTLED"}, said
            return False
        for result in said["data"][command.verb]["results"]:
            told = self.told[command.shop, command.key, result["line"]]
            told.outcomes.append(result["outcome"])
            if result["outcome"] != "REFUSED":
                told.movements.add(result["movement"]["id"])
                told.claims = result["claims"] or told.claims
        self.acknowledged += 1
        return True
