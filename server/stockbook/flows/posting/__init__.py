"""What becomes of the entries of every verb: read, looked up, decided in order, committed, answered?"""
