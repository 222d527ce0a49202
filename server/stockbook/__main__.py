"""The command line: `stockbook serve`, `stockbook demo`, ...

Only the room of the command that was typed is opened: learners, planner and
migrations take seconds to load, and `stockbook token` wants none of them.
"""

import sys
from importlib import import_module

import typer

from stockbook.commands.saying import err

COMMANDS = {
    "serve": "stockbook.commands.serving",
    "work": "stockbook.commands.serving",
    "migrate": "stockbook.commands.serving",
    "demo": "stockbook.commands.showing",
    "token": "stockbook.commands.appointing",
    "enrol": "stockbook.commands.enrolling",
    "publish": "stockbook.commands.publishing",
    "udi": "stockbook.commands.identifying",
    "verify": "stockbook.commands.checking",
    "policies": "stockbook.commands.checking",
    "backtest": "stockbook.commands.judging",
    "bench": "stockbook.commands.judging",
    "vision": "stockbook.commands.seeing",
}
"""Each command and the module that has a function (or a group) of its name."""


def line(wanted: str | None) -> typer.Typer:
    """Return the command line with the command wanted, or with all of them."""
    typed = typer.Typer(
        help="One inventory graph for a network of organisations.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    typed.callback()(lambda: None)
    for name in [wanted] if wanted in COMMANDS else COMMANDS:
        found = getattr(import_module(COMMANDS[name]), name)
        if isinstance(found, typer.Typer):
            typed.add_typer(found, name=name)
        else:
            typed.command(name)(found)
    return typed


def main() -> None:
    """Run the command that was typed."""
    try:
        line(sys.argv[1] if len(sys.argv) > 1 else None)(prog_name="stockbook")
    except ValueError as error:
        if getattr(error, "title", "") != "Settings":  # pydantic's own: a variable that can't be read
            raise
        for each in error.errors():  # type: ignore[attr-defined]
            name = str(each["loc"][0])
            name = name if name.isupper() else f"STOCKBOOK_{name.upper()}"
            err.print(f"✘ {name}: {each['msg'].lower()}", style="red", soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
