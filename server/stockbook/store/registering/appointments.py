"""Registering who acts: principals, the roles they are given, and the end of these."""

from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.registrations import MembershipEntry, PrincipalEntry, RevocationEntry
from stockbook.store.registering.desk import Desk, RefusedError

_REVOKE = """
update membership set revoked_at = clock_timestamp()
where principal_id = $1 and organisation_id = $2 and role = $3 and revoked_at is null returning id
"""
_MEMBERSHIP = "select id from membership where principal_id = $1 and organisation_id = $2 and role = $3"


async def principal(desk: Desk, entry: PrincipalEntry) -> Registered:
    """Register a principal; its memberships that are not named any more are revoked."""
    if entry.kind not in {"PERSON", "DEVICE", "PROGRAM"}:
        raise RefusedError(Code.BAD_INPUT, "a principal is a PERSON, DEVICE or PROGRAM", "kind")
    row = {"external_reference": entry.external_reference, "name": entry.name, "kind": entry.kind}
    who, known = await desk.put("principal", "external_reference", row)
    kept = []
    for number, membership in enumerate(entry.memberships):
        organisation, sites = await _membership(desk, membership, f"memberships.{number}")
        made = await desk.connection.fetchval(
            "insert into membership as m (principal_id, organisation_id, role, sites) values ($1, $2, $3, $4)"
            " on conflict (principal_id, organisation_id, role)"
            " do update set sites = excluded.sites, revoked_at = null"
            " where m.sites <> excluded.sites or m.revoked_at is not null returning id",
            who,
            organisation,
            membership.role,
            sites,
        )
        known = known and made is None
        kept.append((organisation, membership.role))
    revoked = await desk.connection.fetch(
        "update membership set revoked_at = now() where principal_id = $1 and revoked_at is null"
        " and ($2 or organisation_id = $3)"
        " and (organisation_id, role) not in (select * from unnest($4::bigint[], $5::text[])) returning id",
        who,
        desk.author.everywhere,
        desk.author.organisation,
        [organisation for organisation, _ in kept],
        [role for _, role in kept],
    )
    return who, known and not revoked


async def _membership(desk: Desk, entry: MembershipEntry, path: str) -> tuple[int, list[int]]:
    if entry.role not in desk.author.roles:
        raise RefusedError(Code.ACTION_DENIED, "one appoints to roles only whose actions one has", path, "role")
    organisation = await desk.own(entry.organisation, path)
    sites = [await desk.one("Place", site, path) for site in entry.sites]
    return organisation, sorted(set(sites))


async def revocation(desk: Desk, entry: RevocationEntry) -> Registered:
    """End a role. Whether a principal is unknown or has no such role is answered alike."""
    organisation = await desk.own(entry.organisation, "organisation")
    if entry.role not in desk.author.roles and not desk.author.everywhere:
        raise RefusedError(Code.ACTION_DENIED, "one takes away roles only whose actions one has", "role")
    try:
        who = await desk.one("Principal", entry.principal, "principal")
    except RefusedError:
        who = 0
    revoked = await desk.connection.fetchval(_REVOKE, who, organisation, entry.role)
    if revoked is not None:
        return revoked, False
    known = await desk.connection.fetchval(_MEMBERSHIP, who, organisation, entry.role)
    if known is None:
        raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no such membership", "principal")
    return known, True
