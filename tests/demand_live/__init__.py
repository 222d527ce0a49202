"""Demand as it lives: influences, overrides, thresholds, the sandbox, workers and how fast they are."""
