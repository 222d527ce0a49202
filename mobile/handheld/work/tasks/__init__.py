"""What is to be done, and how far has it come?"""
