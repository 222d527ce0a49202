"""Who asks: a principal acting for one organisation."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """Verified from a token; a token names one acting organisation.

    `mask` is the id of the interned mask of `roles` (see `masks`), `sites` limits
    the roles to places (empty: no limit), `expires_at` closes streams. `epoch` is
    the enrolment that a device's token was issued with.
    """

    id: int
    organisation: int
    roles: frozenset[str]
    sites: tuple[int, ...]
    expires_at: datetime
    mask: int
    epoch: int = 0
