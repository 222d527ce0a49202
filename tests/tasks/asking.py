"""Mutations and reads of work, in few words."""

from typing import Any

REGISTERED = "errors { code message path } results { line outcome id code transient }"
COUNTED = "errors { code message path } results { line verdict count id code transient }"
TASK = """query T($id: ID!) { task(id: $id) { id kind step state resolution reason note assignee { name }
  settledBy { name } settledWith { id } saw said books place { externalReference }
  lines { id number item { externalReference } lot { code } quantity unit done state counts }
  movements { nodes { verb } } } }"""


async def say(trade: Any, name: str, *lines: dict[str, Any], by: str = "LI", role: str = "storekeeper") -> Any:
    """Run a mutation of work; return its payload."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    below = COUNTED if name.endswith("Counts") else REGISTERED
    document = f"mutation M($input: {kind}!) {{ {name}(input: $input) {{ {below} }} }}"
    answer = await trade.ask(document, {"input": {"lines": list(lines)}}, by, role)
    ordinary = "errors" not in answer or answer["data"] is not None
    assert ordinary, answer
    return answer["data"][name]


async def done(trade: Any, name: str, *lines: dict[str, Any], **who: str) -> list[str]:
    """Run a mutation of work that stands; return what became of its lines."""
    payload = await say(trade, name, *lines, **who)
    assert payload["errors"] == [], payload
    return [each.get("outcome") or each["verdict"] for each in payload["results"]]


async def refused(trade: Any, name: str, *lines: dict[str, Any], **who: str) -> str:
    """Run a mutation of work that is refused; return the code."""
    payload = await say(trade, name, *lines, **who)
    return payload["errors"][0]["code"]


async def task(trade: Any, reference: str, by: str = "LI", role: str = "storekeeper") -> Any:
    """Read a task."""
    answer = await trade.ask(TASK, {"id": reference}, by, role)
    assert "errors" not in answer, answer
    return answer["data"]["task"]
