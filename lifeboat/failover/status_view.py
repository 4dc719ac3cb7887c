"""A status for the terminal: one column per region, what is wrong below it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deployments.system import System
from lifeboat.failover.status import RegionStatus, Status

GOOD, BAD, PLAIN = "green", "bold red", ""
NOTHING = "-"


def view(system: System, status: Status) -> RenderableType:
    """Draw a status."""
    objectives = system.spec.objectives
    open_ = {"none": "nobody", "all": "every region", None: "unknown"}.get(status.primary, status.primary)
    heading = Text.assemble(
        (status.system, "bold"),
        f"  open for writes: {open_}, RTO {objectives.rto_seconds} s, RPO {objectives.rpo_seconds} s",
    )
    asked = Text(f"asked at {status.at}, in {status.seconds:g} s")
    table = Table(show_lines=False)
    table.add_column("")
    for region in status.regions:
        table.add_column(region.name)
    for label, cells in _rows(status):
        table.add_row(label, *cells)
    problems = [Text(f"! {problem}", style=BAD) for problem in status.problems]
    drill = status.last_drill
    told = f"last drill: {drill.get('at')} {drill.get('verdict')}" if drill else "last drill: none on record here"
    return Group(heading, asked, table, *(problems or [Text("nothing is wrong", style=GOOD)]), Text(told))


def _rows(status: Status) -> list[tuple[str, list[Text]]]:
    names = sorted({key for region in status.regions for key in (*region.answers, *region.missing)})
    rows = [("writes", [_role(region) for region in status.regions])]
    if status.health:
        rows.append(("health check", [_health(status, region.name) for region in status.regions]))
    drawn = {
        "database": _database,
        "function": _function,
        "containers": _containers,
        "files": _files,
        "failovers": _failovers,
        "alarms": _alarms,
    }
    for name in names:
        draw = drawn.get(name) or BY_PURPOSE.get(name.partition(".")[0])
        if draw:
            rows.append((name, [_cell(region, name, draw) for region in status.regions]))
    return rows


def _cell(region: RegionStatus, name: str, draw: Any) -> Text:  # noqa: ANN401 one of the functions below
    if name in region.answers:
        drawn: Text = draw(region.answers[name])
        return drawn
    if name in region.missing:
        return Text("no answer", style=BAD)
    return Text(NOTHING)


def _role(region: RegionStatus) -> Text:
    said = region.open_region
    if said is None:
        return Text("no answer", style=BAD)
    if said in {region.name, "all"}:
        return Text("open", style=GOOD)
    return Text("fenced: nobody is open" if said == "none" else f"fenced: {said} is open", style=PLAIN)


def _health(status: Status, region: str) -> Text:
    healthy = status.health.get(region)
    if healthy is None:
        return Text(NOTHING)
    return Text("healthy", style=GOOD) if healthy else Text("unhealthy", style=BAD)


def _database(answer: dict[str, Any]) -> Text:
    lag = answer["lag_seconds"]
    behind = "" if lag is None else f", {lag:g} s behind"
    part = f"{answer['status']}, {answer['instances']} instances{behind}, writer {answer['writer'] or 'moving'}"
    return Text(part, style=PLAIN if answer["status"] == "available" else BAD)


def _table(answer: dict[str, Any]) -> Text:
    lags = [f"{other} {lag:g} s behind" for other, lag in answer["lag_seconds"].items() if lag is not None]
    return Text(", ".join([answer["status"], *lags]), style=PLAIN if answer["status"] == "ACTIVE" else BAD)


def _bucket(answer: dict[str, Any]) -> Text:
    stopped = [rule for rule, state in answer["rules"].items() if state != "Enabled"]
    lags = [f"{other} {lag:g} s behind" for other, lag in answer["lag_seconds"].items() if lag is not None]
    count = len(answer["rules"])
    told = [f"{count} way{'s' if count > 1 else ''} out", *lags, *(f"{rule} stands still" for rule in stopped)]
    return Text(", ".join(told), style=BAD if stopped else PLAIN)


def _files(answer: dict[str, Any]) -> Text:
    lag = answer["lag_seconds"]
    told = [answer["status"], *([f"from {answer['from']}"] if answer["from"] else [])]
    return Text(
        ", ".join([*told, *([f"{lag:.0f} s old"] if lag is not None else [])]),
        style=PLAIN if answer["status"] == "ENABLED" else BAD,
    )


def _containers(answer: dict[str, Any]) -> Text:
    told = f"{answer['status']}, {answer['running']} of {answer['wanted']} tasks"
    return Text(told, style=BAD if answer["running"] < answer["wanted"] else PLAIN)


def _function(answer: dict[str, Any]) -> Text:
    return Text(f"{answer['state']}, concurrency {answer['concurrency']}")


def _failovers(answer: dict[str, Any]) -> Text:
    runs = answer["executions"]
    if not runs:
        return Text("none yet")
    return Text(f"{runs[0]['status']} {runs[0]['started']}", style=BAD if runs[0]["status"] == "FAILED" else PLAIN)


def _alarms(answer: dict[str, Any]) -> Text:
    firing = answer["firing"]
    return Text(f"{len(firing)} firing", style=BAD) if firing else Text("quiet", style=GOOD)


BY_PURPOSE = {"tables": _table, "buckets": _bucket}
