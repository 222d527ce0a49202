"""Surfaces: what things lie on, and what always says how it stands."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.stacklayout import StackLayout

from handheld.screens.kit.text import KText, Layered

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class KCard(BoxLayout):
    """A card; its edge, when it has one, says a tone."""

    ground = ColorProperty((1, 1, 1, 1))
    tone = StringProperty("")


class KLayer(Layered, BoxLayout):
    """One of several that lie on one place: drawn, and touched, while it is not disabled."""


class KBar(BoxLayout):
    """The head of every page: where am I, and how does the exchange with the server stand."""

    __events__ = ("on_touch_corner", "on_sync")
    ground = ColorProperty((0, 0, 0, 1))
    title = StringProperty("")
    sub = StringProperty("")
    corner = StringProperty("")
    """The icon of what is touched in the corner: back, or the settings."""
    icon = StringProperty("")
    state = StringProperty("")
    state_sub = StringProperty("")
    alarm = BooleanProperty(False)

    def on_touch_corner(self) -> None:
        """Be told that the corner was touched."""

    def on_sync(self) -> None:
        """Be told that the state was touched."""


class KStrip(BoxLayout):
    """One line over the whole width for what holds for a while: a limit near, a clock unsure."""

    ground = ColorProperty((1, 1, 1, 1))
    tone = StringProperty("warn")
    icon = StringProperty("")
    text = StringProperty("")


class KScan(BoxLayout):
    """Shows what was scanned last and that the next scan is taken. It is no text box and needs no focus."""

    __events__ = ("on_look",)
    camera = BooleanProperty(False)
    """Whether a press beside it has the camera look."""
    ground = ColorProperty((1, 1, 1, 1))
    folded = BooleanProperty(False)
    """Whether it makes room on a small screen."""
    prompt = StringProperty("")
    code = StringProperty("")
    ready = StringProperty("")

    def on_look(self) -> None:
        """Be told that the camera was asked for."""


class KChip(KText):
    """A small fact."""

    ground = ColorProperty((1, 1, 1, 1))
    tone = StringProperty("quiet")


class KChips(StackLayout):
    """A row of small facts."""

    texts = ListProperty()
    tone = StringProperty("quiet")

    def on_texts(self, *_: Any) -> None:
        """Show them, with the chips that are there already as far as they go."""
        while len(self.children) > len(self.texts):
            self.remove_widget(self.children[0])
        while len(self.children) < len(self.texts):
            self.add_widget(KChip())
        for chip, text in zip(reversed(self.children), self.texts, strict=True):
            chip.text, chip.tone = text, self.tone


class KGoods(KCard):
    """The goods in hand: name, the one big number, and what is to be known of them."""

    __events__ = ("on_amount",)
    lean = BooleanProperty(False)
    """Whether it makes room on a small screen."""
    name = StringProperty("")
    code = StringProperty("")
    value = StringProperty("")
    of = StringProperty("")
    where = StringProperty("")
    """The bin, which is read as often as the number."""
    where_word = StringProperty("")
    expected_word = StringProperty("")
    expected = StringProperty("")
    """What should have been scanned, beside what was: takes the place of the number."""
    scanned_word = StringProperty("")
    scanned = StringProperty("")
    note = StringProperty("")
    chips = ListProperty()

    def on_amount(self) -> None:
        """Be told that the number was touched."""


class KActions(BoxLayout):
    """What the thumb reaches: the main action last in the rule, and on the thumb's side of the hand in use."""

    hand = StringProperty("right")

    def on_hand(self, *_: Any) -> None:
        """Turn the order."""
        self.order()

    def on_kv_post(self, base_widget: Any) -> None:
        """Turn the order when the rule gave its buttons."""
        self.written = list(reversed(self.children))
        self.order()

    def order(self) -> None:
        """Place the buttons as the hand wants them."""
        buttons = getattr(self, "written", None)
        if not buttons:
            return
        self.clear_widgets()
        for button in buttons if self.hand == "right" else reversed(buttons):
            self.add_widget(button)


class KBanner(BoxLayout):
    """The answer to the last scan: colour, shape and words. It is never in the way: the next scan replaces it."""

    ground = ColorProperty((1, 1, 1, 1))
    tone = StringProperty("accent")
    folded = BooleanProperty(False)
    """Whether it makes room on a small screen."""
    strong = BooleanProperty(True)
    """A green one calms down after a moment; a red one stays."""
    icon = StringProperty("")
    headline = StringProperty("")
    line = StringProperty("")


class KMeter(BoxLayout):
    """How much of a limit is used."""

    ground = ColorProperty((1, 1, 1, 1))
    title = StringProperty("")
    value = StringProperty("")
    of = StringProperty("")
    share = NumericProperty(0)
    tone = StringProperty("good")
