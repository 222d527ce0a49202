"""How fast is it, beside what, and how do we know? `make bench` answers, every figure with its limit."""
