"""What does the storeman hear? Tones and spoken words, never in the way of the next scan."""
