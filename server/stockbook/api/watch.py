"""Watches the folder of policies: what is written there is in force within a second."""

import asyncio
from pathlib import Path

import structlog

from stockbook.access.policies import Policies
from stockbook.access.rules import PolicyError
from stockbook.settings import Settings

LOG = structlog.get_logger()

Stamp = tuple[tuple[str, int, int], ...]


def stamp(folder: Path) -> Stamp:
    """Return what changes when a policy file does."""
    files = sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".conf"})
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)


async def watch(policies: Policies, settings: Settings) -> None:
    """Reload the policies whenever their files change; those that can't be read leave the present ones in force."""
    known = stamp(settings.policies)
    while True:
        await asyncio.sleep(settings.policies_seconds)
        try:
            now = stamp(settings.policies)
            if now == known:
                continue
            known = now
            policies.reload(settings.policies)
            LOG.info("policies_reloaded")
        except (OSError, PolicyError) as error:
            LOG.error("policies_unreadable", error=str(error))
