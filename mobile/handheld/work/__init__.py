"""What is to be done, and was this scan right? Tasks, blocks and feedback, without a screen."""
