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
        "recordCodes",
        "registerPlaces",
        "registerPrincipals",
        "revokeMemberships",
        "makeAgreements",
        "recordListings",
        "openDocuments",
        "setDevices",
        "reportDevice",
        "closePeriod",
        "defineStates",
        "defineOverlays",
        "defineGuards",
        "adoptTemplates",
    }
)
TELLINGS = frozenset(
    {
        "registerInfluences",
        "recordInfluences",
        "retireInfluences",
        "declareSubstitutes",
        "overrideForecasts",
        "recordReplenishment",
        "tryForecasts",
        "clearForecasts",
        "acceptProposals",
        "dismissProposals",
    }
)
"""What demand can be told, and what may be decided of what it proposes."""
RECOGNITION = frozenset(
    {
        "publishModels",
        "rollOutModels",
        "reportModel",
        "adoptGalleryPacks",
        "dropGalleryPacks",
        "setRecognition",
        "recordSamples",
        "reviewSamples",
    }
)
"""Models that recognise goods, galleries that are handed on, and the pictures that teach."""
WORK = frozenset({"openTasks", "takeTask", "settleTask", "cancelTasks", "recordCounts", "reviewCounts"})
CAPTURE = frozenset({"enrolDevices", "captureScans", "wipeDevices"})
DOORS = frozenset({"adhoc", "introspect", "playground"})
"""Send a text of one's own, ask for the schema, open the page that does both."""
FOR_OTHERS = "registerForOthers"
"""Register on behalf of any organisation, not just one's own."""
ACTIONS = POSTINGS | REGISTRATIONS | TELLINGS | RECOGNITION | WORK | CAPTURE | DOORS | {FOR_OTHERS}
TOPICS = frozenset({"proposals", "sellableNow", "stockEvents"})


def verbs(mask: Mask) -> frozenset[Verb]:
    """Return the verbs that these roles may post.

    >>> verbs(Mask(1, {}, frozenset({"putAway", "adhoc"})))
    frozenset({<Verb.PUT_AWAY: 'PUT_AWAY'>})
    """
    return frozenset(verb for verb in Verb if camel(verb) in mask.actions)


def denied(mask: Mask, action: str) -> Refusal | None:
    """Return the refusal when these roles may not use `action`.

    >>> denied(Mask(1, {}, frozenset({"sell"})), "dispose").code.name
    'ACTION_DENIED'
    """
    if action in mask.actions:
        return None
    return Refusal(Code.ACTION_DENIED, f"none of your roles may use {action}")
