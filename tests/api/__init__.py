"""Do the doors keep to their protocols?"""
