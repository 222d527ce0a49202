"""A series learns together as many periods as one orders for, and still speaks of more."""

import json
import random
from datetime import timedelta

import pytest

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.adaptive import Adaptive, Dense
from stockbook.domain.demand.learners.shared import FAR, Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.track import Track
from stockbook.domain.demand.windows import window
from tests.demand.world import MONDAY

WEEK = timedelta(weeks=1)
PROMOTED = Plan(promotions=(("promo", 1.0),))


def followed(reach: float, weeks: int = 80, shared: Shared | None = None, alike: int = 0) -> Track:
    """Sell about ten a week, and thirty when promoted; so many series `alike` sell beside it."""
    rng, shared = random.Random(5), shared or Shared()
    tracks = [Track.begin(shared, f"{number}", Period.WEEK, MONDAY) for number in range(alike + 1)]
    for number, track in enumerate(tracks):
        track.plans = lambda index, n=number: PROMOTED if random.Random(index * 31 + n).random() < 0.2 else UNPLANNED
        track.aim(reach)
    for week in range(weeks):
        for track in tracks:
            rate = 30.0 if track.plans(track.opened).promoted else 10.0
            track.sell(MONDAY + week * WEEK, float(rng.gauss(rate, 2.0) // 1))
            track.close_until(track.opened + 1)
    return tracks[0]


def dense(track: Track) -> Dense:
    assert track.learner.dense is not None
    return track.learner.dense


@pytest.mark.parametrize(
    ("horizon", "reach"), [(2.0, 2), (1.3, 2), (2.4, 2), (3.0, 3), (3.6, FAR), (4.0, FAR), (9.0, FAR), (0.5, FAR)]
)
def test_what_is_learnt_together_follows_lead_time_and_review(horizon: float, reach: int) -> None:
    learner = Adaptive(Shared(), "apple")
    learner.aim(horizon)
    assert learner.reach == reach


def test_a_lead_time_that_strays_by_less_than_a_period_throws_nothing_away() -> None:
    track = followed(2.0)
    before = dense(track).far
    for horizon in (2.9, 1.2, 2.0):
        track.aim(horizon)
    assert dense(track).far is before
    track.aim(3.0)
    assert dense(track).far.horizon == 3 and not dense(track).far.waiting


def test_the_outlook_of_the_horizon_is_the_one_that_was_learnt() -> None:
    track = followed(2.0)
    at = Period.WEEK.start(track.opened)
    x = window(track.series, track.opened, [track.plans(track.opened), track.plans(track.opened + 1)])
    learnt = dense(track).far.forecast(x | {"e:tsb": 2 * track.learner.sparse.mean}, LEVELS, 2)
    assert track.outlook(at, 2).mean == pytest.approx(learnt.mean)


@pytest.mark.parametrize("reach", [2, FAR])
def test_four_weeks_hear_of_a_promotion_in_any_of_them(reach: int) -> None:
    track = followed(reach, 120, alike=5)
    at = Period.WEEK.start(track.opened)
    track.plans = lambda index: UNPLANNED
    plain = track.outlook(at, 4).mean
    assert plain == pytest.approx(40, rel=0.15)
    for ahead in range(4):
        track.plans = lambda index, n=track.opened + ahead: PROMOTED if index == n else UNPLANNED
        assert track.outlook(at, 4).mean - plain == pytest.approx(20, rel=0.15)


def test_further_horizons_mean_more_and_stray_more() -> None:
    track = followed(2.0)
    track.plans = lambda index: UNPLANNED
    outlooks = list(track.outlooks(Period.WEEK.start(track.opened), (1, 1.5, 2, 3, 4, 8)))
    means, widths = [each.mean for each in outlooks], [each.quantiles[2] - each.mean for each in outlooks]
    assert means == sorted(means) and widths == sorted(widths)
    assert means[-1] == pytest.approx(80, rel=0.15)


def test_one_that_is_taken_up_again_goes_on_with_the_same_reach() -> None:
    shared = Shared()
    track = followed(2.0, shared=shared)
    again = Track.restore(shared, "0", json.loads(json.dumps(track.state())))
    again.plans = track.plans
    assert again.learner.reach == 2 and again.state() == track.state()
    at = Period.WEEK.start(track.opened)
    assert list(again.outlooks(at, (1, 2, 4))) == list(track.outlooks(at, (1, 2, 4)))


def test_a_blend_that_begins_later_begins_with_the_reach() -> None:
    track = followed(2.0, weeks=3)
    assert track.learner.dense is None
    again = Track.restore(Shared(), "0", track.state())
    assert again.learner.reach == 2
