"""What is learnt of the stream of sales, and what may people tell it?"""
