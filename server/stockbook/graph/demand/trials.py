"""What the sandbox showed, and where forecasts may drive proposals by it."""

from datetime import datetime

from strawberry import ID
from strawberry.scalars import JSON

from stockbook.domain.language import Language
from stockbook.flows.trials.problem import problem
from stockbook.graph.access import Principal
from stockbook.graph.catalogue import Place
from stockbook.graph.declare import OWN, Node, Scope, column, computed, each, identity, one, shape


@shape(
    scope=Scope.PRIVATE,
    table="trial",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-askedAt",),
    roots=("trial", "trials"),
)
class Trial(Node):
    """A run of the sandbox: your history replayed on copies, and what came of it."""

    id: ID = identity()
    variant: str | None = column("{p}.variant", "The learner that was tried.")
    site: Place | None = one("{p}.site_id", "Where; everywhere when null.")
    category: str | None = column("{p}.category", "Of which category; of all when null.")
    since: datetime | None = column("{p}.since", "When the stretch begins that is judged.")
    until: datetime | None = column("{p}.until", "When it ends.")
    state: str | None = column("{p}.state", "WAITING, RUNNING, DONE or FAILED.")
    actor: Principal | None = one("{p}.actor_id", "Who asked.")
    asked_at: datetime | None = column("{p}.asked_at", "When.", sort=True)
    done_at: datetime | None = column("{p}.done_at", "When it was done.")
    series: int | None = column("{p}.series", "How many series were judged.")
    metrics: JSON | None = column("{p}.metrics::text", "The figures, by name.", json=True)
    false_alarms: float | None = column(
        "({p}.metrics->>'false_alarms')::float8",
        "Of the orders that it would have advised, how many were not needed even one cycle later.",
        null=True,
        filter=False,
    )
    missed_alarms: float | None = column(
        "({p}.metrics->>'missed_alarms')::float8",
        "Of the times when goods ran out before the next order could come, how often it advised none.",
        null=True,
        filter=False,
    )
    passed: bool | None = column("{p}.passed", "Whether both are below 15 %.")
    problem: str | None = computed(
        {"facts": "{p}.problem"},
        lambda needs, language: needs["facts"] and problem(needs["facts"], Language(language)),
        "Why it failed.",
        ("language", Language, "In which language.", Language.ZH),
    )
    report: str | None = column(
        "{p}.report",
        "All of it with plots, in Chinese and English: one HTML page that needs nothing else.",
        filter=False,
    )
    clearances: "list[Clearance] | None" = each("{c}.trial_id = {p}.id", "What was cleared by it.", order="{c}.id")


@shape(
    scope=Scope.PRIVATE,
    table="clearance",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-madeAt",),
    roots=("clearance", "clearances"),
)
class Clearance(Node):
    """Where forecasts may drive proposals, by which trial, and who said so."""

    id: ID = identity()
    site: Place | None = one("{p}.site_id", "Where; everywhere when null.")
    category: str | None = column("{p}.category", "Of which category; of all when null.")
    variant: str | None = column("{p}.variant", "Which learner's.")
    trial: Trial | None = one("{p}.trial_id", "The trial.")
    passed: bool | None = column(
        "{p}.passed",
        "Whether it passed the gate on the 13 weeks that are asked for; if not, somebody overrode it.",
    )
    reason: str | None = column("{p}.reason", "Why, in somebody's words.")
    actor: Principal | None = one("{p}.actor_id", "Who cleared it.")
    made_at: datetime | None = column("{p}.made_at", "When.", sort=True)
    revoked_at: datetime | None = column("{p}.revoked_at", "When it was revoked.")
    revoked_by: Principal | None = one("{p}.revoked_by_id", "Who revoked it.")
    revocation_reason: str | None = column("{p}.revocation_reason", "Why, where somebody said so.")
