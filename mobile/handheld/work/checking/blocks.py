"""What stops a scan, on which job, and what lifts it: one table.

The first reason in declared order is the one that is told. A reason that a job
doesn't name doesn't stop it there.
"""

from enum import Enum

from handheld.work.saying.feedback import Lift
from handheld.work.tasks.task import Job


class Why(Enum):
    """Why a scan was not taken; the value is the code of its sentence."""

    # the code itself
    SCANNER_NOT_GS1 = "scanner_not_gs1"
    UNREADABLE = "unreadable"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_PLACE = "unknown_place"
    BAD_QUANTITY = "bad_quantity"
    NO_QUANTITY = "no_quantity"
    # the goods
    MISSING_PI = "missing_pi"
    SCANNED_ALREADY = "scanned_already"
    EXPIRED = "expired"
    EXPIRY_DIFFERS = "expiry_differs"
    HELD = "held"
    # the task
    NOT_ON_LIST = "not_on_list"
    WRONG_LOT = "wrong_lot"
    WRONG_BIN = "wrong_bin"
    WRONG_VEHICLE = "wrong_vehicle"
    RIGHTS_DIFFER = "rights_differ"
    OVER = "over"
    ALREADY_COUNTED = "already_counted"
    RECOUNT = "recount"
    LARGE_DIFFERENCE = "large_difference"
    EMPTY_UNIT = "empty_unit"
    OTHER_LABEL = "other_label"
    # the event
    NINTH_LABEL = "ninth_label"
    # the journal; the names are its reasons
    WIPING = "queue_wiping"
    STOPPED = "queue_stopped"
    FULL = "queue_full"
    TOO_OLD = "offline_too_long"
    UNFIT = "unfit"
    DISK = "disk"


ALWAYS: dict[Why, Lift] = {
    Why.SCANNER_NOT_GS1: Lift.SETUP,
    Why.UNREADABLE: Lift.RESCAN,
    Why.UNKNOWN_CODE: Lift.RESCAN,
    Why.UNKNOWN_ITEM: Lift.SEARCH,
    Why.UNKNOWN_PLACE: Lift.RESCAN,
    Why.BAD_QUANTITY: Lift.RESCAN,
    Why.NO_QUANTITY: Lift.QUANTITY,
    Why.EMPTY_UNIT: Lift.RESCAN,
    Why.OTHER_LABEL: Lift.RESCAN,
    Why.NINTH_LABEL: Lift.RESCAN,
    Why.WIPING: Lift.SYNC,
    Why.STOPPED: Lift.ENROL,
    Why.FULL: Lift.SYNC,
    Why.TOO_OLD: Lift.SYNC,
    Why.UNFIT: Lift.RESCAN,
    Why.DISK: Lift.SYNC,
}
"""On every job alike."""

RULES: dict[Job, dict[Why, Lift]] = {
    Job.GOODS_IN: {
        Why.MISSING_PI: Lift.SECOND_CODE,
        Why.SCANNED_ALREADY: Lift.RESCAN,
        Why.EXPIRED: Lift.SECOND_PERSON,
        Why.EXPIRY_DIFFERS: Lift.FORCE,
        Why.NOT_ON_LIST: Lift.FORCE,
        Why.WRONG_LOT: Lift.FORCE,
        Why.OVER: Lift.FORCE,
    },
    Job.PUT_AWAY: {
        Why.SCANNED_ALREADY: Lift.RESCAN,
        Why.EXPIRED: Lift.FORCE,
        Why.NOT_ON_LIST: Lift.FORCE,
        Why.WRONG_LOT: Lift.FORCE,
        Why.WRONG_BIN: Lift.FORCE,
        Why.OVER: Lift.FORCE,
    },
    Job.PICKING: {
        Why.SCANNED_ALREADY: Lift.RESCAN,
        Why.EXPIRED: Lift.RESCAN,
        Why.HELD: Lift.RESCAN,
        Why.NOT_ON_LIST: Lift.FORCE,
        Why.WRONG_LOT: Lift.FORCE,
        Why.WRONG_BIN: Lift.FORCE,
        Why.RIGHTS_DIFFER: Lift.RESCAN,
        Why.OVER: Lift.FORCE,
    },
    Job.TRANSFER: {
        Why.SCANNED_ALREADY: Lift.RESCAN,
        Why.NOT_ON_LIST: Lift.FORCE,
        Why.WRONG_LOT: Lift.FORCE,
        Why.WRONG_BIN: Lift.FORCE,
        Why.RIGHTS_DIFFER: Lift.RESCAN,
        Why.OVER: Lift.FORCE,
    },
    Job.STOCKTAKE: {
        Why.SCANNED_ALREADY: Lift.RESCAN,
        Why.ALREADY_COUNTED: Lift.FORCE,
        Why.WRONG_BIN: Lift.FORCE,
        Why.RECOUNT: Lift.RECOUNT,
        Why.LARGE_DIFFERENCE: Lift.SECOND_PERSON,
    },
    Job.QUALITY: {
        Why.SCANNED_ALREADY: Lift.RESCAN,
        Why.NOT_ON_LIST: Lift.FORCE,
        Why.WRONG_LOT: Lift.FORCE,
        Why.OVER: Lift.FORCE,
    },
    Job.HAND_OVER: {
        Why.SCANNED_ALREADY: Lift.RESCAN,
        Why.EXPIRED: Lift.RESCAN,
        Why.HELD: Lift.RESCAN,
        Why.NOT_ON_LIST: Lift.FORCE,
        Why.WRONG_LOT: Lift.FORCE,
        Why.WRONG_VEHICLE: Lift.SECOND_PERSON,
        Why.OVER: Lift.FORCE,
    },
}


def lift(why: Why, job: Job) -> Lift | None:
    """Return what lifts a reason on a job, or None when it doesn't stop anything there.

    >>> lift(Why.EXPIRED, Job.PICKING), lift(Why.EXPIRED, Job.STOCKTAKE)
    (<Lift.RESCAN: 'rescan'>, None)
    """
    return ALWAYS.get(why) or RULES[job].get(why)
