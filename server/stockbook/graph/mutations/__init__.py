"""The mutations: what is asked, in the trade's words, becomes a command; what became of it becomes the answer."""
