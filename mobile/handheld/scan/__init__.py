"""What did the scanner say, and the camera see? Sources of scans (intents, raw keys) and of pictures."""
