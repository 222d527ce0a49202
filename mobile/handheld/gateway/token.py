"""The token by which the shop's machines may ask this gateway: made once, in its home, for its owner's eyes."""

import hmac
import secrets
from pathlib import Path

from handheld import disk

FILE = "gateway.token"
BYTES = 32


def kept(home: Path) -> str:
    """Return the token of a home, and make it where there is none; deleting the file makes another one.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = kept(Path(folder))
    ...     kept(Path(folder)) == made, len(made), oct((Path(folder) / FILE).stat().st_mode)[-3:]
    (True, 43, '600')
    """
    path = home / FILE
    try:
        said = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        said = ""
    if not said:
        said = secrets.token_urlsafe(BYTES)
        disk.replace(path, said.encode())
    return said


def opens(token: str, authorization: str) -> bool:
    """Return whether a header has the token; how long that takes says nothing about it.

    >>> opens("secret", "Bearer secret"), opens("secret", "bearer secret"), opens("secret", "Basic secret")
    (True, True, False)
    """
    scheme, _, said = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(said.strip().encode(), token.encode())
