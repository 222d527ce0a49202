"""Is every signal told, in order, to whoever may know?"""
