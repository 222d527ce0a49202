"""Tokens: who asks, for which organisation, in which roles, until when.

A token is a JWT signed with the secret of this installation (HS256). It names
one acting organisation; what it says was decided when it was issued, so
verifying asks nobody. A verified token is remembered by its hash until it
expires, so the signature is computed once, not once a request.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt

AUDIENCE = "stockbook"
SECRET_BYTES_MIN = 32
TOKEN_LENGTH_MAX = 8192


class TokenRefusedError(Exception):
    """The token proves nothing; `expired` tells the holder that a new one is due."""

    def __init__(self, message: str, *, expired: bool = False) -> None:
        super().__init__(message)
        self.expired = expired


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says."""

    principal: int
    organisation: int
    roles: frozenset[str]
    sites: tuple[int, ...]
    expires_at: datetime
    epoch: int = 0
    """Of a device: the enrolment it was issued with; another one voids it."""


class Tokens:
    """Issues and verifies tokens of one secret.

    >>> tokens = Tokens("a secret of at least thirty-two bytes")
    >>> token = tokens.issue(principal=7, organisation=3, roles={"storekeeper"}, lifetime_seconds=60)
    >>> tokens.verify(token).roles
    frozenset({'storekeeper'})
    >>> tokens.verify(token + "x")
    Traceback (most recent call last):
    ...
    stockbook.access.tokens.TokenRefusedError: this token is not valid
    """

    def __init__(self, secret: str, *, remembered_max: int = 10_000, clock: Callable[[], float] = time.time) -> None:
        if len(secret.encode()) < SECRET_BYTES_MIN:
            raise ValueError(f"the secret for tokens has fewer than {SECRET_BYTES_MIN} bytes")
        self._secret = secret
        self._clock = clock
        self._remembered_max = remembered_max
        self._verified: OrderedDict[bytes, tuple[float, Claims]] = OrderedDict()

    def issue(
        self,
        *,
        principal: int,
        organisation: int,
        roles: frozenset[str] | set[str],
        sites: tuple[int, ...] = (),
        lifetime_seconds: float = 3600,
        epoch: int = 0,
    ) -> str:
        """Return a token; whoever holds it is `principal` for `organisation` until it expires."""
        now = self._clock()
        claims = {
            "aud": AUDIENCE,
            "sub": str(principal),
            "organisation": organisation,
            "roles": sorted(roles),
            "sites": list(sites),
            "iat": int(now),
            "exp": int(now + lifetime_seconds),
            **({"epoch": epoch} if epoch else {}),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def device_secret(self, reference: str, epoch: int, salt: bytes) -> bytes:
        """Return the secret that a device seals with: derived, so that it is kept nowhere but on the device.

        >>> tokens = Tokens("a secret of at least thirty-two bytes")
        >>> one, other = (tokens.device_secret("PDA-7", epoch, b"salt") for epoch in (1, 2))
        >>> len(one), one == other
        (32, False)
        """
        named = b"\n".join((b"device", reference.encode(), str(epoch).encode(), salt))
        return hmac.digest(self._secret.encode(), named, "sha256")

    def verify(self, token: str) -> Claims:
        """Return what the token says, or raise `TokenRefusedError`."""
        if len(token) > TOKEN_LENGTH_MAX:
            raise TokenRefusedError("this token is not valid")
        name = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        known = self._verified.get(name)
        if known is None:
            known = self._remember(name, self._decode(token))
        expires, claims = known
        if expires <= self._clock():
            self._verified.pop(name, None)
            raise TokenRefusedError("this token has expired", expired=True)
        return claims

    def _decode(self, token: str) -> Claims:
        try:
            said: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud"], "verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, ValueError) as error:
            raise TokenRefusedError("this token is not valid") from error
        return _claims(said)

    def _remember(self, name: bytes, claims: Claims) -> tuple[float, Claims]:
        known = (claims.expires_at.timestamp(), claims)
        self._verified[name] = known
        while len(self._verified) > self._remembered_max:
            self._verified.popitem(last=False)
        return known


def _claims(said: dict[str, Any]) -> Claims:
    """Check the shape too: a signature says who wrote it, not that it is well-formed."""
    try:
        claims = Claims(
            principal=int(said["sub"]),
            organisation=said["organisation"],
            roles=frozenset(said["roles"]),
            sites=tuple(said["sites"]),
            expires_at=datetime.fromtimestamp(said["exp"], UTC),
            epoch=int(said.get("epoch", 0)),
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise TokenRefusedError("this token is not valid") from error
    ids = (claims.principal, claims.organisation, *claims.sites)
    if not all(type(each) is int and each > 0 for each in ids) or not all(isinstance(r, str) for r in claims.roles):
        raise TokenRefusedError("this token is not valid")
    return claims


def secret(given: str | None, home: Path) -> str:
    """Return the secret: the one given, else the one kept in `home`, made at first start.

    The file is readable by its owner only and is created in one step, so two
    processes that start together agree on one secret.
    """
    if given:
        return given
    home.mkdir(parents=True, exist_ok=True)
    path = home / "secret"
    fresh = home / f"secret.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
