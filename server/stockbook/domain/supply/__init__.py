"""What to order, how much of it, and why?"""
