"""The alarms of a system, read from its synthesized stacks: what is in the JSON is what pages people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MARK = " Runbook: "
COMPARED = {
    "GreaterThanThreshold": "above",
    "GreaterThanOrEqualToThreshold": "at or above",
    "LessThanThreshold": "below",
}


@dataclass(frozen=True, kw_only=True)
class AlarmEntry:
    """One row of alarms; it may exist in several regions.

    Attributes:
        name: Of its row, and of its section.
        means: What is going on, in one sentence per meaning.
        names: Alarm names as CloudWatch shows them.
        condition: When it fires.
        source: What is measured.
    """

    name: str
    means: tuple[str, ...]
    names: tuple[str, ...]
    condition: str
    source: str


def alarms_of(contents: Iterable[Mapping[str, Any]]) -> list[AlarmEntry]:
    """List the alarms of stacks, in the order of their names.

    Args:
        contents: The Terraform JSON of each stack.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for content in contents:
        for alarm in content.get("resource", {}).get("aws_cloudwatch_metric_alarm", {}).values():
            _, mark, link = str(alarm.get("alarm_description", "")).rpartition(MARK)
            if mark:
                rows.setdefault(link.rpartition("#")[2], []).append(alarm)
    return [_entry(name, alarms) for name, alarms in sorted(rows.items())]


def _entry(name: str, alarms: list[Mapping[str, Any]]) -> AlarmEntry:
    first = alarms[0]
    said = [str(alarm["alarm_description"]).rpartition(MARK)[0] for alarm in alarms]
    return AlarmEntry(
        name=name,
        means=tuple(sorted(set(said))),
        names=tuple(sorted({str(alarm["alarm_name"]) for alarm in alarms})),
        condition=_condition(first),
        source=_source(first),
    )


def _condition(alarm: Mapping[str, Any]) -> str:
    compared = COMPARED.get(str(alarm["comparison_operator"]), str(alarm["comparison_operator"]))
    period = int(alarm.get("period") or 60)
    periods = int(alarm["evaluation_periods"])
    return f"{compared} {alarm.get('threshold', 'its band')}, {periods} times {period} s"


def _source(alarm: Mapping[str, Any]) -> str:
    if alarm.get("metric_name"):
        statistic = alarm.get("statistic") or alarm.get("extended_statistic")
        return f"{alarm['namespace']} {alarm['metric_name']} ({statistic})"
    metrics = [query["metric"] for query in alarm.get("metric_query", ()) if query.get("metric")]
    if not metrics:
        return "an expression"
    return f"{metrics[0]['namespace']} {metrics[0]['metric_name']} ({metrics[0]['stat']}), the worst of {len(metrics)}"
