"""The real window under X: run by `test_window.py` in a process of its own."""
