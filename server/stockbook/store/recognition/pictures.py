"""Who may have which file, which pictures are awaited, and whether what came is a picture."""

import asyncio
import io
from typing import NamedTuple

from PIL import Image

from stockbook.domain.recognition.sample import SampleState
from stockbook.flows.recognition.pictures import Seen
from stockbook.store.database import Database
from stockbook.store.faults import faults

PIXELS_MAX = 50_000_000
"""A picture that claims more is not unpacked."""
FORMATS = ("JPEG", "PNG")
_RECEIVED = """
with here as (
  update recognition_sample set state = 'LABELLED', received_at = now(), width = $4, height = $5
  where organisation_id = $1 and sha256 = $2 and state = 'AWAITED' returning id
)
insert into sample_event (sample_id, did, reason, actor_id) select id, 'RECEIVED', '', $3 from here
"""
_MODEL = """
select organisation_id from model_version where sha256 = $1 and (organisation_id = $2 or network)
order by organisation_id = $2 desc limit 1
"""
_GALLERY = """
select organisation_id from gallery_pack where $1 in (sha256, source) and organisation_id = $2 and state = 'ADOPTED'
"""
_PICTURE = """
select organisation_id from recognition_sample
where sha256 = $1 and organisation_id = $2 and state not in ('AWAITED', 'DELETED')
  and (cardinality($3::bigint[]) = 0 or site_id is null or site_id = any($3))
"""


class Who(NamedTuple):
    """Who asks for a file: an organisation, and the sites its role is limited to."""

    organisation: int
    sites: tuple[int, ...]


class PostgresSamples:
    """The rows that files belong to."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def state(self, organisation: int, name: str) -> SampleState | None:
        """Return how far the sample of a picture is; None when there is none."""
        async with faults():
            found = await self._db.fetchval(
                "select state from recognition_sample where organisation_id = $1 and sha256 = $2", organisation, name
            )
        return None if found is None else SampleState(found)

    async def received(self, organisation: int, name: str, actor: int, seen: Seen) -> None:
        """Note that an awaited picture is here."""
        async with faults():
            await self._db.execute(_RECEIVED, organisation, name, actor, seen.width, seen.height)

    async def keeper(self, who: Who, kind: str, name: str) -> int | None:
        """Return the organisation whose file it is, when it is for who asks; None when there is nothing for them."""
        async with faults():
            if kind == "models":
                found: int | None = await self._db.fetchval(_MODEL, name, who.organisation)
            elif kind == "galleries":
                found = await self._db.fetchval(_GALLERY, name, who.organisation)
            else:
                found = await self._db.fetchval(_PICTURE, name, who.organisation, list(who.sites))
        return found


async def look(content: bytes) -> Seen | None:
    """Return how large a picture is; None when it is no JPEG or PNG, or not whole."""
    return await asyncio.to_thread(_look, content)


def _look(content: bytes) -> Seen | None:
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        if image.width * image.height > PIXELS_MAX:
            return None
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    return Seen(image.width, image.height)
