"""How do we speak with the server?"""
