"""What does the scale say? Bytes of many makers become one weight."""
