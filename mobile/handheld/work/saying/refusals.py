"""Why the server refused, in Chinese and in English: a sentence for each code of `stockbook.domain.refusal`."""

from typing import NamedTuple


class Text(NamedTuple):
    """A sentence in both languages; `say` where the voice says it otherwise."""

    zh: str
    en: str
    say_zh: str = ""
    say_en: str = ""


REFUSALS: dict[str, Text] = {
    "refused_bad_input": Text("内容不完整或不对", "Something is missing or wrong in it"),
    "refused_bad_quantity": Text("数量不正确", "That is no quantity"),
    "refused_bad_unit": Text("商品没有这个单位", "The item has no such unit"),
    "refused_bad_time": Text("时间不正确", "That is no time"),
    "refused_too_many_lines": Text("行数太多", "Too many lines at once"),
    "refused_model_unfit": Text("模型文件不完整", "The model's files aren't whole"),
    "refused_picture_unreadable": Text("照片无法读取", "The photograph can't be read"),
    "refused_picture_too_large": Text("照片太大", "The photograph is too large"),
    "refused_idempotency_key_reused": Text("同一编号用于不同内容", "The same number with other content"),
    "refused_already_reversed": Text("已经撤销过", "It was taken back already"),
    "refused_enrolment_ended": Text("设备注册已结束", "The device's enrolment has ended"),
    "refused_task_ended": Text("任务已结束", "The task has ended"),
    "refused_barcode_taken": Text("条码已属于另一商品", "The barcode is another item's"),
    "refused_sample_ended": Text("样本已过保留期", "The sample's time is over"),
    "refused_item_unknown": Text("账上没有此商品", "The books don't know the item"),
    "refused_lot_unknown": Text("账上没有此批次", "The books don't know the lot"),
    "refused_place_unknown": Text("账上没有此货位", "The books don't know the place"),
    "refused_organisation_unknown": Text("没有此组织", "The organisation isn't known"),
    "refused_document_unknown": Text("没有此单据", "The document isn't known"),
    "refused_claim_unknown": Text("没有此预留", "The reservation isn't known"),
    "refused_movement_unknown": Text("没有此过账", "The posting isn't known"),
    "refused_reference_unknown": Text("引用不存在", "The reference isn't known"),
    "refused_production_identifier_missing": Text("缺少生产标识（PI）", "The production identifier (PI) is missing"),
    "refused_task_unknown": Text("没有此任务", "The task isn't known"),
    "refused_action_denied": Text("此角色不能这样做", "This role may not do that"),
    "refused_right_not_held": Text("没有这批货的权利", "The right to these goods isn't held"),
    "refused_agreement_ambiguous": Text("适用协议不止一份", "More than one agreement applies"),
    "refused_second_person_needed": Text("须由另一人复核", "Another person has to look at it"),
    "refused_samples_off": Text("未开启样本上传", "Samples are switched off"),
    "refused_site_denied": Text("此角色不能在这个地点操作", "This role may not work at that site"),
    "refused_period_closed": Text("账期已关闭", "The period is closed"),
    "refused_state_forbids": Text("货物状态不允许", "The state of the goods forbids it"),
    "refused_guard_not_met": Text("前提未满足，例如检验未通过", "A condition isn't met, such as a passed inspection"),
    "refused_overlay_holds": Text("货物被冻结", "The goods are on hold"),
    "refused_rights_differ": Text("货权不同，不能装在一起", "Goods of other rights can't be packed together"),
    "refused_lot_expired": Text("批次已过期", "The lot has expired"),
    "refused_insufficient_stock": Text("账上数量不足", "The books have too little"),
    "refused_exceeds_available": Text("超出可用数量", "More than is available"),
    "refused_claim_ended": Text("预留已结束", "The reservation has ended"),
    "refused_stale_quantity": Text("盘点后账上数量已变", "The books moved since it was counted"),
    "refused_stale_state": Text("货物状态已被他人改变", "Somebody else changed the state since"),
    "refused_future_negative": Text("会使以后的数量为负", "Later quantities would fall below zero"),
    "refused_task_taken": Text("任务已被他人领取", "Somebody else has the task"),
    "refused_model_not_better": Text("模型不比上一版好", "The model is no better than the last one"),
    "refused_pack_unfit": Text("图库包不合规", "The gallery pack can't be taken as it is"),
    "refused_pack_of_another_model": Text("图库包属于另一模型", "The gallery pack is of another model"),
    "refused_exceeds_ceiling": Text("远高于上限：确有需要请确认", "Far above the ceiling: confirm if it is meant"),
    "refused_influence_retired": Text("该外部信号已停用", "That signal from outside has been retired"),
    "refused_chain_failed": Text("同组的另一条被拒绝", "Another scan of the same group was refused"),
    "refused_conflict": Text("账在同时变动，请再试", "The books moved at the same time: try again"),
    "refused_otherwise": Text("被拒绝：{message}", "Refused: {message}"),
}
