"""What did the scanner say? Sources of scans (intents, raw keys) and what a code means."""
