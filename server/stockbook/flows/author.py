"""Who registers, for whom, and what he is answered: the same whatever is registered."""

from dataclasses import dataclass

from stockbook.domain.refusal import Refusal

Registered = tuple[int, bool]
"""(id, whether it was known before)."""
Verdicts = list[Registered | Refusal]
"""One an entry, in order."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who registers, for whom.

    `everywhere`: may register on behalf of any organisation, else only for its
    own; an agreement belongs to its giver. `roles` are those it may appoint to,
    `sites` those it is limited to, when there are any.
    """

    organisation: int
    principal: int
    everywhere: bool
    roles: frozenset[str]
    sites: tuple[int, ...] = ()
