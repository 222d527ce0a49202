"""What resolvers of the ordinary executor find in `info.context`."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stockbook.access.masks import Mask
from stockbook.access.principal import Principal

if TYPE_CHECKING:
    from stockbook.graph.execute import Graph
    from stockbook.graph.planner.document import Operation
    from stockbook.graph.planner.refused import Refused


@dataclass(slots=True)
class Context:
    """One request: who asks, what they may see, and the flows that `app` chose.

    `errors` are entries for fields that don't show; they join the answer's own.
    """

    graph: "Graph"
    operation: "Operation"
    values: dict[str, Any]
    principal: Principal
    mask: Mask
    services: Any = None
    cost: int = 0
    errors: list["Refused"] = field(default_factory=list)
