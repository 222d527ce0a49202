"""What does the network learn? The one place that knows PyTorch and TensorFlow."""
