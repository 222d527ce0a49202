"""What a set of roles may see, as the planner needs it: interned, compared by id."""

from dataclasses import dataclass
from enum import IntFlag


class Relation(IntFlag):
    """What an organisation is to a shared row; who is several sees the union."""

    OWNER = 1
    CUSTODIAN = 2
    DISPOSER = 4
    SELLER = 8
    HOST = 16
    VIEWER = 32
    POSTER = 64


ALL = Relation(127)
NEVER = Relation(0)


@dataclass(frozen=True, slots=True)
class Mask:
    """The disclosure of one role set, expanded from Casbin policies.

    `fields` maps "Type.field" to the relations under which it shows. A field
    absent from it shows to nobody. For types that are not shared, ALL or NEVER.
    `actions` are the mutations and doors the roles may use ("receive", "adhoc"),
    `topics` the streams they may follow.
    """

    id: int
    fields: dict[str, Relation]
    actions: frozenset[str]
    topics: frozenset[str] = frozenset()

    def relations(self, field: str) -> Relation:
        """Return the relations under which "Type.field" shows.

        >>> Mask(1, {"Position.quantity": Relation.OWNER | Relation.HOST}, frozenset()).relations("Position.quantity")
        <Relation.OWNER|HOST: 17>
        """
        return self.fields.get(field, NEVER)
