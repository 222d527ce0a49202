"""Which one statement answers this document?"""

from stockbook.graph.planner.plan import Plan, Planner, Rows
from stockbook.graph.planner.refused import Refused, Unplanned

__all__ = ["Plan", "Planner", "Refused", "Rows", "Unplanned"]
