"""Whose is it to keep, to dispose of, to sell?"""
