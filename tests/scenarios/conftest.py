"""Scenarios run on every store that the contract knows."""

from tests.contract.conftest import store

__all__ = ["store"]
