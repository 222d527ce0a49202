"""How do versions of a model and pictures of goods get round: published, sent back, read?"""
