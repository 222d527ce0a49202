"""What a trial is judged by: each figure's name and definition, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass

from stockbook.domain.demand.course import SLOW_DAYS

Metrics = Mapping[str, float | None]
"""Figures by name; None where there was nothing to tell one from."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric as the page tells it."""

    name: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    percent: bool = True


FIGURES = (
    Figure("false_alarms", "误报率", "False alarms",
           "建议补货、但直到下一个订货周期结束也用不上的订单所占比例。",
           "Of the orders advised, those not needed even one cycle later (“cover”)."),
    Figure("missed_alarms", "漏报率", "Missed alarms",
           "在下一次到货前会缺货、却没有建议补货的情形所占比例。",
           "Of the times when goods ran out before the next order could come, those without advice."),
    Figure("false_positive_rate", "假阳性率（FPR）", "False positive rate",
           "提前期内并不缺货的情形中，仍建议补货的比例。",
           "Of the times when goods lasted, those with advice all the same."),
    Figure("need_rate", "应补货比例", "Need rate",
           "抽取的库存状态中确实需要补货的比例：库存在 0 至 3 倍常规需求之间均匀抽取，种子固定。",
           "Of the drawn stock positions, those that needed an order: drawn evenly from 0 to 3 times the usual demand,"
           " the seed fixed."),
    Figure("fill_rate", "满足率", "Fill rate",
           "闭环模拟中，实际满足的数量占需求数量的比例（缺货即流失）。",
           "In the closed loop, units sold of units asked for; what is not there is lost."),
    Figure("turnover_days", "周转天数", "Turnover days",
           "平均库存除以平均每日销量。", "Mean stock over mean daily sales.", percent=False),
    Figure("slow_moving_share", "滞销占比", "Slow-moving share",
           f"库存中可售天数超过 {SLOW_DAYS} 天的部分所占比例。",
           f"The part of the stock that lies in series whose stock lasts longer than {SLOW_DAYS} days."),
    Figure("safety_stock_error", "安全库存误差（合计）", "Safety-stock error, all together",
           "平均安全库存与事后最优值之差（各序列合计）。事后最优值：窗口内“需求减中位预测”的服务水平分位数。",
           "Mean safety stock against hindsight’s, summed over series. Hindsight: the service level’s quantile of"
           " demand less the median forecast, over the window."),
    Figure("safety_stock_error_of_a_series", "安全库存误差（单品中位）", "Safety-stock error of a series",
           "同上，取各序列绝对误差的中位数；三个月的真实数据上，事后值本身的不确定性就约为三成以上。",
           "The same, the median of the series’ absolute errors; on three months of real sales hindsight itself is"
           " uncertain by a third or more."),
    Figure("RMSSE", "RMSSE", "RMSSE", "均方根误差除以朴素预测的误差。",
           "Root mean squared error over the naive forecast’s.", percent=False),
    Figure("MASE", "MASE", "MASE", "平均绝对误差除以朴素预测的误差。",
           "Mean absolute error over the naive forecast’s.", percent=False),
    Figure("WAPE", "WAPE", "WAPE", "绝对误差合计除以销量合计。", "Absolute errors over what was sold."),
    Figure("PL95", "PL95", "PL95", "95 % 分位数的弹球损失（两倍，除以销量）。",
           "Pinball loss of the .95 quantile, twice, over what was sold.", percent=False),
    Figure("cov95", "95 % 覆盖率", "Coverage of .95", "实际值不超过 95 % 分位数的比例。",
           "How often what came did not exceed the .95 quantile."),
)  # fmt: skip


def told(value: float | None, *, percent: bool) -> str:
    """Return a figure as people read it.

    >>> told(0.0634, percent=True), told(1234.5, percent=False), told(None, percent=False)
    ('6.3 %', '1,234', '–')
    """
    if value is None:
        return "–"
    return f"{value * 100:.1f} %" if percent else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"
