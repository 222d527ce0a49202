"""Deciding what forecasts propose: accepted it becomes an order, dismissed it rests until the next review."""

from stockbook.flows.demand.proposal_book import AcceptanceEntry, DismissalEntry
from stockbook.flows.demand.proposing import Proposing
from stockbook.graph.mutations.way import Way

WAYS: dict[str, Way[Proposing]] = {
    "acceptProposals": Way(
        AcceptanceEntry,
        "Document",
        "Accept proposals: each becomes part of an order, and its goods are expected. The ids are those of the orders.",
        lambda proposing, author, entries: proposing.accept(author, entries),
    ),
    "dismissProposals": Way(
        DismissalEntry,
        "Proposal",
        "Dismiss proposals, with a reason; nothing is proposed there again before the next review.",
        lambda proposing, author, entries: proposing.dismiss(author, entries),
    ),
}
