"""The verbs of the trade: every movement is one of these."""

from enum import StrEnum


class Verb(StrEnum):
    """What was done; each is one flow and one mutation.

    >>> Verb("PUT_AWAY")
    <Verb.PUT_AWAY: 'PUT_AWAY'>
    """

    EXPECT = "EXPECT"
    RECEIVE = "RECEIVE"
    INSPECT = "INSPECT"
    PUT_AWAY = "PUT_AWAY"
    MOVE = "MOVE"
    DISPATCH = "DISPATCH"
    ARRIVE = "ARRIVE"
    TRANSFORM = "TRANSFORM"
    RESERVE = "RESERVE"
    COMMIT = "COMMIT"
    RELEASE = "RELEASE"
    SELL = "SELL"
    RETURN = "RETURN"
    CHANGE_STATE = "CHANGE_STATE"
    EXPIRE = "EXPIRE"
    DISPOSE = "DISPOSE"
    COUNT = "COUNT"
    GRANT = "GRANT"
    HOLD = "HOLD"
    UNHOLD = "UNHOLD"
    REVERSE = "REVERSE"


class Basis(StrEnum):
    """What a posting stands on.

    SAID: somebody says so, and the books must bear it. FACT: goods were scanned
    where they are; what the books lack comes through the discrepancy place. SEEN:
    a device sets a quantity or state, against what it saw before.
    """

    SAID = "SAID"
    FACT = "FACT"
    SEEN = "SEEN"


FACTS = frozenset({Verb.HOLD, Verb.UNHOLD, Verb.EXPIRE, Verb.COUNT})
"""Verbs that say what is so: never refused for what is promised of the goods, the shortfall is signalled."""
