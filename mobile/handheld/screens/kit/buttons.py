"""What is touched: at least 64 dp each way, at least 8 dp apart."""

from pathlib import Path
from typing import Any

from kivy.factory import Factory
from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from handheld.screens.kit.text import KText

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class KPress(ButtonBehavior, BoxLayout):
    """A part of a surface that is touched; it darkens under the finger."""

    label = StringProperty("")
    """What it is, for tests and for who cannot see."""
    ground = ColorProperty((0, 0, 0, 0))


class KButton(ButtonBehavior, KText):
    """A button: an icon and a word; `tone` says what it means."""

    ground = ColorProperty((0, 0, 0, 1))
    tone = StringProperty("quiet")
    icon = StringProperty("")
    word = StringProperty("")
    tall = BooleanProperty(False)
    """Whether the icon stands above the word."""


class KTile(KPress):
    """A job on the home page."""

    tone = StringProperty("")
    icon = StringProperty("")
    word = StringProperty("")
    mark = StringProperty("")
    """What is seen beside the icon: how many there are."""


class KChoice(BoxLayout):
    """One of a few, all of them seen: never a list that drops down."""

    title = StringProperty("")
    options = ListProperty()
    """(value, word) each."""
    value = StringProperty("")

    def on_options(self, *_: Any) -> None:
        """Make a button of each, or give the ones there new words."""
        row = self.ids.row
        if len(row.children) != len(self.options):
            row.clear_widgets()
            for _option in self.options:
                row.add_widget(Factory.KOption(on_release=self.choose))
        self.on_value()

    def on_value(self, *_: Any) -> None:
        """Mark the chosen one."""
        if "row" not in self.ids:
            return
        for button, (value, word) in zip(reversed(self.ids.row.children), self.options, strict=True):
            chosen = value == self.value
            button.value, button.word = value, word
            button.tone, button.icon = ("accent", "check") if chosen else ("quiet", "")

    def choose(self, button: Any) -> None:
        """Take what was touched."""
        self.value = button.value
