"""What do we know of the world without network? Items, lots, places, tasks and policies as of a version."""
