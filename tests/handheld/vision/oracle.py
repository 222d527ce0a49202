"""Recognition once more, in plain Python and from its words: imports nothing of what it judges."""

import math
from statistics import NormalDist


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.sqrt(sum(a * a for a in one)) * math.sqrt(sum(b * b for b in other)))


def by_closest(gallery, asked):
    """Return for each item the mean cosine of its nearest fifth, at least one; the gallery is item -> vectors.

    What endless photographs would add is added: the nearest fifth of a normal law are 1.39981 deviations above its
    middle, the nearest of few by so much as their middle ranks say; the deviation is that of all photographs from the
    means of their items.
    """
    near = {item: sorted((cosine(each, asked) for each in vectors), reverse=True) for item, vectors in gallery.items()}
    apart = sum((each - sum(those) / len(those)) ** 2 for those in near.values() for each in those)
    free = sum(len(those) - 1 for those in near.values())
    deviation = math.sqrt(apart / free) if free else 0.0
    found = {}
    for item, those in near.items():
        count = max(1, round(len(those) / 5))
        ranks = [(len(those) - at - 0.375) / (len(those) + 0.25) for at in range(count)]
        ahead = sum(NormalDist().inv_cdf(rank) for rank in ranks) / count
        found[item] = sum(those[:count]) / count + deviation * (1.39981 - ahead)
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
