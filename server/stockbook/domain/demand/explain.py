"""Why a forecast is what it is, in words and numbers: for a buyer who must be able to believe it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from stockbook.domain.language import Language, amount


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a forecast; `shares` are parts of the mean, together 1."""

    mean: float
    horizon: int
    period: str
    """DAY or WEEK"""
    begins: date
    unit: str
    levels: Sequence[float]
    quantiles: Sequence[float]
    shares: Mapping[str, float]
    past_error: float | None
    heard: Sequence[str] = ()
    stale: Sequence[str] = ()
    retired: Sequence[str] = ()
    """Names of influences that it used, that it did without, and that ended of late."""
    deaf: bool = False
    """Whether there are others, and too little is sold to learn what they do."""
    said: float | None = None
    reason: str | None = None
    """What a person expects instead, and why."""
    orders: tuple[float, float] | None = None
    """The reorder point that counts where somebody expects otherwise, and that of the model."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of input makes of the mean; parts sum to it."""

    input: str
    words: str
    share: float
    quantity: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole in one text, and its pieces."""

    text: str
    parts: tuple[Part, ...]
    changes: tuple[str, ...]
    """What would change it, and to what."""


WORDS: Mapping[str, tuple[str, str]] = {
    "level": ("the usual level", "平时水平"),
    "recent": ("recent sales", "近期销售"),
    "season": ("season and weekday", "季节与星期"),
    "promotion": ("promotion", "促销"),
    "price": ("price", "价格"),
    "sold": ("sold so far", "本期已售"),
    "other_sites": ("the habits of other sites", "其他门店的销售习惯"),
    "calendar": ("holidays", "节假日"),
    "weather": ("the weather", "天气"),
    "pick_up": ("dealers' pick-ups", "经销商提货"),
    "schedule": ("production schedules", "上游排产"),
    "group_buy": ("group-buy rank", "团购排名"),
    "sentiment": ("public opinion", "舆情"),
    "competitor": ("competitors' sales", "竞品销售"),
    "logistics": ("hours on the road", "物流时长"),
    "stability": ("suppliers' punctuality", "供应商交货稳定性"),
    "rival": ("rivals' promotions", "替代品促销"),
    "lack": ("similar items out of stock", "同类商品缺货"),
    "other": ("other signals", "其他信号"),
}
"""What each kind of input is called, in English and in Chinese."""
_CERTAIN = frozenset(("level", "sold"))
_FIXED = _CERTAIN | {"recent", "other_sites"}
_WORTH_SAYING = 0.02


def explain(facts: Facts, language: Language) -> Explanation:
    """Say what a forecast is made of, how far it was off before, and what would change it.

    >>> facts = Facts(12.0, 1, "WEEK", date(2026, 11, 23), "kg", (0.5, 0.9, 0.95), (11.0, 16.0, 18.0),
    ...               {"level": 0.75, "promotion": 0.25}, 0.2, heard=("Harvest feast",))
    >>> said = explain(facts, Language.EN)
    >>> for sentence in said.text.split(". "):
    ...     print(sentence)
    The week from 2026-11-23 is expected to sell 12 kg; in 19 such cases of 20 no more than 18 kg
    That is the usual level 9 kg (75 %) and promotion +3 kg (25 %)
    Used from outside: Harvest feast
    So far forecasts of this item here were off by 20 % of what was sold.
    >>> said.changes, sum(part.quantity for part in said.parts)
    (('Without promotion it would be about 9 kg.',), 12.0)
    >>> from dataclasses import replace
    >>> slow = replace(facts, shares={"level": 1.25, "recent": -0.25}, heard=(), stale=("Weather", "Fair"))
    >>> explain(replace(slow, retired=("News",)), Language.EN).text.split(". ")[2:4]
    ['Retired of late, and used no more: News', 'Too old to be used: Weather, Fair']
    >>> for change in explain(slow, Language.EN).changes:
    ...     print(change)
    Had sales of late been as usual, it would be about 15 kg.
    It would hear of these again once they have newer points: Weather, Fair.
    >>> seldom = explain(replace(facts, shares={"recent": 0.75, "other_sites": 0.25}, deaf=True), Language.EN)
    >>> for change in seldom.changes:
    ...     print(change)
    Had nothing been sold of late, it would be about 3 kg.
    Without the habits of other sites it would be about 9 kg.
    >>> explain(facts, Language.ZH).text[:52]
    '自 2026-11-23 起的一周预计销售 12 kg；20 次中有 19 次不超过 18 kg。构成：'
    """
    say = _ENGLISH if language is Language.EN else _CHINESE
    parts = _parts(facts, 0 if language is Language.EN else 1)
    sentences = [say.expected(facts), say.made_of(facts, parts)]
    if facts.heard:
        sentences.append(say.heard.format(names=say.comma.join(facts.heard)))
    if facts.retired:
        sentences.append(say.retired.format(names=say.comma.join(facts.retired)))
    if facts.stale:
        sentences.append(say.stale.format(names=say.comma.join(facts.stale)))
    if facts.deaf:
        sentences.append(say.deaf)
    sentences.append(say.never if facts.past_error is None else say.off.format(error=_percent(facts.past_error)))
    if facts.said is not None:
        sentences.append(say.instead.format(quantity=say.amount(facts.said, facts.unit), reason=facts.reason or ""))
    if facts.orders is not None:
        now, model = (say.amount(each, facts.unit) for each in facts.orders)
        sentences.append(say.orders.format(now=now, model=model))
    return Explanation(say.space.join(sentences), parts, _changes(facts, parts, say))


def _parts(facts: Facts, language: int) -> tuple[Part, ...]:
    ordered = sorted(facts.shares.items(), key=lambda each: (each[0] not in _FIXED, -abs(each[1])))
    return tuple(
        Part(kind, WORDS[kind][language] if kind in WORDS else kind, share, share * facts.mean)
        for kind, share in ordered
    )


def _changes(facts: Facts, parts: Sequence[Part], say: "_Words") -> tuple[str, ...]:
    """Say what it would be without each input, or with sales as usual, and what would be heard again.

    Neither the usual level nor what is sold already can be thought away.
    """
    found = []
    for part in parts:
        if part.input in _CERTAIN or abs(part.share) < _WORTH_SAYING:
            continue
        words = say.without
        if part.input == "recent":
            words = say.usual if "level" in facts.shares else say.none
        rest = say.amount(max(facts.mean - part.quantity, 0.0), facts.unit)
        found.append(words.format(input=part.words, quantity=rest))
    if facts.stale:
        found.append(say.again.format(names=say.comma.join(facts.stale)))
    return tuple(found)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences of a language."""

    language: Language
    one: Mapping[str, str]
    several: Mapping[str, str]
    expect: str
    tail: str
    made: str
    heard: str
    stale: str
    retired: str
    deaf: str
    never: str
    off: str
    instead: str
    orders: str
    without: str
    usual: str
    none: str
    again: str
    part: str
    comma: str
    last: str
    space: str
    stop: str

    def amount(self, value: float, unit: str) -> str:
        """Say a quantity."""
        return amount(value, unit, self.language)

    def expected(self, facts: Facts) -> str:
        """Say how much, and how sure that is."""
        times = (self.one if facts.horizon == 1 else self.several)[facts.period]
        said = self.expect.format(
            time=times.format(n=facts.horizon, begins=facts.begins), quantity=self.amount(facts.mean, facts.unit)
        )
        high = dict(zip(facts.levels, facts.quantiles, strict=True)).get(0.95)
        if high is not None:
            said += self.tail.format(quantity=self.amount(high, facts.unit))
        return said + self.stop

    def made_of(self, facts: Facts, parts: Sequence[Part]) -> str:
        """Say what each kind of input makes of it."""
        told = [part for part in parts if abs(part.share) >= _WORTH_SAYING]
        listed = [
            self.part.format(
                words=part.words,
                quantity=("+" if part.input not in _FIXED and part.quantity > 0 else "")
                + self.amount(part.quantity, facts.unit),
                share=_percent(part.share),
            )
            for part in told
        ]
        joined = self.last.join((self.comma.join(listed[:-1]), listed[-1])) if len(listed) > 1 else "".join(listed)
        return self.made.format(parts=joined)


_ENGLISH = _Words(
    language=Language.EN,
    one={"DAY": "The day from {begins} is", "WEEK": "The week from {begins} is"},
    several={"DAY": "The {n} days from {begins} are", "WEEK": "The {n} weeks from {begins} are"},
    expect="{time} expected to sell {quantity}",
    tail="; in 19 such cases of 20 no more than {quantity}",
    made="That is {parts}.",
    heard="Used from outside: {names}.",
    stale="Too old to be used: {names}.",
    retired="Retired of late, and used no more: {names}.",
    deaf="Too little is sold here yet to learn what signals from outside do to sales: the forecast weighs none.",
    never="There is no past error yet: nothing that was forecast here was sold.",
    off="So far forecasts of this item here were off by {error} of what was sold.",
    instead="A person expects {quantity} instead: {reason}.",
    orders="So the reorder point is {now}; by the model it would be {model}.",
    without="Without {input} it would be about {quantity}.",
    usual="Had sales of late been as usual, it would be about {quantity}.",
    none="Had nothing been sold of late, it would be about {quantity}.",
    again="It would hear of these again once they have newer points: {names}.",
    part="{words} {quantity} ({share})",
    comma=", ",
    last=" and ",
    space=" ",
    stop=".",
)
_CHINESE = _Words(
    language=Language.ZH,
    one={"DAY": "自 {begins} 起的一天", "WEEK": "自 {begins} 起的一周"},
    several={"DAY": "自 {begins} 起的 {n} 天", "WEEK": "自 {begins} 起的 {n} 周"},
    expect="{time}预计销售 {quantity}",
    tail="；20 次中有 19 次不超过 {quantity}",
    made="构成：{parts}。",
    heard="外部信号：{names}。",
    stale="因过期未采用：{names}。",
    retired="近期已停用，不再采用：{names}。",
    deaf="此处销量尚少，无法判断外部信号对销售的影响，预测暂不采用。",
    never="尚无历史误差：此处的预测还没有对应的销售。",
    off="迄今为止，此处该商品的预测误差为实际销量的 {error}。",
    instead="人工改为 {quantity}：{reason}。",
    orders="因此再订货点为 {now}；按模型则为 {model}。",
    without="若没有{input}，约为 {quantity}。",
    usual="若近期销售与平时持平，约为 {quantity}。",
    none="若近期没有销售，约为 {quantity}。",
    again="补充新数据后将重新采用：{names}。",
    part="{words} {quantity}（{share}）",
    comma="、",
    last="、",
    space="",
    stop="。",
)
