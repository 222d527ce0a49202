"""Work: tasks, blocks, feedback."""
