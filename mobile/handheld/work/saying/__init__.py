"""What is said, shown and felt, in the storeman's language?"""
