"""Stockbook: one inventory graph for a network of organisations."""
