"""Every sentence, in Chinese and in English: what is shown, and what is said where that differs."""

from typing import NamedTuple


class Text(NamedTuple):
    """A sentence in both languages; `say` where the voice says it otherwise."""

    zh: str
    en: str
    say_zh: str = ""
    say_en: str = ""


class Named(NamedTuple):
    """What a unit is called."""

    zh: str
    one: str
    many: str


UNITS: dict[str, Named] = {
    "piece": Named("件", "piece", "pieces"),
    "pcs": Named("件", "piece", "pieces"),
    "box": Named("箱", "box", "boxes"),
    "case": Named("箱", "case", "cases"),
    "carton": Named("箱", "carton", "cartons"),
    "pack": Named("包", "pack", "packs"),
    "bag": Named("袋", "bag", "bags"),
    "bottle": Named("瓶", "bottle", "bottles"),
    "tray": Named("盘", "tray", "trays"),
    "pallet": Named("托", "pallet", "pallets"),
    "kg": Named("公斤", "kg", "kg"),
    "g": Named("克", "g", "g"),
    "lb": Named("磅", "lb", "lb"),
    "l": Named("升", "l", "l"),
    "ml": Named("毫升", "ml", "ml"),
    "m": Named("米", "m", "m"),
}

_NEXT: dict[str, Text] = {
    "ready": Text("请扫描", "Ready to scan"),
    "both": Text("{first}，{second}", "{first}, {second}"),
    "scan_goods": Text("请扫商品", "Scan the goods"),
    "scan_place": Text("请扫货位", "Scan the bin"),
    "scan_place_first": Text("请先扫货位", "Scan the bin first"),
    "scan_goods_or_place": Text("请扫商品或货位", "Scan goods or bin"),
    "scan_source": Text("请扫来源货位", "Scan the bin it comes from"),
    "scan_target": Text("请扫目标货位", "Scan the bin it goes to"),
    "scan_vehicle": Text("请扫车辆", "Scan the vehicle"),
    "scan_first_code": Text("请扫产品条码", "Scan the product's code"),
    "give_verdict": Text("合格还是不合格？", "Passed or failed?"),
    "give_reason": Text("请选择不合格原因", "Why did it fail? Choose a reason"),
    "go_to_place": Text("前往 {place}", "Go to {place}"),
    "place_open": Text("货位 {place}", "Bin {place}"),
    "place_closed": Text("货位 {place} 已结束", "Bin {place} closed"),
    "confirm_place": Text("请扫货位 {place} 确认", "Scan bin {place} to confirm"),
    "whole_unit": Text("整托 {unit}，请扫目标货位", "Whole pallet {unit}: scan where it goes"),
    "weighed": Text("{quantity} 公斤", "{quantity} kg"),
    "preset": Text("预设 {label}：{value}", "Preset {label}: {value}"),
    "into_place": Text("放入 {place}", "Into {place}"),
    "to_place": Text("到 {place}", "To {place}"),
    "vehicle": Text("车辆 {place}", "Vehicle {place}"),
    "carrier": Text("接收人 {person}", "Taken over by {person}"),
    "verdict": Text("检验结论：{verdict}", "Verdict: {verdict}"),
    "wanted": Text("{item} × {quantity}", "{item} × {quantity}"),
    "count_place": Text("盘点 {place}", "Count {place}"),
    "count_again": Text("重新盘点 {place}", "Count {place} again"),
    "number": Text("{quantity}", "{quantity}"),
    "from_place": Text("来自 {place}", "From {place}"),
    "in_hand": Text("手上 {quantity} {unit}", "In hand: {quantity} {unit}"),
    "typed": Text("数量 {value}", "Quantity {value}", "{value}", "{value}"),
    "quantity_next": Text("下一次扫描计 {quantity}", "The next scan counts as {quantity}"),
    "unit_now": Text("单位：{unit}", "Unit: {unit}"),
}
_DONE: dict[str, Text] = {
    "received": Text("已收 {quantity} {unit}", "Received {quantity} {unit}"),
    "moved_whole": Text("整托 {unit} 已移到 {place}", "Pallet {unit} moved to {place}"),
    "stored": Text("已上架 {quantity} {unit}", "Put away {quantity} {unit}"),
    "picked": Text("已拣 {quantity} {unit}", "Picked {quantity} {unit}"),
    "moved": Text("已移 {quantity} {unit}", "Moved {quantity} {unit}"),
    "inspected_pass": Text("合格 {quantity} {unit}", "Passed {quantity} {unit}"),
    "inspected_fail": Text("不合格 {quantity} {unit}", "Failed {quantity} {unit}"),
    "inspected_begin": Text("送检 {quantity} {unit}", "In inspection: {quantity} {unit}"),
    "handed_over": Text("已交接 {quantity} {unit}", "Handed over {quantity} {unit}"),
    "taken_over": Text("已接收 {quantity} {unit}", "Taken over {quantity} {unit}"),
    "all_in_hand": Text("手上 {count} 种全部完成", "All {count} in hand are done"),
    "counted": Text("已盘 {item}：{quantity}", "Counted {item}: {quantity}"),
    "bin_counted": Text("货位 {place} 已盘完", "Bin {place} is counted"),
    "line_done": Text("本行已齐", "This line is complete"),
    "task_done": Text("任务完成", "The task is complete"),
    "taken_anyway": Text("例外，已记录原因", "Taken all the same; the reason is recorded"),
    "undone": Text("已撤销上一次扫描", "The last scan is undone"),
    "cancelled": Text("已取消", "Cancelled"),
    "lines_open": Text("还有 {count} 行未完成", "{count} lines are still open"),
    "nothing_to_undo": Text("没有可撤销的扫描", "There is nothing to undo"),
    "nothing_to_force": Text("没有可放行的扫描", "There is nothing to take all the same"),
    "not_here": Text("此任务不用这个指令", "That command means nothing on this job"),
}
_AGE: dict[str, Text] = {
    "days_left": Text(
        "效期剩 {days} 天（{expiry}）", "{days} days to expiry ({expiry})", "效期剩 {days} 天", "{days} days left"
    ),
    "clock_unsure": Text("设备时钟未校准，效期仅供参考", "The device's clock is unsure: check the date yourself"),
    "lot_unseen": Text("条码无批次，请核对 {lot}", "The code has no lot: check that it is {lot}"),
}
_BLOCKS: dict[str, Text] = {
    "scanner_not_gs1": Text(
        "扫描器未按 GS1 设置：丢失分隔符",
        "Scanner not set for GS1: it drops the separator (FNC1)",
        "扫描器未按 GS1 设置",
        "Scanner not set for GS1",
    ),
    "unreadable": Text(
        "条码无法识别：{problem}", "The code can't be relied on: {problem}", "请重新扫描", "Scan it again"
    ),
    "unknown_code": Text("未知条码 {code}", "Unknown code {code}", "未知条码", "Unknown code"),
    "unknown_item": Text("目录中没有此商品 {code}", "Item not in the catalogue: {code}", "未知商品", "Unknown item"),
    "unknown_place": Text("没有这个货位 {place}", "There is no such place: {place}"),
    "bad_quantity": Text("数量不正确", "That is no quantity"),
    "no_quantity": Text("请称重或输入数量", "Weigh it or type how much"),
    "missing_pi": Text(
        "{item}：缺少生产标识（PI），不能收货", "{item}: production identifier (PI) missing, not received"
    ),
    "scanned_already": Text("序列号 {code} 已扫过", "Serial {code} was scanned already"),
    "expired": Text("已过期：{expiry}", "Expired: {expiry}"),
    "expiry_differs": Text("批次 {lot} 的效期不一致", "Lot {lot} is known with another expiry"),
    "held": Text("{item} 被冻结（{hold}）", "{item} is on hold ({hold})", "货物被冻结", "The goods are on hold"),
    "not_on_list": Text("{item} 不在清单上", "{item} is not on the list"),
    "wrong_lot": Text("批次不对：{scanned}，应为 {expected}", "Wrong lot {scanned}, expected {expected}"),
    "wrong_bin": Text("货位不对：{scanned}，应为 {expected}", "Wrong bin {scanned}, expected {expected}"),
    "wrong_vehicle": Text("车辆不对：{scanned}，应为 {expected}", "Wrong vehicle {scanned}, expected {expected}"),
    "rights_differ": Text("货权不同，不能装入 {unit}", "Goods of other rights don't go into {unit}"),
    "over": Text("超出应收：{scanned} / {expected} {unit}", "Too much: {scanned} of {expected} {unit}"),
    "ninth_label": Text("标签超过 8 个：请减少预设", "More than 8 labels: take a preset off"),
    "already_counted": Text("货位 {place} 已盘过", "Bin {place} was counted already"),
    "recount": Text("请再盘一次货位 {place}", "Count bin {place} once more"),
    "large_difference": Text("货位 {place} 须由另一人复核", "Bin {place}: a second person must check it"),
    "empty_unit": Text("不知道 {unit} 里有什么，请逐件扫描", "What {unit} holds isn't known: scan its goods"),
    "other_label": Text("两个条码不属于同一标签", "The two codes are not of one label"),
    "no_vehicle": Text("请先扫车辆", "Scan the vehicle first"),
    "queue_stopped": Text("服务器不认此设备，须重新注册", "The server doesn't accept this device: enrol it anew"),
    "unfit": Text("此扫描无法记录", "This scan can't be recorded"),
    "disk": Text("设备存储出错，扫描未记录", "The device can't store it: nothing was recorded"),
    "queue_full": Text("队列已满，请联网同步", "The queue is full: synchronise first"),
    "offline_too_long": Text("离线时间过长，请联网同步", "Offline for too long: synchronise first"),
    "same_person": Text("须由另一人确认", "Somebody else must confirm it"),
    "compare_expected": Text("应为 {value}", "Expected {value}"),
    "compare_scanned": Text("扫到 {value}", "Scanned {value}"),
}
_LIFTS: dict[str, Text] = {
    "lift_rescan": Text("请扫另一个", "Scan another one"),
    "lift_force": Text("仍要接收请按「放行」", "Press Take anyway to take it all the same"),
    "lift_second_code": Text("请扫同一标签的第二个条码（批次、效期）", "Scan the label's other code (lot, expiry)"),
    "lift_second_person": Text("请另一人扫工牌", "Somebody else scans their badge"),
    "lift_recount": Text("请再盘一次", "Count it again"),
    "lift_quantity": Text("称重，或输入数量后按确认", "Weigh it, or type and press Enter"),
    "lift_search": Text("在目录中查找", "Search the catalogue"),
    "lift_setup": Text("到设置里检查扫描器", "Check the scanner in the settings"),
    "lift_enrol": Text("请管理员重新注册设备", "Have the device enrolled anew"),
    "lift_sync": Text("请到有网络的地方", "Go where there is a network"),
}
_PROBLEMS: dict[str, Text] = {
    "problem_empty": Text("没有内容", "nothing was read"),
    "problem_bad_check_digit": Text("校验码错误", "the check digit is wrong"),
    "problem_bad_date": Text("日期不存在", "it has a date that doesn't exist"),
    "problem_unreadable": Text("格式错误", "it is not written as it should be"),
}
_CHIPS: dict[str, Text] = {
    "chip_batch": Text("批次 {value}", "Lot {value}"),
    "chip_serial": Text("序列号 {value}", "Serial {value}"),
    "chip_source": Text("来自 {value}", "From {value}"),
    "chip_shelf": Text("货位 {value}", "Bin {value}"),
    "chip_place": Text("地点 {value}", "At {value}"),
    "chip_quality": Text("质检 {value}", "Quality {value}"),
    "chip_state": Text("状态 {value}", "State {value}"),
    "chip_hold": Text("冻结 {value}", "Hold {value}"),
    "chip_document": Text("单据 {value}", "Document {value}"),
    "chip_reason": Text("原因 {value}", "Reason {value}"),
    "quality_pass": Text("合格", "passed"),
    "quality_fail": Text("不合格", "failed"),
    "quality_begin": Text("开始检验", "begun"),
}
_LABELS: dict[str, Text] = {
    "label_action": Text("动作", "action"),
    "label_item": Text("商品", "item"),
    "label_quantity": Text("数量", "quantity"),
    "label_unit": Text("单位", "unit"),
    "label_batch": Text("批次", "lot"),
    "label_serial": Text("序列号", "serial"),
    "label_expiry": Text("效期", "expiry"),
    "label_place": Text("地点", "place"),
    "label_shelf": Text("货位", "bin"),
    "label_source": Text("来源", "source"),
    "label_quality": Text("质检", "quality"),
    "label_seen": Text("所见", "seen"),
    "label_state": Text("状态", "state"),
    "label_hold": Text("冻结", "hold"),
    "label_document": Text("单据", "document"),
    "label_reason": Text("原因", "reason"),
    "label_weight": Text("重量", "weight"),
}
_REASONS: dict[str, Text] = {
    "reason_damaged": Text("破损", "Damaged"),
    "reason_contaminated": Text("污染", "Contaminated"),
    "reason_temperature": Text("温度超标", "Temperature"),
    "reason_wrong_label": Text("标签错误", "Wrong label"),
    "reason_short_life": Text("效期太短", "Too near its expiry"),
    "reason_agreed_with_office": Text("已与办公室确认", "Agreed with the office"),
    "reason_no_other_stock": Text("没有其他库存", "There is no other stock"),
    "reason_label_unreadable": Text("标签看不清", "The label can't be read"),
    "reason_place_full": Text("货位已满", "The bin is full"),
    "reason_other": Text("其他（请说明）", "Other (say what)"),
}
SENTENCES: dict[str, Text] = {
    **_NEXT,
    **_DONE,
    **_AGE,
    **_BLOCKS,
    **_LIFTS,
    **_PROBLEMS,
    **_CHIPS,
    **_LABELS,
    **_REASONS,
}
