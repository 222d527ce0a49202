"""How the device stands, in the words of the head and of the strip below it."""

from handheld.outbox.limits import Concern, Limits, Standing
from handheld.screens.words import age, word


def exchange(standing: Standing, *, online: bool) -> str:
    """Return the key of the word for the exchange.

    >>> exchange(Standing(3, 10, 0, 0), online=True), exchange(Standing(3, 10, 0, 0), online=False)
    ('sending', 'offline')
    """
    if standing.stop:
        return "halted"
    if not online:
        return "offline"
    return "sending" if standing.waiting else "online"


def against(standing: Standing, limits: Limits, language: str, *, sure: bool) -> tuple[str, str]:
    """Return what stands against scanning, and its tone: `stop`, or `warn` for what it may yet come to.

    `sure` says that the device knows what time it is.

    >>> against(Standing(0, 0, 0, 0), Limits(), "en", sure=True)
    ('', 'warn')
    >>> against(Standing(40_000, 0, 0, 0, warning=Concern.NEARLY_FULL), Limits(), "en", sure=True)[1]
    'warn'
    """
    if standing.reason is not None:
        return word(standing.reason.name.lower(), language, count=standing.waiting), "stop"
    match standing.warning:
        case Concern.NEARLY_FULL:
            said = word("nearly_full", language, share=100 * standing.waiting // limits.entries)
        case Concern.NEARLY_TOO_OLD:
            said = word("nearly_too_old", language, age=age(standing.oldest_seconds, language))
        case Concern.DAMAGED:
            said = word("damaged", language)
        case None:
            said = "" if sure else word("clock_unsure", language)
    return said, "warn"
