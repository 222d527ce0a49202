"""A trial from history to verdict: in a process of its own, so that whoever serves and learns is not slowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stockbook.domain.demand.backtest import Panel
from stockbook.domain.demand.backtest import Report as Progress
from stockbook.domain.demand.course import DAYS, Policy
from stockbook.domain.demand.sandbox import judge
from stockbook.flows.trials.figures import FIGURES
from stockbook.flows.trials.gate import passes
from stockbook.flows.trials.report import LISTED, Heading, page

PLAIN = "moving_average"
"""The rule that every trial is compared with: the mean of thirteen weeks and the spread of its past errors."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial came to; `plain` are the figures of the rule that it is compared with."""

    variant: str
    series: int
    metrics: dict[str, float | None]
    plain: dict[str, float | None]
    passed: bool
    report: str
    items: tuple[dict[str, Any], ...] = ()
    """The series that sell most, each with its figures."""


def tried(panel: Panel, heading: Heading, variant: str, policy: Policy, progress: Progress | None = None) -> Tried:
    """Judge a variant and the plain rule on a panel, and write the page."""
    ours, plain = (judge(panel, each, policy, progress) for each in (variant, PLAIN))
    return Tried(
        variant,
        len(ours.courses),
        ours.metrics,
        plain.metrics,
        passes(ours.metrics),
        page(heading, ours, plain, policy, panel.period),
        tuple(
            {"series": course.key.split("|")[-1], **course.figures(DAYS[panel.period])}
            for course in sorted(ours.courses, key=lambda course: -sum(course.actual))[:LISTED]
        ),
    )


def as_lines(found: Tried) -> Sequence[str]:
    """Return figures with their definitions, as the command line prints them.

    >>> print(as_lines(Tried("tsb", 1, {"fill_rate": 0.99}, {"fill_rate": 0.9}, False, ""))[1])
    fill_rate                           0.990      0.900  In the closed loop, units sold of units asked for; what is ...
    """
    lines = [f"{'':32}{found.variant:>9}{PLAIN.replace('_', ' '):>16}"]
    for figure in FIGURES:
        ours, plain = found.metrics.get(figure.name), found.plain.get(figure.name)
        if figure.name in found.metrics:
            shown = (f"{value:9.3f}" if value is not None else f"{'–':>9}" for value in (ours, plain))
            lines.append(f"{figure.name:32}{'  '.join(shown)}  {figure.definition_en}")
    return lines
