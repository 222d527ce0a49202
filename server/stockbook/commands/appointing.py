"""token: who may ask."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from stockbook.access.rules import PolicyError, read
from stockbook.access.tokens import Tokens, secret
from stockbook.commands.reaching import reached
from stockbook.commands.saying import stop
from stockbook.settings import Settings
from stockbook.store.database import Database
from stockbook.store.registering import naming

Role = Annotated[str, typer.Option(help="The role to act in.")]
Organisation = Annotated[str, typer.Option(help="The organisation to act for, by its external reference.")]
Person = Annotated[str | None, typer.Option(help="Who acts, by external reference; the system itself when left out.")]
Site = Annotated[
    list[str] | None,
    typer.Option(
        help="Only at this site, by external reference; may be given again. Left out, as the person's role is."
    ),
]
Hours = Annotated[float, typer.Option(help="How long it is good for.", min=0.01, max=100_000)]


def token(
    role: Role = "network_admin",
    organisation: Organisation = "OPERATOR",
    principal: Person = None,
    site: Site = None,
    hours: Hours = 1,
) -> None:
    """Print a token: who, for which organisation, in which role, for how long."""
    settings = Settings()
    try:
        known = read(settings.policies).roles
    except (PolicyError, OSError) as error:
        stop(str(error))
    if role not in known:
        stop(f"no policy knows the role {role}; there are {', '.join(known)}")
    with reached(settings) as dsn:
        acting, actor, sites = asyncio.run(_who(dsn, organisation, principal, role, site or []))
    tokens = Tokens(secret(settings.secret, settings.home))
    print(tokens.issue(principal=actor, organisation=acting, roles={role}, sites=sites, lifetime_seconds=hours * 3600))


async def _who(
    dsn: str, organisation: str, principal: str | None, role: str, sites: Sequence[str]
) -> tuple[int, int, tuple[int, ...]]:
    """Return the ids of who acts for whom, and of the sites that the role is limited to."""
    database = await Database.open(dsn, size=1)
    try:
        acting = _there(await naming.organisation(database, organisation), "organisation", organisation)
        actor = 1 if principal is None else _there(await naming.principal(database, principal), "principal", principal)
        limited = [_there(await naming.place(database, each), "site", each) for each in sites]
        membership = await naming.membership(database, actor, acting, role)
    finally:
        await database.close()
    if membership is not None and membership.revoked:
        stop(f"{principal} is {role} of {organisation} no longer")
    return acting, actor, tuple(limited) or (membership.sites if membership else ())


def _there(found: naming.Named | None, kind: str, reference: str) -> int:
    if found is None:
        stop(f"there is no {kind} {reference}")
    return found.id
