"""What does the operator type?"""
