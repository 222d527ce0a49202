"""A picture that somebody corrected: awaited, labelled, then looked at by another person; and what may follow what.

::

    AWAITED -> LABELLED -> ACCEPTED | REJECTED
                  ^ RELABEL: the new label is another person's to accept
    all of them -> DELETED, when the organisation's time for keeping them is over
"""

from dataclasses import dataclass
from enum import StrEnum

from stockbook.domain.refusal import Code, Refusal


class SampleState(StrEnum):
    """How far a sample is."""

    AWAITED = "AWAITED"
    """The device has told of it; its picture is still to come."""
    LABELLED = "LABELLED"
    """It is here, and waits for a second person."""
    ACCEPTED = "ACCEPTED"
    """Two people say the same: with consent it teaches."""
    REJECTED = "REJECTED"
    """It is no use: blurred, of nothing, of a person."""
    DELETED = "DELETED"
    """Its time is over: the picture and what it showed are gone."""


class SampleVerdict(StrEnum):
    """What a reviewer says to a sample."""

    ACCEPT = "ACCEPT"
    """The label is right."""
    REJECT = "REJECT"
    """It is no use; why is said."""
    RELABEL = "RELABEL"
    """It shows something else: named, and accepted by somebody else."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review comes to: the state, and whether the reviewer is now who labelled it."""

    state: SampleState
    labels: bool = False


def reviewed(
    state: SampleState, labelled_by: int, reviewer: int, verdict: SampleVerdict, *, item: int | None, reason: str
) -> Reviewed | Refusal:
    """Return what a verdict comes to, or why it can't be given.

    >>> reviewed(SampleState.LABELLED, 7, 8, SampleVerdict.ACCEPT, item=None, reason="").state
    <SampleState.ACCEPTED: 'ACCEPTED'>
    >>> reviewed(SampleState.LABELLED, 7, 7, SampleVerdict.ACCEPT, item=None, reason="").code.name
    'SECOND_PERSON_NEEDED'
    >>> reviewed(SampleState.ACCEPTED, 7, 9, SampleVerdict.RELABEL, item=5, reason="").labels
    True
    >>> reviewed(SampleState.DELETED, 7, 8, SampleVerdict.REJECT, item=None, reason="blurred").code.name
    'SAMPLE_ENDED'
    """
    if (verdict is SampleVerdict.RELABEL) != (item is not None):
        return Refusal(Code.BAD_INPUT, "to relabel one names the item, else one doesn't", ("item",))
    if verdict is SampleVerdict.REJECT and not reason.strip():
        return Refusal(Code.BAD_INPUT, "say why it is rejected", ("reason",))
    if state is SampleState.DELETED:
        return Refusal(Code.SAMPLE_ENDED, "the sample's time is over: it was deleted", ("sample",))
    if state is SampleState.AWAITED:
        return Refusal(Code.GUARD_NOT_MET, "its picture is not here yet", ("sample",))
    if reviewer == labelled_by:
        return Refusal(Code.SECOND_PERSON_NEEDED, "another person than who labelled it looks at it", ("sample",))
    if verdict is SampleVerdict.RELABEL:
        return Reviewed(SampleState.LABELLED, labels=True)
    return Reviewed(SampleState.ACCEPTED if verdict is SampleVerdict.ACCEPT else SampleState.REJECTED)
