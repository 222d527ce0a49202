"""The player opens a window when it is imported: it runs in a process of its own."""

collect_ignore = ["player.py"]
