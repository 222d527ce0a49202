"""How much will be wanted?"""
