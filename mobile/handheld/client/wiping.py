"""Being wiped: an order that only the server can have sealed, for this very enrolment."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from handheld.client.enrolment import Enrolment
from stockbook.domain.capture.wipe import WipeMode, ordered


class Order(NamedTuple):
    """What the server ordered."""

    mode: WipeMode
    reason: str
    text: str
    """As it is kept until it is carried out."""


class Wiped(NamedTuple):
    """What there is to say once everything is erased."""

    reason: str
    unsent: int


def order(said: Iterable[Mapping[str, Any]], enrolment: Enrolment) -> Order | None:
    """Return the order that is sealed for this enrolment, the strictest of them; what nobody sealed is none.

    >>> import base64
    >>> from stockbook.domain.capture import wipe
    >>> secret = bytes(32)
    >>> mine = Enrolment("https://stockbook.example", "PDA-7", 2, base64.b64encode(secret).decode(), "t")
    >>> seal = wipe.order(secret, "PDA-7", 2, WipeMode.AT_ONCE, "stolen")
    >>> told = {"mode": "AT_ONCE", "reason": "stolen", "seal": seal}
    >>> order([told], mine).mode.value, order([{**told, "reason": "lost"}], mine), order([{}], mine)
    ('AT_ONCE', None, None)
    """
    found = {each.mode: each for told in said if (each := _order(told, enrolment)) is not None}
    return found.get(WipeMode.AT_ONCE) or found.get(WipeMode.DRAIN_FIRST)


def kept(enrolment: Enrolment) -> Order | None:
    """Return the order that was taken before and is not carried out."""
    return _order(json.loads(enrolment.order), enrolment) if enrolment.order else None


def seal(order: Order) -> str:
    """Return the seal by which the server knows its order again."""
    said: dict[str, str] = json.loads(order.text)
    return said["seal"]


def _order(told: Mapping[str, Any], enrolment: Enrolment) -> Order | None:
    try:
        mode, reason, said = WipeMode(told["mode"]), str(told["reason"]), str(told["seal"])
    except (KeyError, TypeError, ValueError):
        return None
    who = enrolment.identity
    if not ordered(who.secret, who.reference, who.epoch, mode, reason, said):
        return None
    return Order(mode, reason, json.dumps({"mode": mode.value, "reason": reason, "seal": said}, ensure_ascii=False))
