"""How long a state machine can take at most until it succeeds: every time-out spent, every retry needed.

Of all paths that end well the slowest counts. A path that ends in a failure recovers nothing, so no objective binds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, order=True)
class Path:
    """One way through a machine.

    Attributes:
        seconds: What it can take.
        states: Names of its states in order.
    """

    seconds: int
    states: tuple[str, ...]


def longest_path(machine: Json, until: str | None = None) -> Path:
    """Return the slowest path that ends well.

    Args:
        machine: The definition, or a branch of one.
        until: A state after which nothing counts. Absent: the end counts.

    Raises:
        ValueError: The states form a circle, a task has no time-out, or no path ends well.
    """
    found = _from(machine, str(machine["StartAt"]), (), until)
    if found is None:
        raise ValueError("no path ends well")
    return found


def _from(machine: Json, name: str, before: tuple[str, ...], until: str | None) -> Path | None:
    """Return the slowest path from a state on. None: all of them fail."""
    if name in before:
        raise ValueError(f"a circle of states has no bound: {' → '.join((*before, name))}")
    state = machine["States"][name]
    if state["Type"] == "Fail":
        return None
    own = own_seconds(state)
    if name == until:
        return Path(seconds=own, states=(name,))
    ways = [Path(seconds=0, states=())] if state["Type"] == "Succeed" or state.get("End") else []
    followers = (_from(machine, next_, (*before, name), until) for next_ in dict.fromkeys(next_states(state)))
    ways += [way for way in followers if way]
    if not ways:
        return None
    slowest = max(ways)
    return Path(seconds=own + slowest.seconds, states=(name, *slowest.states))


def next_states(state: Json) -> Iterator[str]:
    """Yield every state that may follow."""
    if "Next" in state:
        yield state["Next"]
    for rule in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield rule["Next"]
    if "Default" in state:
        yield state["Default"]


def own_seconds(state: Json) -> int:
    """Return what one state can take, its own retries included.

    Raises:
        ValueError: A task has no time-out.
    """
    match state["Type"]:
        case "Wait":
            return int(state["Seconds"])
        case "Task":
            if "TimeoutSeconds" not in state:
                raise ValueError(f"a task without a time-out has no bound: {state.get('Comment')}")
            once = int(state["TimeoutSeconds"])
        case "Parallel":
            once = max(longest_path(branch).seconds for branch in state["Branches"])
        case _:
            return 0
    return once + max((_repeated(once, rule) for rule in state.get("Retry", ())), default=0)


def _repeated(once: int, rule: Json) -> int:
    """Add up the repetitions and the pauses before them."""
    attempts, interval, rate = int(rule["MaxAttempts"]), float(rule["IntervalSeconds"]), float(rule["BackoffRate"])
    return round(attempts * once + sum(interval * rate**each for each in range(attempts)))
