"""Recognition once more, in plain Python and from its words: imports nothing of what it judges."""

import math


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.sqrt(sum(a * a for a in one)) * math.sqrt(sum(b * b for b in other)))


def by_closest(gallery, asked):
    """Return for each item the mean cosine of its nearest fifth, at least one; the gallery is item -> vectors."""
    found = {}
    for item, vectors in gallery.items():
        near = sorted((cosine(each, asked) for each in vectors), reverse=True)
        count = max(1, round(len(near) / 5))
        found[item] = sum(near[:count]) / count
    return found


def by_votes(gallery, asked, scale, nearest=5):
    """Return for each item the votes of the nearest photographs."""
    near = sorted(
        ((cosine(vector, asked), item) for item, vectors in gallery.items() for vector in vectors), reverse=True
    )
    votes = dict.fromkeys(gallery, 0.0)
    for cos, item in near[:nearest]:
        votes[item] += math.exp(scale * (cos - 1))
    return votes


def shares(values):
    whole = sum(math.exp(each) for each in values.values())
    return {item: math.exp(each) / whole for item, each in values.items()}
