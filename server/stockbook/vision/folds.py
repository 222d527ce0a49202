"""Cross-validation that asks what a shop asks: other pictures of known goods, and goods never seen.

Pictures taken one after another show one shelf of one shop, and a network is
nearly perfect among them. So a fold asks about the second list, which was taken
elsewhere; where there is none, about a run of consecutive pictures of each item,
never about pictures at random. And it leaves out every third item whole, in the
order of the list, where look-alikes are neighbours.
"""

from dataclasses import dataclass

import numpy as np

from stockbook.vision.pictures import Collection, Numbers

FOLDS = 3


@dataclass(frozen=True, slots=True)
class Fold:
    """What is learnt from, what is asked; all by the pictures' numbers in the collection."""

    learnt: Numbers
    """Pictures of the items that are known."""
    asked: Numbers
    """Other pictures of them."""
    enrolled: Numbers
    """Pictures that enrol the items left out, when they are enrolled."""
    strange: Numbers
    """Other pictures of the items left out."""
    known: Numbers
    """The items that are learnt."""


def folds(pictures: Collection, count: int = FOLDS) -> list[Fold]:
    """Return the folds of the pictures that are not held back."""
    own, labels = pictures.own, pictures.labels
    run = np.full(len(labels), -1)
    for item in range(len(pictures.items)):
        of_item = own[labels[own] == item]
        if len(of_item) > 1:  # an only picture is never asked about: nothing would be left to know it by
            run[of_item] = np.arange(len(of_item)) * count // len(of_item)
    elsewhere = pictures.elsewhere & np.isin(labels, labels[own[~pictures.elsewhere[own]]])
    items = np.arange(len(pictures.items))
    made = []
    for fold in range(count):
        known = items[items % count != fold]
        seen = np.isin(labels[own], known)
        now = elsewhere[own] if elsewhere.any() else run[own] == fold
        made.append(Fold(own[seen & ~now], own[seen & now], own[~seen & ~now], own[~seen & now], known))
    return made
