"""The demo, planned and played."""
