"""Was this right, and what stops it?"""
