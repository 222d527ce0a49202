"""What does a whole network look like on real sales? A client that speaks HTTP only."""
