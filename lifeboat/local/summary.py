"""What runs where, what it took, how to look around and how to stop."""

from __future__ import annotations

from collections.abc import Sequence

from lifeboat.local.server import EmbeddedAws
from lifeboat.local.states import State
from lifeboat.workspace import Workspace, read_record, write_json

DEPLOYED, VERIFIED = "deployed", "verified"


def note(workspace: Workspace, copy: str, what: str, seconds: float) -> None:
    """Remember how long something took for a copy. A deploy begins a new account: what was before is out of date."""
    path = workspace.timings(copy)
    before = {} if what == DEPLOYED else read_record(path) or {}
    write_json(path, {**before, what: round(seconds)})


def summary(workspace: Workspace, server: EmbeddedAws, states: Sequence[State]) -> list[str]:
    """Return the lines that tell what is there."""
    lines = [f"the embedded AWS runs at {server.url} (process {server.process.pid})", databases(server.get("health"))]
    for copy in sorted({state.copy for state in states}):
        lines += _copy(workspace, copy, [state for state in states if state.copy == copy])
    if not states:
        lines.append("  nothing is deployed")
    return [
        *lines,
        "look around:  bin/lifeboat local outputs",
        '              eval "$(bin/lifeboat local env)", then cdktf, terraform, aws or boto3 as always',
        "stop:         make destroy (this copy), make down (everything)",
    ]


def databases(health: object) -> str:
    """Tell from the embedded AWS's health what its databases are."""
    match health:
        case {"databases": {"available": True, "version": str(version), "databases": list(found)}}:
            return f"databases:    {len(found)} servers of PostgreSQL {version}"
        case {"databases": {"reason": str(reason)}}:
            return f"databases:    control plane only: {reason}"
    return "databases:    control plane only"


def _copy(workspace: Workspace, copy: str, states: Sequence[State]) -> list[str]:
    took = ", ".join(f"{what} in {seconds} s" for what, seconds in (read_record(workspace.timings(copy)) or {}).items())
    return [
        f"  {copy}" + (f": {took}" if took else ""),
        *(f"    {state.place:<14} {state.resources:>4} resources" for state in sorted(states, key=_order)),
        f"    outputs        {workspace.shown(workspace.outputs(copy))}",
    ]


def _order(state: State) -> tuple[bool, str]:
    """Put the global stack last, where it is deployed."""
    return state.place == "global", state.place
