"""What do the same ports mean in dictionaries, for tests of flows without a database?"""
