"""The storeman's handheld: every scan answers at once, is durable before it beeps, and reaches the books later."""
