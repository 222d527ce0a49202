"""What becomes of what devices send: proven, put in order, posted or left for a person, answered?"""
