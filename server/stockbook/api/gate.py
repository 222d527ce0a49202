"""The gate: who asks, what they ask for, and the answer; the same for every transport."""

import random
import re
import secrets
from dataclasses import dataclass, replace
from typing import Any, Protocol

from stockbook.access.masks import Mask
from stockbook.access.policies import Policies
from stockbook.access.principal import Principal
from stockbook.access.tokens import Claims, TokenRefusedError, Tokens
from stockbook.api.documents import Documents
from stockbook.api.limits import Buckets
from stockbook.api.members import Members
from stockbook.api.refusing import Rejected
from stockbook.graph.execute import Request

_IDS = random.Random(secrets.randbits(128))  # noqa: S311 - nothing hangs on it
"""Nobody need fear a guessed id, and asking the system for one took longer than saying it."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SCHEME = "bearer "
CONDEMNED = frozenset({"condemned_device"})
"""The role of a device that is to be wiped, whatever its token says."""
ASKERS_MAX = 10_000
REVOKED = "a role of this token was revoked: get another one"


class Executor(Protocol):
    """What answers requests."""

    async def execute(self, request: Request, principal: Principal, mask: Mask) -> bytes:
        """Return the whole answer as JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, with what their roles may see and do now."""

    principal: Principal
    mask: Mask


class Gate:
    """Lets requests through."""

    def __init__(
        self,
        tokens: Tokens,
        members: Members,
        policies: Policies,
        documents: Documents,
        executor: Executor,
        buckets: Buckets,
    ) -> None:
        self.tokens = tokens
        self.members = members
        self.policies = policies
        self.documents = documents
        self.executor = executor
        self.buckets = buckets
        self._askers: dict[Claims, Asker] = {}
        policies.on_change(self._forget)
        members.on_change(self._forget)

    async def asker(self, authorization: str | None) -> Asker:
        """Return who an `Authorization` header, or what stands for it, speaks for."""
        if not authorization:
            raise Rejected("UNAUTHENTICATED", "send a token: `Authorization: Bearer ...`", headers=_CHALLENGE)
        if authorization[:7].lower() != _SCHEME:
            raise Rejected("UNAUTHENTICATED", "the only scheme is Bearer", headers=_CHALLENGE)
        try:
            claims = self.tokens.verify(authorization[7:].strip())
        except TokenRefusedError as error:
            raise Rejected("UNAUTHENTICATED", str(error), headers=_CHALLENGE) from error
        return self._askers.get(claims) or await self._find(claims)

    async def _find(self, claims: Claims) -> Asker:
        """Return who a token's claims make somebody, remembered until policies or memberships change."""
        known = self._askers
        if len(known) >= ASKERS_MAX:
            known.clear()
        known[claims] = found = await self._asker(claims)  # into what was known before the waiting: it may be void
        return found

    def _forget(self) -> None:
        self._askers = {}

    async def _asker(self, claims: Claims) -> Asker:
        mask = self.policies.mask(claims.roles)
        principal = Principal(
            claims.principal, claims.organisation, claims.roles, claims.sites, claims.expires_at, mask.id, claims.epoch
        )
        if not await self.members.knows(principal):
            raise Rejected("UNAUTHENTICATED", "nobody here is whom this token names", headers=_CHALLENGE)
        if self.members.condemned(principal):
            mask = self.policies.mask(CONDEMNED)
            return Asker(replace(principal, roles=CONDEMNED, mask=mask.id), mask)
        if self.members.revoked(principal):
            raise Rejected("UNAUTHENTICATED", REVOKED, headers=_CHALLENGE)
        return Asker(principal, mask)

    async def answer(self, said: Any, asker: Asker) -> bytes:
        """Answer a query or mutation."""
        request = self.documents.request(said, asker.mask)
        return await self.run(request, asker)

    async def run(self, request: Request, asker: Asker) -> bytes:
        """Answer a request that was let through."""
        self.buckets.admit(asker.principal)
        answer = await self.executor.execute(request, asker.principal, asker.mask)
        self.buckets.charge(asker.principal, answer)
        return answer


_CHALLENGE = {"www-authenticate": 'Bearer realm="stockbook"'}


def request_id(given: str | None) -> str:
    r"""Return the id that a request came with, or a new one when it has none that can be logged.

    >>> request_id("shop-7:42"), len(request_id("line\nbreak"))
    ('shop-7:42', 16)
    """
    if given and _REQUEST_ID.fullmatch(given):
        return given
    return f"{_IDS.getrandbits(64):016x}"
