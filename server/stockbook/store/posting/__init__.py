"""How does a batch of entries become durable, once, with balances, journal and signals?"""
