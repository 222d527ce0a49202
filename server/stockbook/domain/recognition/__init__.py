"""What does the camera take goods for, is a newer model better at it, and who has looked at what it is taught by?"""
