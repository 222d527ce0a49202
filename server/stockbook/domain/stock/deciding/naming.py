"""What a line names: items, places and organisations by reference, states by name, quantities in the base unit."""

from decimal import Decimal

from stockbook.domain.quantity import in_base
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding.occasion import Facts, Occasion
from stockbook.domain.stock.facts import Item, Place
from stockbook.domain.stock.movement import End


class Named:
    """Looks up what a line names, for whoever posts it; what is not there is refused, as is what is another's alone."""

    __slots__ = ("books", "facts", "me", "occasion")

    def __init__(self, occasion: Occasion, facts: Facts, books: Books) -> None:
        self.occasion = occasion
        self.facts = facts
        self.books = books
        self.me = occasion.organisation

    def item(self, reference: str) -> Item | Refusal:
        """Return the item that a reference names."""
        id_ = self.facts.resolve("Item", reference)
        item = self.facts.items.get(id_) if id_ is not None else None
        return item or Refusal(Code.ITEM_UNKNOWN, "there is no such item", ("item",))

    def place(self, reference: str, field: str = "place") -> Place | Refusal:
        """Return the place that a reference names; virtual ones are nobody's to name."""
        id_ = self.facts.resolve("Place", reference)
        place = self.facts.places.get(id_) if id_ is not None else None
        return place if place is not None and not place.virtual else unknown_place(field)

    def own(self, reference: str, field: str = "place") -> Place | Refusal:
        """Return a place of the own organisation; another's is as unknown as one that does not exist."""
        place = self.place(reference, field)
        return place if isinstance(place, Refusal) or place.organisation == self.me else unknown_place(field)

    def organisation(self, reference: str | None, field: str) -> int | Refusal:
        """Return an organisation's id; one's own when nothing is named."""
        if reference is None:
            return self.me
        id_ = self.facts.resolve("Organisation", reference)
        return id_ or Refusal(Code.ORGANISATION_UNKNOWN, "there is no such organisation", (field,))

    def state(self, name: str | None, default: int, field: str = "state") -> int | Refusal:
        """Return the code of a state's name."""
        if name is None:
            return default
        return self.facts.states.code(name, self.me) or Refusal(Code.BAD_INPUT, "there is no such state", (field,))

    def quantity(self, item: Item, quantity: Decimal, unit: str | None, *, down: bool = False) -> Decimal | Refusal:
        """Return a quantity in the item's base unit, rounded down when it is promised."""
        value = in_base(quantity, unit, item.base_unit, item.units, item.decimals, down=down)
        if isinstance(value, Refusal):
            return Refusal(value.code, value.message, ("unit" if value.code is Code.BAD_UNIT else "quantity",))
        return value

    def virtual(self, kind: str) -> End:
        """Return the end at the own organisation's virtual place of a kind."""
        return End(self.facts.virtual[self.me, kind])


def unknown_place(field: str) -> Refusal:
    """Return the refusal of a place that does not exist, or not for the asker."""
    return Refusal(Code.PLACE_UNKNOWN, "there is no such place", (field,))
