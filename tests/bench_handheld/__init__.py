"""How fast, how big, how long: the handheld measured, a room a module, each with `figures()`."""
