"""The frame around every page: the head says where we are and how the exchange stands, the strip what is against it."""

from pathlib import Path

from kivy.lang import Builder
from kivy.uix.boxlayout import BoxLayout

from handheld.outbox.limits import Standing
from handheld.screens.icons import ICONS
from handheld.screens.pages.page import Page
from handheld.screens.standing import exchange
from handheld.screens.words import age, word

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class Frame(BoxLayout):
    """Head, strip, page."""

    def show(self, page: Page) -> None:
        """Show a page in the place of the one before, which is left."""
        body = self.ids.body
        for before in body.children[:]:
            before.leave()
            body.remove_widget(before)
        body.add_widget(page)

    def head(self, title: str, sub: str, corner: str) -> None:
        """Say where we are, and what the corner does."""
        bar = self.ids.bar
        bar.title, bar.sub, bar.corner = title, sub, corner

    def stand(self, standing: Standing, language: str, *, online: bool) -> None:
        """Say how the exchange stands, and what waits for it."""
        bar, state = self.ids.bar, exchange(standing, online=online)
        bar.icon, bar.state = ICONS.get(state, ICONS["stop"]), word(state, language)
        bar.alarm = state in {"offline", "halted"}
        waits = word("waiting", language, count=standing.waiting, age=age(standing.oldest_seconds, language))
        bar.state_sub = waits if standing.waiting else word("waiting_none", language)

    def strip(self, said: str, tone: str) -> None:
        """Say what is against scanning; nothing is when nothing is said."""
        strip = self.ids.strip
        strip.text, strip.tone, strip.icon = said, tone, ICONS["warn" if tone == "warn" else "stop"]

    def clear(self) -> None:
        """Say nothing of an exchange: there is none before the device is enrolled."""
        bar = self.ids.bar
        bar.icon = bar.state = bar.state_sub = self.ids.strip.text = ""
