"""Do models reach the devices they are meant for, and do corrected pictures come back to teach the next one?"""
