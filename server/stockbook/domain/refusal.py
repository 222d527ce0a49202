"""Saying no: every expected refusal, in order of precedence.

::

    Refusal   expected; a value; the same input always gets the same first code
      unreadable     BAD_INPUT .. PICTURE_TOO_LARGE
      already        IDEMPOTENCY_KEY_REUSED .. INFLUENCE_RETIRED
      unknown        ITEM_UNKNOWN .. TASK_UNKNOWN
      not permitted  ACTION_DENIED .. SITE_DENIED
      not now        PERIOD_CLOSED .. CONFLICT      (mostly transient)
      limits         TOO_MANY_LINES, CHAIN_FAILED
    Fault     the world failed: an exception, retried
    Bug       an invariant broke: an exception, HTTP 500

The first that applies is returned, the same for everybody. `transient` says
whether the same request could succeed later.
"""

from dataclasses import dataclass, field
from enum import Enum


class Code(Enum):
    """Why something was refused; declared order is precedence, the value is `transient`.

    >>> Code.INSUFFICIENT_STOCK.transient, Code.BAD_QUANTITY.transient
    (True, False)
    >>> Code.BAD_QUANTITY.precedence < Code.INSUFFICIENT_STOCK.precedence
    True
    """

    # unreadable
    BAD_INPUT = (1, False)
    BAD_QUANTITY = (2, False)
    BAD_UNIT = (3, False)
    BAD_TIME = (4, False)
    TOO_MANY_LINES = (5, False)
    MODEL_UNFIT = (6, False)
    PICTURE_UNREADABLE = (7, False)
    PICTURE_TOO_LARGE = (8, False)
    PACK_UNFIT = (9, False)
    # already
    IDEMPOTENCY_KEY_REUSED = (10, False)
    ALREADY_REVERSED = (11, False)
    ENROLMENT_ENDED = (12, False)
    TASK_ENDED = (13, False)
    BARCODE_TAKEN = (14, False)
    SAMPLE_ENDED = (15, False)
    INFLUENCE_RETIRED = (16, False)
    # unknown: never says whether the thing exists for somebody else
    ITEM_UNKNOWN = (20, False)
    LOT_UNKNOWN = (21, False)
    PLACE_UNKNOWN = (22, False)
    ORGANISATION_UNKNOWN = (23, False)
    DOCUMENT_UNKNOWN = (24, False)
    CLAIM_UNKNOWN = (25, False)
    MOVEMENT_UNKNOWN = (26, False)
    REFERENCE_UNKNOWN = (27, False)
    PRODUCTION_IDENTIFIER_MISSING = (28, False)
    TASK_UNKNOWN = (29, False)
    # not permitted
    ACTION_DENIED = (30, False)
    RIGHT_NOT_HELD = (31, True)
    AGREEMENT_AMBIGUOUS = (32, False)
    SECOND_PERSON_NEEDED = (33, False)
    SAMPLES_OFF = (34, True)
    SITE_DENIED = (35, False)
    # not now
    PERIOD_CLOSED = (40, False)
    STATE_FORBIDS = (41, True)
    GUARD_NOT_MET = (42, True)
    OVERLAY_HOLDS = (43, True)
    RIGHTS_DIFFER = (44, False)
    LOT_EXPIRED = (45, False)
    INSUFFICIENT_STOCK = (46, True)
    EXCEEDS_AVAILABLE = (47, True)
    CLAIM_ENDED = (48, False)
    STALE_QUANTITY = (49, True)
    STALE_STATE = (50, True)
    FUTURE_NEGATIVE = (51, False)
    TASK_TAKEN = (52, True)
    MODEL_NOT_BETTER = (53, False)
    PACK_OF_ANOTHER_MODEL = (54, True)
    EXCEEDS_CEILING = (55, False)
    # chains
    CHAIN_FAILED = (60, True)
    # the world moved while we decided; retried inside the server before anybody sees it
    CONFLICT = (70, True)

    @property
    def precedence(self) -> int:
        """Lower comes first."""
        return self.value[0]

    @property
    def transient(self) -> bool:
        """Whether the same request could succeed later."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no with its reason.

    Attributes
    ----------
    message
        One sentence for a person. Names nothing the asker could not name.
    path
        Where in the input, e.g. ``("lines", "3", "quantity")``.
    figures
        Figures the code promises, as decimal strings: `requested` and
        `available`, `expected` and `actual`, or `requested` and `expected`.
    """

    code: Code
    message: str
    path: tuple[str, ...] = ()
    figures: dict[str, str] = field(default_factory=dict)
