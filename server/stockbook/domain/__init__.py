"""What the business means: no I/O, no clock, no framework."""
