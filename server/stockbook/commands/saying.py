"""How a command speaks: what went well on standard output, what did not on standard error with exit status 1."""

from typing import NoReturn

import typer
from rich.console import Console
from rich.text import Text

out = Console(highlight=False)
err = Console(highlight=False, stderr=True)


def stop(message: str) -> NoReturn:
    """Say why not, and end."""
    err.print(Text.assemble(("✘ ", "red"), message), soft_wrap=True)
    raise typer.Exit(1)


def well(message: str) -> None:
    """Say that something went well."""
    out.print(Text.assemble(("✔ ", "green"), message), soft_wrap=True)
