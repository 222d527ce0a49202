"""What did the scan mean?"""
