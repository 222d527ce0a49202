"""What the kitchens make, and of what: a fixed table by kind of product.

Each row says what goes into one crate of eight: kinds of raw produce and how
many. One unit of the first is lost in the making.
"""

from typing import NamedTuple

KITCHENS = ("SALAD MIX", "SALAD BAR", "PROCESSED", "VALUE ADDED FRUIT", "VALUE ADDED VEGETABLES")
"""The categories that are made; one kitchen each."""
CRATE = 8
"""Units in a crate: what shops order and kitchens make."""


class Part(NamedTuple):
    """An ingredient: the kind of produce and how many go into a crate."""

    kind: str
    quantity: int


def parts(*of: tuple[str, int]) -> tuple[Part, ...]:
    """Return ingredients."""
    return tuple(Part(*part) for part in of)


LETTUCE, SPINACH, CABBAGE = "VARIETY LETTUCE", "SPINACH BULK", "CABBAGE"
CARROTS, TOMATOES, ONIONS = "CARROTS - BULK", "ROMA TOMATOES (BULK/PKG)", "ONIONS YELLOW (BULK&BAG)"
APPLES, LEMONS, BERRIES = "APPLES GALA (BULK&BAG)", "LEMONS", "STRAWBERRIES"
MELON, PINEAPPLE, GRAPES = "CANTALOUPE WHOLE", "PINEAPPLE WHOLE&PEEL/CORED", "GRAPES RED"

RECIPES: dict[str, tuple[Part, ...]] = {
    # salad mix
    "BLENDS": parts((LETTUCE, 4), (SPINACH, 2)),
    "COLESLAW": parts((CABBAGE, 3), (CARROTS, 2)),
    "GARDEN PLUS": parts(("HEAD LETTUCE", 4), (CARROTS, 2), (CABBAGE, 1)),
    "KITS": parts((LETTUCE, 4), (TOMATOES, 3)),
    "REGULAR GARDEN": parts(("HEAD LETTUCE", 5), (CARROTS, 1)),
    "SALAD SPINACH": parts((SPINACH, 6)),
    # salad bar
    "CONDIMENTS/SUPPLIES": parts(("HERBS PARSLEY", 3), (LEMONS, 2)),
    "PROCESSED SALAD": parts((LETTUCE, 4), ("CUCUMBERS", 2)),
    "SAL:OLIVES/PICKLES-BULK": parts(("CUCUMBERS", 6), ("GARLIC WHOLE CLOVES", 1)),
    "SALAD BAR FRESH FRUIT": parts((MELON, 2), (GRAPES, 3), (PINEAPPLE, 1)),
    "SALAD BAR OTHER": parts((LETTUCE, 4), (TOMATOES, 2)),
    "SOUPS": parts((TOMATOES, 6), (ONIONS, 3), (CARROTS, 2)),
    # processed
    "CIDER": parts((APPLES, 12)),
    "CROUTONS": parts(("GARLIC WHOLE CLOVES", 2), ("HERBS PARSLEY", 1)),
    "DIPS": parts(("AVOCADO", 5), (ONIONS, 2)),
    "DRESSINGS": parts((LEMONS, 4), ("HERBS PARSLEY", 2)),
    "FRUIT GLAZES": parts((BERRIES, 5), (LEMONS, 1)),
    "GLAZED FRUITS": parts(("CHERRIES RED", 6)),
    "JARRED FRUIT": parts(("PEACHES YELLOW FLESH", 8)),
    "JUICE": parts(("ORANGES NAVELS ALL", 12)),
    "PACKAGED MIX": parts(("PEANUTS ALL", 4), ("ALMONDS SHELLED", 2)),
    "PROCESSED OTHER": parts((ONIONS, 4), ("PEPPERS GREEN BELL", 3)),
    # value added fruit
    "APPLES WEDGE/SLICES": parts((APPLES, 6)),
    "CUT FRUIT ALL OTHER": parts((MELON, 3), (GRAPES, 3)),
    "FRUIT PARTY TRAY": parts((PINEAPPLE, 3), (MELON, 3), (BERRIES, 4)),
    "INSTORE CUT FRUIT": parts(("WATERMELON SEEDLESS WHOLE", 2), (MELON, 2)),
    "MELON HALVES/QUARTERS": parts((MELON, 4)),
    "PINEAPPLE WEDGE/SLICED/CHUNKS": parts((PINEAPPLE, 5)),
    # value added vegetables
    "BROCCOLI/CAULIFLOWER PROCESSED": parts(("BROCCOLI WHOLE&CROWNS", 6), ("CAULIFLOWER WHOLE", 2)),
    "CARROTS SLICED/SHRED/STICKS": parts((CARROTS, 10)),
    "CELERY CHOPPED/STICKS": parts(("CELERY", 5)),
    "CUT VEGETABLES ALL OTHER": parts(("PEPPERS GREEN BELL", 3), ("CUCUMBERS", 3), (ONIONS, 2)),
    "INSTORE CUT VEGETABLES": parts(("SQUASH ZUCCHINI", 4), ("PEPPERS RED BELL", 3)),
    "POTATOES PROCESSED": parts(("POTATOES RUSSET (BULK&BAG)", 9)),
    "VEGETABLE PARTY TRAY": parts(("CELERY", 3), (CARROTS, 5), ("TOMATOES CHERRY", 4)),
}
USUAL = parts((TOMATOES, 4), (ONIONS, 2))
"""For the few kinds that the register files here by mistake."""


def recipe(kind: str) -> tuple[Part, ...]:
    """Return what goes into a crate of `kind`.

    >>> recipe("COLESLAW")
    (Part(kind='CABBAGE', quantity=3), Part(kind='CARROTS - BULK', quantity=2))
    """
    return RECIPES.get(kind, USUAL)
