"""What may be done: the names of mutations, doors and topics, and who is refused them."""

from stockbook.access.masks import Mask
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.verbs import Verb


def camel(verb: Verb) -> str:
    """Return the mutation's name of a verb.

    >>> camel(Verb.PUT_AWAY)
    'putAway'
    """
    first, *rest = verb.value.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


POSTINGS = frozenset(camel(verb) for verb in Verb)
REGISTRATIONS = frozenset(
    {
        "registerOrganisations",
        "registerItems",
        "registerPlaces",
        "registerPrincipals",
        "revokeMemberships",
        "makeAgreements",
        "recordListings",
        "openDocuments",
        "closePeriod",
        "defineStates",
    }
)
DOORS = frozenset({"adhoc", "introspect", "playground"})
"""Send a text of one's own, ask for the schema, open the page that does both."""
FOR_OTHERS = "registerForOthers"
"""Register on behalf of any organisation, not just one's own."""
ACTIONS = POSTINGS | REGISTRATIONS | DOORS | {FOR_OTHERS}
TOPICS = frozenset({"sellableNow", "stockEvents"})


def denied(mask: Mask, action: str) -> Refusal | None:
    """Return the refusal when these roles may not use `action`.

    >>> denied(Mask(1, {}, frozenset({"sell"})), "dispose").code.name
    'ACTION_DENIED'
    """
    if action in mask.actions:
        return None
    return Refusal(Code.ACTION_DENIED, f"none of your roles may use {action}")
