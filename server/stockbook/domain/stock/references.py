"""How an entry names what it means: a global id or an external reference, of the kind that its type says."""

from typing import Annotated, NamedTuple


class Ref(NamedTuple):
    """Marks a text as a reference to something of this kind."""

    kind: str


ItemRef = Annotated[str, Ref("Item")]
PlaceRef = Annotated[str, Ref("Place")]
OrganisationRef = Annotated[str, Ref("Organisation")]
DocumentRef = Annotated[str, Ref("Document")]
ClaimRef = Annotated[str, Ref("Claim")]
MovementRef = Annotated[str, Ref("Movement")]
