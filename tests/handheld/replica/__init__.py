"""What do we know of the world without network?"""
