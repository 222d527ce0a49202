"""Who may: principals and their roles, and who asks."""

from datetime import datetime

from strawberry import ID

from stockbook.access.masks import ALL
from stockbook.graph.catalogue import Organisation, Place
from stockbook.graph.declare import NETWORK, OWN, Node, Scope, column, each, identity, one, shape


@shape(
    scope=Scope.PRIVATE,
    table="principal",
    visible={
        ALL: "({p}.id = {actor} or exists (select 1 from membership x where x.principal_id = {p}.id"
        " and x.organisation_id = {me} offset 0))"
    },
    roots=("principal", "principals"),
    reference="(select r.id from principal r where r.external_reference = {ref})",
)
class Principal(Node):
    """A person, device or program that acts for your organisation, or once did."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What its organisation calls it.", sort=True)
    name: str | None = column("{p}.name", "What people call it.", sort=True)
    kind: str | None = column("{p}.kind", "PERSON, DEVICE, PROGRAM or SYSTEM.")
    memberships: "list[Membership] | None" = each("{c}.principal_id = {p}.id", "Its roles with you.", order="{c}.id")


@shape(scope=Scope.PRIVATE, table="membership", visible=OWN)
class Membership(Node):
    """A role of a principal in your organisation."""

    id: ID = identity()
    organisation: Organisation | None = one("{p}.organisation_id", "The organisation.")
    role: str | None = column("{p}.role", "What it may do.")
    sites: list[Place] | None = each("{c}.id = any({p}.sites)", "Only at these sites; none: at all.", order="{c}.id")
    revoked_at: datetime | None = column("{p}.revoked_at", "When it ended.")


@shape(
    scope=Scope.PRIVATE,
    table=None,
    source="(select {actor}::bigint as id, {me}::bigint as organisation_id)",
    visible=NETWORK,
    fetch=False,
)
class Me(Node):
    """Who asks, and for whom."""

    id: ID = identity()
    principal: Principal | None = one("{p}.id", "The principal of the token.")
    organisation: Organisation | None = one("{p}.organisation_id", "The organisation it acts for.")
