"""What receipts say of the order that they are for, read off the commands before anything is loaded."""

from collections.abc import Iterable
from datetime import datetime

from stockbook.domain.stock.books import Announced
from stockbook.domain.stock.deciding.occasion import Facts
from stockbook.domain.stock.lines import Receive
from stockbook.domain.stock.verbs import Basis, Verb
from stockbook.flows.ports import OrderedItem
from stockbook.flows.posting.command import Command


def ordered(commands: Iterable[Command], facts: Facts) -> set[OrderedItem]:
    """Return the orders, each with an item, that receipts name without saying from where it came."""
    found = set()
    for command in commands:
        if command.verb is not Verb.RECEIVE or (command.document is None and command.task is None):
            continue
        me = command.organisation
        document = facts.document(me, command.document) if command.document is not None else None
        task = facts.task(me, command.task) if command.task is not None and document is None else None
        for line in command.lines:
            if not isinstance(line, Receive) or line.source is not None or not (document or task):
                continue
            if (item := facts.resolve("Item", line.item)) is not None:
                found.add(OrderedItem(document or 0, task or 0, item))
    return found


def since(commands: Iterable[Command], announced: Announced, now: datetime) -> dict[tuple[int, int], datetime]:
    """Return the earliest moment at which the batch may take each item from where an order announced it."""
    said = [
        command.occurred_at
        for command in commands
        if command.verb is Verb.RECEIVE and command.basis is Basis.SAID and command.occurred_at is not None
    ]
    earliest = min(said, default=now)
    return {(item, place): earliest for _, item, place in announced.left} if earliest < now else {}
