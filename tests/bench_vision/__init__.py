"""How well does the device recognise goods, and how fast? Measured on real photographs, by the device's own code."""
