"""Teaching the handhelds what goods look like: what needs no PyTorch here, the rest in test_learning."""
