"""Orchestration, one business verb a file: load, decide (pure), commit, emit."""
