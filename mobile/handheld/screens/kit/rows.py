"""Long lists: rows of one height, three texts each, made anew for nothing but what is seen."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.recycleview import RecycleView
from kivy.uix.recycleview.views import RecycleDataViewBehavior

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class KLine(RecycleDataViewBehavior, ButtonBehavior, BoxLayout):
    """A row: what it is, what is to be known of it, how much."""

    ground = ColorProperty((1, 1, 1, 1))
    index = NumericProperty(0)
    name = StringProperty("")
    sub = StringProperty("")
    amount = StringProperty("")
    tone = StringProperty("")
    sub_tone = StringProperty("")
    list = None

    def refresh_view_attrs(self, view: Any, index: int, data: dict[str, Any]) -> None:
        """Become the row of another index."""
        self.index, self.list = index, view
        super().refresh_view_attrs(view, index, data)

    def on_release(self) -> None:
        """Tell the list which row was touched."""
        if self.list is not None:
            self.list.dispatch("on_row", self.index)


class KList(RecycleView):
    """A list of `KLine`; `data` are their properties."""

    __events__ = ("on_row",)
    empty = StringProperty("")
    """What is said when there is nothing."""

    def on_row(self, index: int) -> None:
        """Be told that a row was touched."""
