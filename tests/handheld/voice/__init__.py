"""Is what is said heard, and only what is not stale?"""
