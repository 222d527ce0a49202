"""How much will be wanted, what that was made of, and when to order by it?"""
