"""A state machine as a Mermaid flowchart: the ways that end well; where errors lead is said in words beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

Json = Mapping[str, Any]

SHAPES = {"Choice": '{{"%s"}}', "Wait": '(["%s"])', "Succeed": '((("%s")))', "Pass": '("%s")'}
"""Anything else is a box."""
POLL_ERRORS = "NotYet"


def picture(machine: Json) -> str:
    """Draw a machine."""
    lines = ["flowchart TD", *_draw(machine, "", count(1), 1)]
    return "\n".join(lines) + "\n"


def _draw(machine: Json, prefix: str, numbers: Iterator[int], depth: int) -> Iterator[str]:
    kept = dict.fromkeys(_reachable(machine, machine["StartAt"], ()))
    ids = {name: f"{prefix}s{next(numbers)}" for name in kept}
    indent = "    " * depth
    for name in kept:
        state = machine["States"][name]
        if state["Type"] == "Parallel" and not _is_poll(state):
            yield f'{indent}subgraph {ids[name]}["{name}"]'
            yield f"{indent}    direction TB"
            for branch in state["Branches"]:
                yield from _draw(branch, prefix, numbers, depth + 1)
            yield f"{indent}end"
            continue
        yield indent + ids[name] + SHAPES.get(state["Type"], '["%s"]') % _label(name, state)
    for name in kept:
        state = machine["States"][name]
        for next_ in _ways(state):
            if next_ in ids:
                yield f"{indent}{ids[name]} --> {ids[next_]}"


def _reachable(machine: Json, name: str, before: tuple[str, ...]) -> Iterator[str]:
    """Yield the states from which a good end is reached, each maybe more than once."""
    state = machine["States"][name]
    if state["Type"] == "Fail" or name in before:
        return
    yield name
    for next_ in _ways(state):
        yield from _reachable(machine, next_, (*before, name))


def _ways(state: Json) -> Iterator[str]:
    ways = [rule["Next"] for rule in state.get("Choices", ())]
    yield from dict.fromkeys([*ways, *(state[key] for key in ("Default", "Next") if key in state)])


def _is_poll(state: Json) -> bool:
    """Tell whether it only looks again and again: drawn as one step."""
    return any(
        POLL_ERRORS in rule["ErrorEquals"] or "StaleLock" in rule["ErrorEquals"] for rule in state.get("Retry", ())
    )


def _label(name: str, state: Json) -> str:
    resource = str(state.get("Resource", ""))
    if not resource:
        return name
    action = resource.removeprefix("arn:aws:states:::").removeprefix("aws-sdk:").removesuffix(".waitForTaskToken")
    return f"{name}<br/>{action}"
