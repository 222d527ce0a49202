"""How does the exchange with the server stand? What waits, for how long, and how much more may."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder

from handheld.screens.pages.page import Page
from handheld.screens.words import age

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class QueuePage(Page):
    """The queue and its limits."""

    def enter(self, **_facts: Any) -> None:
        """Look how it stands."""
        self.render()

    def render(self) -> None:
        """Draw it."""
        desk, language = self.desk, self.app.language
        standing, limits = desk.standing(), desk.limits
        self.title = self.word("queue")
        entries, hours = standing.waiting / limits.entries, standing.oldest_seconds / 3600 / limits.hours
        for meter, share in ((self.ids.waiting, entries), (self.ids.oldest, hours)):
            meter.share = share
            meter.tone = "stop" if share >= 1 else "warn" if share >= limits.warn_share else "good"
        self.ids.waiting.value = f"{standing.waiting:,}"
        self.ids.waiting.of = self.word("of_entries", limit=f"{limits.entries:,}")
        self.ids.oldest.value = age(standing.oldest_seconds, language) if standing.waiting else "–"
        self.ids.oldest.of = self.word("of_hours", limit=f"{limits.hours:g}")
        since = desk.there.exchange.since_seconds
        self.ids.facts.text = "\n".join(
            f"{self.word(key)}   [b]{value}[/b]"
            for key, value in (
                ("last_exchange", self.word("never") if since is None else age(since, language)),
                ("server", desk.there.address),
                ("device", desk.there.device),
                ("person", desk.person or "–"),
            )
        )

    def sync(self) -> None:
        """Exchange now."""
        self.desk.there.exchange.nudge()
