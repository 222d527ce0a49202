"""What does this line mean for the books? One module a group of verbs."""
