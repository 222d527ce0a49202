"""A series in memory: its track, what was said of it last, and what of both is kept."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from stockbook.domain.demand.influence import Heard
from stockbook.domain.demand.learner import Outlook
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.threshold import Terms, Threshold
from stockbook.domain.demand.track import Track
from stockbook.flows.demand.lesson import Revision, SeriesKey


@dataclass(slots=True)
class Followed:
    """A series in memory, and what was said of it since it was saved."""

    id: int | None
    track: Track
    touched: datetime | None = None
    outlooks: tuple[tuple[int, Outlook], ...] | None = None
    threshold: Threshold | None = None
    terms: Terms | None = None
    heard: Heard | None = None
    heard_further: tuple[int, ...] = ()
    written: tuple[int, orjson.Fragment, orjson.Fragment] | None = None
    """Its memory and its learner as they are written, and of which version of it."""

    def revision(self, key: SeriesKey, partition: int, period: Period) -> Revision:
        """Return what is to be written of it, once it was looked ahead of."""
        track, drifted = self.track, self.track.drifted
        assert self.outlooks and self.touched and self.threshold and self.heard and self.terms
        return Revision(
            id=self.id,
            key=key,
            partition=partition,
            period=period.value,
            due_at=period.start(track.due),
            state=self._state(),
            starts_at=period.start(track.opened),
            revised_at=self.touched,
            past_error=track.past_error,
            learner=track.learner.kind,
            outlooks=self.outlooks,
            threshold=self.threshold,
            drifted_at=period.start(drifted.period + 1) if drifted else None,
            drift=drifted.way if drifted else None,
            fill_rate=self.terms.fill_rate,
            retired=self.heard.retired,
            heard=self.heard.used if track.listens else self.heard.ordering,
            heard_further=self.heard_further if track.listens else self.heard.ordering,
            stale=self.heard.stale if track.listens else self.heard.ordering_stale,
        )

    def saved(self) -> None:
        """Forget what was said of it: it is kept."""
        self.touched = self.outlooks = self.threshold = self.terms = self.heard = None

    def _state(self) -> bytes:
        """Return it as it is kept; what only a lesson changes is written once a lesson."""
        track = self.track
        if track.learner.dense is None:
            return orjson.dumps(track.state())
        if self.written is None or self.written[0] != track.version:
            series, learner = (orjson.Fragment(orjson.dumps(each.state())) for each in (track.series, track.learner))
            self.written = track.version, series, learner
        return orjson.dumps(track.open_state() | dict(zip(("series", "learner"), self.written[1:], strict=True)))
