"""However a sealed queue is delivered (shuffled, doubled, cut, replies lost), the journal is that of once in order.

The model knows what a storeman's words mean to shelves, and nothing of the code.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stockbook.domain.capture.chain import Sealed
from stockbook.domain.capture.clock import Moment
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.devices.raising import Raising
from stockbook.flows.devices.taking import Batch, Capture
from stockbook.flows.ports import Fault
from stockbook.store.memory.devices import MemoryDevices
from tests.capture.phone import Phone
from tests.memory import Memory
from tests.trade import Trade

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PLACES = ("SHOP/DOCK", "SHOP/A", "SHOP/B")
ITEMS = ("MILK", "JUICE")
DEVICE = 77


class Shelves:
    """What lies where: goods come in, are carried, and what nobody booked was there all the same."""

    def __init__(self):
        self.there = Counter()
        self.posted = []

    def chain(self, events):
        """Take events that stand or fall together."""
        before = Counter(self.there)
        if all(self._done(labels) for _, labels in events):
            self.posted += [sequence for sequence, _ in events]
        else:
            self.there = before

    def _done(self, labels):
        item, quantity = labels["item"], int(labels.get("quantity", "1"))
        if item not in ITEMS:
            return False
        if labels["action"] == "inbound":
            self.there[item, labels["shelf"]] += quantity
        elif labels["action"] == "move":
            source, place = labels["source"], labels["place"]
            if place not in PLACES:
                return False
            self.there[item, source] = max(self.there[item, source] - quantity, 0)
            self.there[item, place] += quantity
        elif labels["action"] == "count":
            lies = self.there[item, labels["place"]]
            if lies != int(labels["seen"]):
                return False
            self.there[item, labels["place"]] = quantity
        return True


class World:
    """A shop in memory, and one device of it."""

    def __init__(self):
        self.trade = Trade(Memory())
        self.devices = MemoryDevices(self.trade.store.inner)
        self.broken = False
        self.capture = Capture(
            self.devices,
            self,
            Raising(self.trade.store.ledger, self.trade.store.catalogue),
            lambda reference, epoch, salt: b"k" * 32,
            clock=self.trade.now,
        )

    def post_chain(self, commands):
        return self.trade.posting.post_chain(commands)

    async def begin(self):
        await self.trade.organisations("SHOP")
        await self.trade.site("SHOP", "DOCK", "A", "B")
        for item in ITEMS:
            await self.trade.item(item)
        self.devices.enrol(self.trade.ids["SHOP"], DEVICE, "PDA", NOON - timedelta(days=1))

    async def send(self, phone, events, *, more):
        sealed = tuple(Sealed(each["sequence"], each["previous"], each["scan"], each["seal"]) for each in events)
        batch = Batch("PDA", 1, Moment(phone.wall), sealed, more)
        return await self.capture.capture(self.trade.ids["SHOP"], DEVICE, frozenset(Verb), batch)

    async def crash(self, phone, events, *, more):
        """Post, and lose power before anything is kept."""
        alone = self.devices.alone
        self.devices.alone = lambda *who: _Broken(alone(*who))
        with pytest.raises(Fault):
            await self.send(phone, events, more=more)
        self.devices.alone = alone

    def journal(self):
        """Return what was posted of the device, in order, without the numbers that each run draws anew."""
        inner = self.trade.store.inner
        entries = [recorded.entry for _, recorded in sorted(inner.books.movements.items())]

        def end(which):
            place = inner.places_by_id[which.place]
            return place.kind if place.virtual else which

        return [
            (
                entry.key,
                entry.line,
                entry.verb,
                [(x.item, x.quantity, end(x.source), end(x.target)) for x in entry.legs],
            )
            for entry in entries
        ]

    async def lies(self):
        there = Counter()
        names = {number: name for name, number in self.trade.ids.items()}
        for position, quantity in (await self.trade.store.positions()).items():
            there[names[position.item], names[position.place]] += int(quantity)
        return +there


class _Broken:
    """A desk whose power fails when it is about to keep."""

    def __init__(self, inner):
        self._inner = inner

    async def __aenter__(self):
        desk = await self._inner.__aenter__()
        desk.keep = _fail
        return desk

    async def __aexit__(self, *what):
        return await self._inner.__aexit__(*what)


async def _fail(*_):
    raise Fault("the power failed")


EVENTS = st.one_of(
    st.builds(
        lambda item, quantity, place: {"action": "inbound", "item": item, "quantity": str(quantity), "shelf": place},
        st.sampled_from((*ITEMS, *ITEMS, "UNKNOWN")),
        st.integers(1, 9),
        st.sampled_from(PLACES),
    ),
    st.builds(
        lambda item, quantity, ends: {
            "action": "move", "item": item, "quantity": str(quantity), "source": ends[0], "place": ends[1]
        },
        st.sampled_from(ITEMS),
        st.integers(1, 12),
        st.sampled_from([(a, b) for a in PLACES for b in (*PLACES, "NOWHERE") if a != b]),
    ),
    st.builds(
        lambda item, quantity, seen, place: {
            "action": "count", "item": item, "quantity": str(quantity), "seen": str(seen), "place": place
        },
        st.sampled_from(ITEMS),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(PLACES),
    ),
)  # fmt: skip
QUEUES = st.lists(st.tuples(EVENTS, st.sampled_from(("", "", "", "a", "b"))), min_size=1, max_size=25)
DELIVERIES = st.integers(0, 2**32)


def scanned(queue):
    phone = Phone("PDA", 1, b"k" * 32, wall=NOON - timedelta(hours=5))
    for labels, chain in queue:
        phone.scan(**labels, like={"chain": chain} if chain else {})
    phone.wall = NOON
    return phone


def chains(queue):
    """Return the events that stand or fall together: those of one name that follow one another."""
    found = []
    for sequence, (labels, chain) in enumerate(queue, 1):
        if chain and found and found[-1][0] == chain:
            found[-1][1].append((sequence, labels))
        else:
            found.append((chain, [(sequence, labels)]))
    return [events for _, events in found]


async def deliver(world, phone, dice):
    """Send batches over a bad line until everything is taken."""
    events = phone.queue
    size = dice.randint(1, len(events) + 2)
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    sent = batches * dice.randint(1, 3)
    dice.shuffle(sent)
    for batch in [*sent, *batches]:
        mixed = batch + dice.sample(events, dice.randint(0, min(3, len(events))))
        dice.shuffle(mixed)
        more = not any(each["sequence"] == len(events) for each in mixed)
        if dice.random() < 0.2:
            await world.crash(phone, mixed, more=more)
        answer = await world.send(phone, mixed, more=more)
        if dice.random() < 0.3:  # the reply is lost: the same again is answered the same
            again = await world.send(phone, mixed, more=more)
            assert again.upto == answer.upto
            for one, other in zip(answer.events, again.events, strict=True):
                assert other.fate in {one.fate, "DUPLICATE"}
                assert (other.fate == "DUPLICATE") <= (one.fate in {"POSTED", "DUPLICATE"})
                assert other.kept.code == one.kept.code
    return await world.send(phone, [], more=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(QUEUES, DELIVERIES)
async def test_any_delivery_gives_the_journal_of_once_in_order(queue, seed):
    phone = scanned(queue)
    straight, crooked = World(), World()
    for world in (straight, crooked):
        await world.begin()
    await straight.send(phone, phone.queue, more=False)
    done = await deliver(crooked, phone, random.Random(seed))
    assert done.upto == len(queue)
    assert crooked.journal() == straight.journal()
    model = Shelves()
    for events in chains(queue):
        model.chain(events)
    posted = dict.fromkeys(int(key.rpartition(":")[2]) for key, *_ in crooked.journal())
    assert list(posted) == model.posted
    assert await crooked.lies() == +model.there


@pytest.mark.parametrize("seed", [13])
async def test_t13_two_thousand_scans_shuffled_and_doubled(store, dock, bin_, seed):
    """A79: the ledger is right, nothing is doubled, nothing lost."""
    dice = random.Random(seed)
    pda = await store.enrol(f"T13-{store.name}")
    model = Counter()
    for _ in range(2000):
        quantity = dice.randint(1, 9)
        if dice.random() < 0.6:
            pda.scan("inbound", item="MILK", quantity=str(quantity), place=dock)
            model["dock"] += quantity
        else:
            pda.scan("put_away", item="MILK", quantity=str(quantity), source=dock, shelf=bin_)
            model["dock"] = max(model["dock"] - quantity, 0)
            model["bin"] += quantity
    batches = [pda.queue[start : start + 200] for start in range(0, 2000, 200)] * 2
    dice.shuffle(batches)
    for batch in batches:
        await store.send(pda, dice.sample(batch, len(batch)))
    assert (await store.send(pda, []))["upto"] == 2000
    posted = [sequence for sequence, _ in await store.verbs(pda)]
    assert posted == list(range(1, 2001))
    assert (await store.there("MILK", dock), await store.there("MILK", bin_)) == (
        str(model["dock"]), str(model["bin"])
    )  # fmt: skip
