"""What did the scanner say?"""
