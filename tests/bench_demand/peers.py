"""What others would use, with settings fixed here and fitted on the past only.

Run by the benchmark with the interpreter of an environment of its own, in which
it installs `REQUIREMENTS`: `python peers.py TABLE OUT GROUP`. TABLE is what
`tables.write` wrote; OUT gets a mean and quantiles a peer for the rows judged.
Groups: `classic` (statsforecast, one step ahead, refitted each day unless said),
`trees` (LightGBM), `online` (River). The settings are those under which these
peers were measured first; nothing was tuned on the window judged.
"""

import math
import pickle
import sys
import warnings

import numpy as np

LEVELS = (0.5, 0.9, 0.95, 0.99)
REQUIREMENTS = (
    "statsforecast==2.1.1",
    "lightgbm==4.7.0",
    "scikit-learn",
    "river==0.26.1",
    "pandas<3",
    "numpy<2.4",
)
LOW = 0.3


class Table:
    """Rows by date then series: who, when, what sold, features, the first row judged."""

    def __init__(self, kept):
        self.__dict__.update(kept)
        self.judged = self.date >= self.since
        edges = np.flatnonzero(np.diff(self.date)) + 1
        self.blocks = np.split(np.arange(len(self.date)), edges)
        self.scale = self.level + LOW
        self.target = np.log((self.sold + LOW) / self.scale)
        self.column = {name: at for at, name in enumerate(self.names)}

    def feature(self, name):
        return self.x[:, self.column[name]] if name in self.column else np.zeros(len(self.sold))

    def wide(self, values):
        """Return dates by series, NaN where a series does not live."""
        found = np.full((len(self.blocks), int(self.uid.max()) + 1), np.nan)
        for row, block in enumerate(self.blocks):
            found[row, self.uid[block]] = values[block]
        return found

    def tall(self, wide):
        return np.concatenate([wide[row, self.uid[block]] for row, block in enumerate(self.blocks)])


def own_errors(table, mean, window=None):
    """Return quantiles from each series' last errors of the same forecast."""
    import pandas  # noqa: PLC0415 - each group needs its own

    window = window or (52 if table.weekly else 90)
    wide, errors = table.wide(mean), pandas.DataFrame(table.wide(table.sold - mean))
    shifted = errors.shift(1).rolling(window, min_periods=10)
    return {a: np.nan_to_num(table.tall(wide + np.nan_to_num(shifted.quantile(a).ffill().to_numpy()))) for a in LEVELS}


def classic(table, give):
    import pandas  # noqa: PLC0415
    from statsforecast import StatsForecast  # noqa: PLC0415
    from statsforecast import models as sf  # noqa: PLC0415

    wide = table.wide(table.sold)
    order = {date: at for at, date in enumerate(sorted(set(table.date.tolist())))}
    ds = np.array([order[date] for date in table.date])
    frame = pandas.DataFrame({"unique_id": table.uid, "ds": ds, "y": table.sold})
    judged = len({*table.date[table.judged].tolist()})
    size = 104 if table.weekly else 140
    average = pandas.DataFrame(wide).shift(1).rolling(table.window, min_periods=1).mean().to_numpy()
    chosen = [
        ("SES optimised", sf.SimpleExponentialSmoothingOptimized(), True),
        ("Croston", sf.CrostonOptimized(), True),
        ("SBA", sf.CrostonSBA(), True),
        ("TSB", sf.TSB(alpha_d=0.1, alpha_p=0.1), True),
        ("AutoETS", sf.AutoETS(season_length=1 if table.weekly else table.season), 2 if table.weekly else 31),
    ]
    if table.weekly:
        chosen.append(("DynOptTheta", sf.DynamicOptimizedTheta(season_length=1), 2))
    for name, model, refit in chosen:
        levels = [80, 90, 98] if refit is not True else None
        engine = StatsForecast(models=[model], freq=1, n_jobs=1)
        settings = {"h": 1, "step_size": 1, "n_windows": judged, "input_size": size, "refit": refit, "level": levels}
        found = engine.cross_validation(df=frame, **settings).set_index(["unique_id", "ds"])
        at = pandas.MultiIndex.from_arrays([table.uid, ds])
        kind = repr(model)
        mean = found[kind].reindex(at).to_numpy()
        fallback = table.tall(average)
        whole = np.where(np.isfinite(mean), mean, np.nan_to_num(fallback))
        if levels:
            names = {0.9: f"{kind}-hi-80", 0.95: f"{kind}-hi-90", 0.99: f"{kind}-hi-98"}
            q = {a: found[n].reindex(at).to_numpy() for a, n in names.items()} | {0.5: mean}
            give(name, whole, {a: np.where(np.isfinite(q[a]), q[a], whole) for a in LEVELS})
        else:
            smooth = pandas.DataFrame(wide).shift(1).ewm(alpha=0.15).mean().to_numpy()
            past = np.where(np.isfinite(mean), mean, np.nan_to_num(table.tall(smooth)))
            give(name, whole, own_errors(table, past))


def trees(table, give):
    import lightgbm  # noqa: PLC0415

    grow = {"n_estimators": 200, "learning_rate": 0.07, "num_leaves": 31, "min_child_samples": 60, "subsample": 0.8}
    grow |= {"subsample_freq": 1, "colsample_bytree": 0.7, "n_jobs": 1, "verbosity": -1, "reg_lambda": 1.0}
    lags = np.column_stack([np.exp(table.feature(f"l{k}")) * table.scale for k in (1, 2, 3)])
    x = np.column_stack([table.x, table.level, lags, table.price, table.week, table.item])
    category = [x.shape[1] - 1]
    count, seen = np.zeros(len(table.sold), int), {}
    for row, uid in enumerate(table.uid.tolist()):
        count[row] = seen.get(uid, 0)
        seen[uid] = count[row] + 1
    warm = count >= (8 if table.weekly else 28)
    dates = sorted({*table.date[table.judged].tolist()})
    step = 9 if table.weekly else 31

    def run(objective, scaled, **settings):
        found = np.zeros(len(table.sold))
        for at in range(0, len(dates), step):
            low, high = dates[at], dates[min(at + step, len(dates)) - 1]
            past, now = (table.date < low) & warm, (table.date >= low) & (table.date <= high)
            y = table.sold / table.scale if scaled else table.sold
            model = lightgbm.LGBMRegressor(objective=objective, **(grow | settings))
            weight = table.scale[past] if scaled else None
            model.fit(x[past], y[past], sample_weight=weight, categorical_feature=category)
            found[now] = model.predict(x[now]) * (table.scale[now] if scaled else 1.0)
        return found

    tails = [run("quantile", True, alpha=a, n_estimators=120, learning_rate=0.1) for a in LEVELS]
    tails = dict(zip(LEVELS, np.sort(np.stack(tails), axis=0), strict=True))
    give("LightGBM tweedie", run("tweedie", False, tweedie_variance_power=1.2), tails)
    give("LightGBM l2 on y/level", run("l2", True), tails)


class LeastSquares:
    """Recursive least squares with forgetting, a Gaussian prior and Huber's weight."""

    def __init__(self, at, prior, forget):
        self.at, self.prior, self.forget = at, prior, forget
        self.w, self.p, self.s = np.zeros(1 + len(at)), np.eye(1 + len(at)) / prior, 0.5

    def inputs(self, x):
        return np.concatenate([[1.0], x[self.at]])

    def predict(self, x):
        return float(self.w @ self.inputs(x))

    def learn(self, x, y):
        v = self.inputs(x)
        error = y - self.w @ v
        self.s += 0.02 * (abs(error) - self.s)
        bound = 2.5 * max(self.s, 0.1) * 1.25
        trust = 1.0 if abs(error) <= bound else bound / abs(error)
        drawn = self.p @ v
        gain = drawn * trust / (self.forget + trust * (v @ drawn))
        self.w = self.w + gain * error
        self.p = (self.p - np.outer(gain, drawn)) / self.forget
        trace, most = np.trace(self.p), len(self.w) * 2.0 / self.prior
        if trace > most:
            self.p *= most / trace


class Walk:
    """Goes through a table date by date: every series is predicted before any learns."""

    def __init__(self, table):
        self.table = table
        self.dicts = [dict(zip(table.names, row, strict=True)) for row in table.x.tolist()]

    def shared(self, model, target):
        """One model of all series."""
        found = np.zeros(len(self.table.sold))
        for block in self.table.blocks:
            for row in block:
                found[row] = model.predict_one(self.dicts[row])
            for row in block:
                model.learn_one(self.dicts[row], float(target[row]))
        return np.clip(np.nan_to_num(found), -4, 6)

    def each(self, make, target):
        """A regression for each series."""
        table, models, found = self.table, {}, np.zeros(len(self.table.sold))
        for block in table.blocks:
            for row in block:
                if table.uid[row] not in models:
                    models[table.uid[row]] = make()
                found[row] = models[table.uid[row]].predict(table.x[row])
            for row in block:
                models[table.uid[row]].learn(table.x[row], target[row])
        return np.clip(found, -4, 4)

    def series(self, make, value):
        """A forecaster of its own past for each series."""
        table, models, found = self.table, {}, np.zeros(len(self.table.sold))
        for block in table.blocks:
            for row in block:
                model = models.setdefault(table.uid[row], make())
                try:
                    found[row] = model.forecast(horizon=1)[0]
                except IndexError:
                    found[row] = value(table.level[row])
            for row in block:
                try:
                    models[table.uid[row]].learn_one(float(value(table.sold[row])))
                except ZeroDivisionError:  # a first season in which nothing sold: it begins anew
                    del models[table.uid[row]]
        return found

    def places(self, *names):
        """Where columns stand, of those that there are."""
        return [self.table.column[name] for name in names if name in self.table.column]


def online(table, give):
    from river import linear_model, optim, time_series, tree  # noqa: PLC0415

    walk = Walk(table)
    shared, each, series, places = walk.shared, walk.each, walk.series, walk.places

    def linear(optimizer, loss=None, rate=0.01):
        loss = loss or optim.losses.Squared()
        return linear_model.LinearRegression(optimizer=optimizer, loss=loss, intercept_lr=rate, clip_gradient=3.0)

    give("river level", table.level, tracked(table, np.zeros(len(table.sold))))
    holt = np.maximum(series(lambda: time_series.HoltWinters(alpha=0.2 if table.weekly else 0.1), float), 0)
    give("river HoltWinters", holt, tracked(table, np.log((holt + LOW) / table.scale)))
    if not table.weekly:
        make = lambda: time_series.HoltWinters(alpha=0.1, beta=0.01, gamma=0.1, seasonality=table.season)  # noqa: E731
        holt = np.maximum(series(make, float), 0)
        give("river HoltWinters seasonal", holt, tracked(table, np.log((holt + LOW) / table.scale)))
    make = lambda: time_series.SNARIMAX(p=3, d=0, q=1)  # noqa: E731
    point = np.clip(series(make, lambda v: math.log(v + LOW)) - np.log(table.scale), -3, 3)
    give("river SNARIMAX", smeared(table, point), tracked(table, point))
    own = places("e3", "l1", "l7", "m7", "m28", "m4", "m13", "dowlvl", "promo", "disc", "prel", "lift", "lastpromo")
    rest = places("promo", "disc", "e3", "dowlvl", "lastpromo")
    rls = each(lambda: LeastSquares(own, 4.0, 0.998), table.target)
    give("per-series RLS", smeared(table, rls), tracked(table, rls))
    together = shared(linear(optim.AdaGrad(0.05), rate=0.005), table.target)
    give("river AdaGrad", smeared(table, together), tracked(table, together))
    both = np.clip(together + each(lambda: LeastSquares(rest, 8.0, 0.995), table.target - together), -4, 4)
    give("river AdaGrad + residual RLS", smeared(table, both), tracked(table, both))
    leaf = linear_model.LinearRegression(optimizer=optim.SGD(0.003), intercept_lr=0.003, clip_gradient=3)
    grown = tree.HoeffdingAdaptiveTreeRegressor(
        grace_period=200, max_depth=8, delta=1e-4, leaf_prediction="model", leaf_model=leaf, seed=1
    )
    hat = np.clip(shared(grown, table.target), -4, 4)
    give("river HAT", smeared(table, hat), tracked(table, hat))
    rate = shared(linear(optim.SGD(0.003), optim.losses.Poisson(), 0.003), table.sold / table.scale)
    poisson = table.scale * np.clip(rate, 0, 40)
    give("river Poisson", poisson, own_errors(table, poisson))
    direct = {}
    for a in LEVELS:
        pace = 0.01 if a < 0.95 else 0.02
        line = shared(linear(optim.SGD(pace), optim.losses.Quantile(a), 0.01 if a < 0.95 else 0.03), table.target)
        direct[a] = table.scale * np.exp(line) - LOW
    give("river Quantile", direct[0.5], direct)
    mixed = aggregated(table, [rls, together, both, hat])
    give("river aggregation", smeared(table, mixed), tracked(table, mixed))
    tails = residual_quantiles(table, mixed, walk.dicts, linear, optim)
    give("river aggregation + residual quantiles", smeared(table, mixed), tails)
    geometric = {a: np.sqrt(np.maximum(tails[a], 0.01) * np.maximum(direct[a], 0.01)) for a in LEVELS}
    give("river residual x direct quantiles", smeared(table, mixed), geometric | {0.5: tails[0.5]})


def smeared(table, point):
    """Turn forecasts of logarithms into means by the ratio of what came to what they said, online."""
    found, above, below, own = np.zeros(len(point)), 1.0, 1.0, {}
    said = table.scale * np.exp(np.minimum(point, 4))
    for block in table.blocks:
        for row in block:
            a, c = own.get(table.uid[row], (0.0, 0.0))
            ratio = (a + 10 * above / below * table.scale[row]) / (c + 10 * table.scale[row])
            found[row] = max(said[row] * ratio - LOW, 0.0)
        for row in block:
            a, c = own.get(table.uid[row], (0.0, 0.0))
            own[table.uid[row]] = (a * 0.98 + table.sold[row] + LOW, c * 0.98 + said[row])
            above, below = above * 0.9999 + table.sold[row] + LOW, below * 0.9999 + said[row]
    return found


def tracked(table, point, pace=0.05):
    """Return quantiles around a forecast of the logarithm: each series' scale times tracked multipliers."""
    widths, factors = {}, {}
    start = {0.5: 0.0, 0.9: 1.6, 0.95: 2.1, 0.99: 3.2}
    found = {a: np.zeros(len(point)) for a in LEVELS}
    promoted = table.feature("promo") > 0.5
    for block in table.blocks:
        for row in block:
            width, kind = widths.get(table.uid[row], 0.6), bin_of(table, row, promoted)
            for a in LEVELS:
                factor = factors.get((kind, a), (start[a], 0))[0]
                found[a][row] = table.scale[row] * math.exp(min(point[row] + width * factor, 6)) - LOW
        for row in block:
            width, kind = widths.get(table.uid[row], 0.6), bin_of(table, row, promoted)
            error = table.target[row] - point[row]
            for a in LEVELS:
                factor, count = factors.get((kind, a), (start[a], 0))
                step = max(pace / (1 + count / 200), 0.004) * (1 if a < 0.9 else 2)
                factors[kind, a] = (factor + step * (a - (error / width < factor)), count + 1)
            widths[table.uid[row]] = max(width + 0.05 * (abs(error) - width), 0.05)
    return found


def bin_of(table, row, promoted):
    return int(min(max(math.log2(table.scale[row]), -1), 7)), bool(promoted[row])


def aggregated(table, points, strict=2.0):
    """Return exponential weights a series on squared errors of the logarithm, forgetting."""
    stacked, losses, found = np.stack(points), {}, np.zeros(len(table.sold))
    for block in table.blocks:
        for row in block:
            lost = losses.get(table.uid[row], np.zeros(len(points)))
            weight = np.exp(-strict * (lost - lost.min()))
            found[row] = weight @ stacked[:, row] / weight.sum()
        for row in block:
            off = (stacked[:, row] - table.target[row]) ** 2
            losses[table.uid[row]] = losses.get(table.uid[row], 0.0) * 0.97 + off
    return found


def residual_quantiles(table, point, dicts, linear, optim):
    """Return a quantile regression a level on the error of a forecast, with scales of past errors as inputs."""
    keys = ("loglevel", "promo", "disc", "lastpromo", "cv", "gap", "lift", "e3", "l1", "dowlvl")
    widths, inputs = {}, []
    for block in table.blocks:
        for row in block:
            sg, up = widths.get(table.uid[row], (0.5, 0.3))
            x = {key: dicts[row][key] for key in keys if key in dicts[row]}
            x |= {"sg": sg, "up": up, "sgp": sg * x.get("promo", 0.0), "sgl": sg * x["loglevel"], "a": point[row]}
            inputs.append(x)
        for row in block:
            sg, up = widths.get(table.uid[row], (0.5, 0.3))
            error = table.target[row] - point[row]
            widths[table.uid[row]] = (sg + 0.05 * (abs(error) - sg), up + 0.05 * (2 * max(error, 0) - up))
    found = {}
    for a in LEVELS:
        pace = 0.01 if a < 0.95 else 0.02
        model = linear(optim.SGD(pace), optim.losses.Quantile(a), 0.01 if a < 0.95 else 0.03)
        line = np.zeros(len(point))
        for block in table.blocks:
            for row in block:
                line[row] = model.predict_one(inputs[row])
            for row in block:
                model.learn_one(inputs[row], table.target[row] - point[row])
        found[a] = np.maximum(table.scale * np.exp(np.clip(point + line, -4, 5)) - LOW, 0)
    return found


GROUPS = {"classic": classic, "trees": trees, "online": online}


def main(source, target, group):
    warnings.filterwarnings("ignore")
    with open(source, "rb") as file:  # noqa: PTH123
        table = Table(pickle.load(file))
    found = {}

    def give(name, mean, quantiles):
        tails = np.sort(np.stack([np.maximum(quantiles[a], 0) for a in LEVELS]), axis=0)
        found[name] = (np.maximum(mean, 0)[table.judged], tails[:, table.judged])
        print(name, file=sys.stderr, flush=True)

    GROUPS[group](table, give)
    with open(target, "wb") as file:  # noqa: PTH123
        pickle.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
