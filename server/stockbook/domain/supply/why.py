"""Why so much is proposed, in words and numbers: what is there, up to where, in which packs, and who said otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from stockbook.domain.language import Language, amount


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a proposal was made of, in the item's base unit; `moved` is what people expect beyond the model."""

    unit: str
    position: float
    reorder_point: float
    ceiling: float
    needed: float
    quantity: float
    order_unit: str = ""
    multiple: float = 0.0
    minimum: float = 0.0
    moved: float = 0.0
    said: str | None = None
    """Why somebody expects otherwise."""


def why(reasons: Reasons, language: Language) -> str:
    """Say why so much.

    >>> boxes = Reasons("kg", 12.0, 24.0, 44.5, 33.0, 36.0, "box", 12.0, 24.0)
    >>> for sentence in why(boxes, Language.EN).split(". "):
    ...     print(sentence)
    There or coming: 12 kg, less than the reorder point of 24 kg; up to the ceiling of 44.5 kg it takes 33 kg
    One orders by the box of 12 kg, 24 kg at least: 36 kg, 3 kg of them above the ceiling.
    >>> said = why(Reasons("kg", 8.0, 10.0, 24.0, 16.0, 16.0, moved=6.0, said="fair"), Language.ZH)
    >>> for sentence in said.split("。")[:2]:
    ...     print(sentence)
    现有及在途 8 kg，低于再订货点 10 kg；补至上限 24 kg 需 16 kg
    人工预期比模型多 6 kg（fair），已计入再订货点与上限
    """
    words = _WORDS[language]

    def told(name: str, packs: str = "", **values: float) -> str:
        return words[name].format(
            packs=packs[:1].upper() + packs[1:],
            pack=reasons.order_unit or words["pack"],
            reason=reasons.said or "",
            **{each: amount(value, reasons.unit, language) for each, value in values.items()},
        )

    said = [
        told(
            "needed",
            position=reasons.position,
            reorder=reasons.reorder_point,
            ceiling=reasons.ceiling,
            needed=reasons.needed,
        )
    ]
    packs = []
    if reasons.multiple > 0:
        packs.append(told("multiple", multiple=reasons.multiple))
    if reasons.minimum > 0:
        packs.append(told("minimum", minimum=reasons.minimum))
    if packs:
        over = reasons.quantity - reasons.needed
        packed = told("packed", words["comma"].join(packs), quantity=reasons.quantity)
        said.append(packed + (told("over", over=over) if over > 0 else "") + words["stop"])
    if reasons.moved:
        said.append(told("more" if reasons.moved > 0 else "less", moved=abs(reasons.moved)))
    return words["space"].join(said)


_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.EN: {
        "needed": "There or coming: {position}, less than the reorder point of {reorder};"
        " up to the ceiling of {ceiling} it takes {needed}.",
        "multiple": "one orders by the {pack} of {multiple}",
        "minimum": "{minimum} at least",
        "packed": "{packs}: {quantity}",
        "over": ", {over} of them above the ceiling",
        "more": "People expect {moved} more than the model ({reason}): reorder point and ceiling follow them.",
        "less": "People expect {moved} less than the model ({reason}): reorder point and ceiling follow them.",
        "pack": "pack",
        "comma": ", ",
        "stop": ".",
        "space": " ",
    },
    Language.ZH: {
        "needed": "现有及在途 {position}，低于再订货点 {reorder}；补至上限 {ceiling} 需 {needed}。",
        "multiple": "按每{pack} {multiple} 的整数倍订货",
        "minimum": "至少 {minimum}",
        "packed": "{packs}，故为 {quantity}",
        "over": "，其中 {over} 超出上限",
        "more": "人工预期比模型多 {moved}（{reason}），已计入再订货点与上限。",
        "less": "人工预期比模型少 {moved}（{reason}），已计入再订货点与上限。",
        "pack": "件",
        "comma": "，",
        "stop": "。",
        "space": "",
    },
}
