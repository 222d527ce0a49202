"""What masks cost: the same reads under a real role and under one that is shown everything, turn by turn."""

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.bench.clocks import interval
from tests.bench.drive import Request, asked, saved
from tests.bench.figures import Figure
from tests.bench.load import FIRST
from tests.bench.operations import OPERATIONS
from tests.bench.reads import CONNECTIONS, ROLE, cost, spell
from tests.bench.stage import ROOT, Stage, stockbook

EVERYTHING = "bench_everything"
HELD = """query Held($site: ID!) { positions(first: 100, filter: {site: {eq: $site}}) { nodes {
  quantity claimed state owner { name } disposer { name } seller { name } item { name } lot { code expiry } } } }"""
"""A read in which most fields depend on what one is to the goods."""


async def figures(stage: Stage) -> list[Figure]:
    """Measure the paired ratio of processor time, an interval with it."""
    rounds, seconds = (2, 0.2) if stage.short else (36, 1)
    policies = _opened(stage.folder / "policies")
    async with stockbook(stage, policies=str(policies)) as server:
        files: dict[str, Path] = {}
        answers: dict[str, list[bytes]] = {}
        for role in (ROLE, EVERYTHING):
            requests = _requests(stage, role)
            sample = random.Random(7).sample(requests, min(20, len(requests)))
            answers[role] = [answer for _, answer in await asked(server.port, sample)]
            files[role] = saved(requests, stage.folder / f"masks.{role}")
            await spell(stage, server, files[role], seconds, CONNECTIONS)
        for masked, open_ in zip(answers[ROLE], answers[EVERYTHING], strict=True):
            assert json.loads(masked)["data"] == json.loads(open_)["data"], (
                "the masks must not make the answers unequal"
            )
        pairs = []
        for number in range(rounds):
            costs = {}
            for role in (ROLE, EVERYTHING) if number % 2 else (EVERYTHING, ROLE):
                costs[role] = cost(await spell(stage, server, files[role], seconds, CONNECTIONS))
            pairs.append((costs[ROLE], costs[EVERYTHING]))
    low, middle, high = interval(pairs)
    return [
        Figure(
            "masks.cpu",
            (middle - 1) * 100,
            5,
            "%",
            note=f"CPU of {ROLE}'s mask over none, {len(pairs)} paired rounds,"
            f" 95 % interval {(low - 1) * 100:+.1f} to {(high - 1) * 100:+.1f} %",
        )
    ]


def _opened(folder: Path) -> Path:
    """Copy the policies and add a role that is shown everything, whatever it is to a row."""
    shutil.copytree(ROOT / "policies", folder, dirs_exist_ok=True)
    with (folder / "fields.csv").open("a") as rules:
        rules.write(f"\np, {EVERYTHING}, *, *, allow\n")
    with (folder / "actions.csv").open("a") as rules:
        rules.write(f"\np, {EVERYTHING}, adhoc, allow\n")
    return folder


def _requests(stage: Stage, role: str) -> Sequence[Request]:
    tokens = [stage.token(organisation, role) for organisation in range(stage.size.organisations)]
    made = []
    for operation in OPERATIONS:
        askers = list(operation.askers(stage.size))
        made += [operation.asked(asker, tokens[asker[0]]) for asker in random.Random(7).choices(askers, k=200)]
    for organisation, site in random.Random(7).choices(list(OPERATIONS[0].askers(stage.size)), k=200):
        body = json.dumps(
            {"query": " ".join(HELD.split()), "variables": {"site": f"gid://stockbook/Place/{FIRST + site}"}}
        )
        made.append(Request("/graphql", body, tokens[organisation]))
    return made
