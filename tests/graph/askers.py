"""Who asks in these tests: principals and masks made by hand."""

from datetime import UTC, datetime

from stockbook.access.masks import ALL, Mask, Relation
from stockbook.access.principal import Principal
from stockbook.graph.schema import disclosed

FIELDS = dict.fromkeys(disclosed(), ALL)
EVERYTHING = Mask(1, FIELDS, frozenset())
OWNERS = Relation.OWNER | Relation.VIEWER
NARROW = Mask(
    2,
    {
        name: relations
        for name, relations in {
            **FIELDS,
            "Position.quantity": OWNERS,
            "Position.place": Relation.CUSTODIAN | Relation.HOST,
            "Position.state": Relation.SELLER,
            "Availability.reserved": Relation.SELLER,
            "Availability.item": Relation.HOST,
            "Movement.reason": Relation.POSTER,
            "Movement.legs": Relation.POSTER | Relation.HOST,
            "LegEnd.owner": OWNERS,
            "Lot.expiry": Relation.OWNER,
            "Claim.document": Relation.VIEWER,
        }.items()
        if name not in {"Listing.cost", "Item.gtin", "Position.claimed", "Place.positions", "Charge.quantity"}
    },
    frozenset(),
)
CLOSED = Mask(
    3,
    {name: Relation.OWNER if name == "Position.id" else relations for name, relations in FIELDS.items()
     if name.partition(".")[0] not in {"Listing", "Lot", "Membership"}},
    frozenset(),
)  # fmt: skip
MASKS = {"everything": EVERYTHING, "narrow": NARROW, "closed": CLOSED}


def principal(organisation: int, sites: tuple[int, ...] = (), actor: int = 10) -> Principal:
    """Somebody who acts for an organisation."""
    return Principal(actor, organisation, frozenset(), sites, datetime(2030, 1, 1, tzinfo=UTC), 0)
