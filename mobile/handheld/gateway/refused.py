"""Why the gateway does not do what it was asked: a code that programs rely on, a status, words."""

from enum import StrEnum
from http import HTTPStatus
from typing import Any, NamedTuple

from handheld.outbox.limits import Reason
from handheld.vision.absent import TEXTS, Why


class Code(StrEnum):
    """The codes; those of the outbox are its own."""

    BAD_INPUT = "BAD_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    NOT_FOUND = "NOT_FOUND"
    CODE_UNKNOWN = "CODE_UNKNOWN"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    ID_TAKEN = "ID_TAKEN"
    NO_WEIGHT = "NO_WEIGHT"
    NOTHING_ENROLLED = "NOTHING_ENROLLED"
    LENGTH_REQUIRED = "LENGTH_REQUIRED"
    TOO_LARGE = "TOO_LARGE"
    PICTURE_UNREADABLE = "PICTURE_UNREADABLE"
    INTERNAL = "INTERNAL"
    BUSY = "BUSY"
    UNRECOGNISING = "UNRECOGNISING"
    FULL = "FULL"
    TOO_OLD = "TOO_OLD"
    STOPPED = "STOPPED"
    WIPING = "WIPING"
    DISK = "DISK"

    @property
    def status(self) -> HTTPStatus:
        """The status it is answered with.

        >>> Code.ID_TAKEN.status, Code.FULL.status
        (<HTTPStatus.CONFLICT: 409>, <HTTPStatus.SERVICE_UNAVAILABLE: 503>)
        """
        return _STATUS.get(self, HTTPStatus.SERVICE_UNAVAILABLE)


_STATUS = {
    Code.BAD_INPUT: HTTPStatus.BAD_REQUEST,
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.CODE_UNKNOWN: HTTPStatus.NOT_FOUND,
    Code.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Code.ID_TAKEN: HTTPStatus.CONFLICT,
    Code.NO_WEIGHT: HTTPStatus.CONFLICT,
    Code.NOTHING_ENROLLED: HTTPStatus.CONFLICT,
    Code.LENGTH_REQUIRED: HTTPStatus.LENGTH_REQUIRED,
    Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.PICTURE_UNREADABLE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""All others can't be done just now."""


class Refused(NamedTuple):
    """Nothing was done.

    >>> Refused(Code.CODE_UNKNOWN, "no goods have this code").body
    {'errors': [{'message': 'no goods have this code', 'extensions': {'code': 'CODE_UNKNOWN'}}]}
    """

    code: Code
    message: str
    path: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        """What is answered, in the form of the server's refusals."""
        path = {"path": list(self.path)} if self.path else {}
        return {"errors": [{"message": self.message, **path, "extensions": {"code": self.code.value}}]}


def unkept(reason: Reason, message: str) -> Refused:
    """Return the refusal of what the outbox did not take.

    >>> unkept(Reason.FULL, "").code.name, unkept(Reason.UNFIT, "no labels").message
    ('FULL', 'no labels')
    """
    if reason is Reason.UNFIT:
        return Refused(Code.BAD_INPUT, message)
    return Refused(Code[reason.name], message or reason.value)


def unseen(why: Why) -> Refused:
    """Return the refusal of a picture that is not recognised.

    >>> unseen(Why.NO_MODEL).code.name, unseen(Why.BAD_PICTURE).code.name
    ('UNRECOGNISING', 'PICTURE_UNREADABLE')
    """
    codes = {Why.BAD_PICTURE: Code.PICTURE_UNREADABLE, Why.NOTHING_ENROLLED: Code.NOTHING_ENROLLED}
    text = TEXTS[why]
    return Refused(codes.get(why, Code.UNRECOGNISING), f"{text.en} / {text.zh}")
