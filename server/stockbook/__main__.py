"""The command line: `stockbook serve`, `stockbook demo`, ..."""

import typer

from stockbook.commands.checking import backtest, bench, policies, verify
from stockbook.commands.publishing import publish
from stockbook.commands.serving import migrate, serve, work
from stockbook.commands.showing import demo, token

line = typer.Typer(
    help="One inventory graph for a network of organisations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (serve, work, migrate, demo, token, publish, backtest, verify, bench):
    line.command()(command)
line.add_typer(policies, name="policies")


def main() -> None:
    """Run the command that was typed."""
    line()


if __name__ == "__main__":
    main()
