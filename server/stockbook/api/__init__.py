"""Through which doors does one come in, and how is one answered there?"""
