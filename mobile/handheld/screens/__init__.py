"""What does the storeman see? Kivy widgets and pages over the other rooms."""
