"""Commands: what a button does, a key, or a bar code on a printed sheet, so that the screen need not be touched."""

from enum import Enum


class Command(Enum):
    """The value is what stands behind ``SB:C:`` on the sheet.

    >>> command("confirm"), command("QUANTITY-12"), command("DANCE")
    ((<Command.CONFIRM: 'CONFIRM'>, ''), (<Command.QUANTITY: 'QUANTITY'>, '12'), None)
    """

    CONFIRM = "CONFIRM"
    """What was typed or is in hand is as it should be; Enter does the same."""
    UNDO = "UNDO"
    """Takes back the last scan."""
    CANCEL = "CANCEL"
    """Forgets what was typed, is in hand or was stopped; what is durable stays."""
    NEXT = "NEXT"
    """On to the next line."""
    QUANTITY = "QUANTITY"
    """The number behind it is what the next scan stands for, or corrects the last."""
    UNIT = "UNIT"
    """On to the item's next unit: box, piece."""
    FORCE = "FORCE"
    """Takes the scan that was stopped all the same."""
    RECOUNT = "RECOUNT"
    """Counts the bin once more."""
    REASON = "REASON"
    """Why: of a failed inspection, or of what is taken all the same; the word behind it is the reason."""
    PASS = "PASS"  # noqa: S105
    FAIL = "FAIL"
    BEGIN = "BEGIN"


def command(reference: str) -> tuple[Command, str] | None:
    """Return the command of a code with what stands behind its dash."""
    name, _, more = reference.strip().upper().partition("-")
    return (Command(name), more) if name in Command.__members__ else None
