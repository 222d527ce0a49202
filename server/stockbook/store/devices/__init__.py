"""What is kept of handhelds: who they are, what they sent, how they are set?"""
