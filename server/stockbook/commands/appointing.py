"""token: who may ask."""

import asyncio
from typing import Annotated

import typer

from stockbook.access.tokens import Tokens, secret
from stockbook.commands.reaching import reached
from stockbook.commands.saying import stop
from stockbook.settings import Settings
from stockbook.store import naming
from stockbook.store.database import Database

Role = Annotated[str, typer.Option(help="The role to act in.")]
Organisation = Annotated[str, typer.Option(help="The organisation to act for, by its external reference.")]
Person = Annotated[str | None, typer.Option(help="Who acts, by external reference; the system itself when left out.")]
Hours = Annotated[float, typer.Option(help="How long it is good for.", min=0.01)]


def token(
    role: Role = "network_admin",
    organisation: Organisation = "OPERATOR",
    principal: Person = None,
    hours: Hours = 1,
) -> None:
    """Print a token: who, for which organisation, in which role, for how long."""
    settings = Settings()
    with reached(settings) as dsn:
        acting, actor = asyncio.run(_who(dsn, organisation, principal))
    tokens = Tokens(secret(settings.secret, settings.home))
    print(tokens.issue(principal=actor, organisation=acting, roles={role}, lifetime_seconds=hours * 3600))


async def _who(dsn: str, organisation: str, principal: str | None) -> tuple[int, int]:
    database = await Database.open(dsn, size=1)
    try:
        acting = await naming.organisation(database, organisation)
        actor = None if principal is None else await naming.principal(database, principal)
    finally:
        await database.close()
    if acting is None or (principal is not None and actor is None):
        stop(f"there is no {'organisation' if acting is None else 'principal'} with that external reference")
    return acting.id, actor.id if actor else 1
