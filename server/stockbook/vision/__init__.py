"""How do the handhelds learn to recognise goods? Photographs in; a model, its thresholds and a report out.

Nothing else of the server imports this room: it needs the extra `vision`
(PyTorch, TensorFlow), which no server carries. `learning/` is what needs it;
reading pictures, thresholds, the verdict and the report need numpy and Pillow.
"""
