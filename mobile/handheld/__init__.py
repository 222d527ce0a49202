"""The storeman's handheld: every scan answers at once, is durable before it beeps, and reaches the books later."""

VERSION = "0.1.0"
"""What a device says that it runs; the package's."""
