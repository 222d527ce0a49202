"""What is kept: PostgreSQL, and the same ports in dictionaries."""
