"""Whose is the folder of an embedded PostgreSQL: one process owns it, one account works in it, nobody else comes in.

PostgreSQL refuses to run as root: root starts it as an account without rights
and hands it the data.
"""

import contextlib
import fcntl
import os
import pwd
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ACCOUNTS = ("postgres", "nobody")
"""Accounts that root runs the server as, the first that the machine has."""

Account = pwd.struct_passwd | None
"""Another account than our own, if any."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't be had; the message says why and what to do."""


class InUseError(EmbeddedError):
    """Another process owns the folder."""


@contextlib.contextmanager
def owned(home: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel frees it however we end."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 20, 0).decode() or "?"
            raise InUseError(
                f"another Stockbook (process {owner}) uses {home}; stop it, or set STOCKBOOK_HOME to another folder"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def worker(data: Path) -> Account:
    """Return whom root runs it as: whoever has the data already, else an account without rights."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError(f"PostgreSQL does not run as root and there is none of the accounts {ACCOUNTS}")


def as_whom(account: Account) -> dict[str, Any]:
    """Return the arguments that start a process as the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def reachable(account: Account, paths: Iterable[Path]) -> None:
    """Let the account pass (not read) the folders above the paths."""
    if account is None:
        return
    for path in paths:
        for above in path.parents:
            mode = above.stat().st_mode
            if not mode & 0o001 and above.stat().st_uid != account.pw_uid:
                above.chmod(mode | 0o001)


def private(sockets: Path, data: Path, account: Account) -> None:
    """Keep the socket to ourselves: whoever reaches it is let in."""
    if sockets == data:
        return
    sockets.mkdir(mode=0o700, exist_ok=True)
    owner = account.pw_uid if account else os.geteuid()
    if os.geteuid() == 0:
        os.chown(sockets, owner, -1)
    elif sockets.stat().st_uid != owner:
        raise EmbeddedError(f"{sockets} belongs to somebody else; choose a shorter STOCKBOOK_HOME")
    sockets.chmod(0o700)
