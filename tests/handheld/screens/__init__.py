"""Does the storeman see everything, whole and readable, in both languages and both lights?"""
