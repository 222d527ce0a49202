"""Telling demand what sales alone don't say: registrations of their own kind."""

from stockbook.flows.demand.insights import (
    ClearanceEntry,
    InfluenceEntry,
    InfluencePointEntry,
    Insights,
    OverrideEntry,
    ReplenishmentEntry,
    RetirementEntry,
    SubstitutionEntry,
    TrialEntry,
)
from stockbook.graph.mutations.way import Way

WAYS: dict[str, Way[Insights]] = {
    "registerInfluences": Way(
        InfluenceEntry,
        "Influence",
        "Register series from outside that move demand: weather, promotions, pick-ups, opinions.",
        lambda insights, author, entries: insights.register_influences(author, entries),
    ),
    "recordInfluences": Way(
        InfluencePointEntry,
        "InfluencePoint",
        "Record values of such series; forecasts made from now on hear them, earlier ones never change.",
        lambda insights, author, entries: insights.record_points(author, entries),
    ),
    "retireInfluences": Way(
        RetirementEntry,
        "Influence",
        "Retire series that nobody keeps up: forecasts do without them, registered again they are heard again.",
        lambda insights, author, entries: insights.retire_influences(author, entries),
    ),
    "declareSubstitutes": Way(
        SubstitutionEntry,
        "Substitution",
        "Declare which item may stand for which, and which take sales from each other.",
        lambda insights, author, entries: insights.declare_substitutes(author, entries),
    ),
    "overrideForecasts": Way(
        OverrideEntry,
        "ForecastOverride",
        "Say otherwise than the model, with a reason; when the period closes both are judged.",
        lambda insights, author, entries: insights.override_forecasts(author, entries),
    ),
    "recordReplenishment": Way(
        ReplenishmentEntry,
        "Replenishment",
        "Record lead times, reviews and service levels, which thresholds follow from.",
        lambda insights, author, entries: insights.record_replenishment(author, entries),
    ),
    "tryForecasts": Way(
        TrialEntry,
        "Trial",
        "Replay your history in the sandbox: nothing live is touched; the worker runs it, the trial tells the result.",
        lambda insights, author, entries: insights.try_forecasts(author, entries),
    ),
    "clearForecasts": Way(
        ClearanceEntry,
        "Clearance",
        "Let forecasts drive proposals where a trial passed the gate; where it failed, with a reason that is kept.",
        lambda insights, author, entries: insights.clear_forecasts(author, entries),
    ),
}
