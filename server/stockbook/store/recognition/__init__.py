"""What is kept of recognition: versions of its model, samples, settings?"""
