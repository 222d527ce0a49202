"""What became of a gallery pack: said by the room that recognises, which knows no network, to the one that fetches."""

from enum import Enum


class Taken(Enum):
    """What became of a pack that was given to the gallery."""

    YES = "goods are recognised by it"
    OTHER_MODEL = "its vectors are of another model than the one in use"
    UNREADABLE = "what it has are no vectors"
