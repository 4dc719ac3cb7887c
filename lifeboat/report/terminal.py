"""The report on a terminal: the verdict, what stands in the way, then stack by stack. `NO_COLOR` takes the colours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from rich.console import Console
from rich.text import Text

from lifeboat.failure import Exit
from lifeboat.report.model import Action, Change, Finding, Kind, Report, Section, Severity, ranked
from lifeboat.report.outline import forces, ordered, remark, summary, symbol, tags, value, where
from lifeboat.report.text import short, visible

COLOURS = {
    Action.DESTROY: "red",
    Action.REPLACE: "magenta",
    Action.UPDATE: "yellow",
    Action.CREATE: "green",
    Action.IMPORT: "cyan",
    Action.MOVE: "cyan",
    Action.FORGET: "red",
    Action.READ: "dim",
    Action.UNKNOWN: "red",
}
SEVERITIES = {Severity.GUARDED: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow"}
VERDICTS = {Exit.ERROR: "bold red", Exit.GUARDED: "bold red", Exit.CHANGES: "bold yellow", Exit.OK: "bold green"}
MOST_CHANGES = 200
"""More than anybody reads on a terminal; the files have them all."""
MOST_DIFFERENCES = 25
MOST_FINDINGS = 100
LONGEST_VALUE = 160


def write(report: Report, file: TextIO | None = None) -> None:
    """Print a report. `file` absent: to standard output."""
    console = Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines(report):
        console.print(line)


def lines(report: Report) -> Iterator[Text]:
    """Yield the report line by line."""
    yield Text(visible(report.title), "bold")
    for finding in islice(ranked(report.findings), MOST_FINDINGS):
        yield from _finding(finding)
    if len(report.findings) > MOST_FINDINGS:
        yield Text(f"… and {len(report.findings) - MOST_FINDINGS} more findings")
    left = MOST_CHANGES
    for section in report.sections:
        yield from _section(report.kind, section, left)
        left = max(0, left - len(section.changes) - len(section.outputs) - len(section.drift))
    yield Text("")
    for note in report.notes:
        yield Text(visible(note))
    if report.digest:
        yield Text(f"reviewed plans: {report.digest}")
    yield Text(visible(report.verdict), VERDICTS[report.exit_code])


def _finding(finding: Finding) -> Iterator[Text]:
    style = "dim" if finding.allowed else SEVERITIES.get(finding.severity, "")
    yield Text("")
    label = f"allowed {finding.severity}" if finding.allowed else str(finding.severity)
    yield Text(visible(f"{label}: {finding.title} [{finding.rule}]"), style)
    for name, text in (
        ("where", where(finding)),
        ("construct", finding.construct_path),
        ("because", finding.evidence),
        ("do", finding.advice),
        ("allowed", finding.allowed),
    ):
        if text:
            yield Text(f"  {name:<10}{visible(text)}", "dim" if finding.allowed else "")


def _section(kind: Kind, section: Section, left: int) -> Iterator[Text]:
    yield Text("")
    title = f"{section.stack} ({section.region})" if section.region else section.stack
    yield Text(visible(title), "bold") + Text(visible(f"  {summary(kind, section)}"), "not bold")
    everything = [
        *(("", change) for change in ordered(section.changes)),
        *(("deferred ", change) for change in section.deferred),
        *(("drift ", change) for change in ordered(section.drift)),
        *(("output ", change) for change in ordered(section.outputs)),
    ]
    for label, change in everything[:left]:
        yield from _change(label, change)
    if len(everything) > left:
        yield Text(f"  … and {len(everything) - left} more: the report's files have them all")
    for line in remark(section):
        yield Text(f"  {visible(line)}", "dim")


def _change(label: str, change: Change) -> Iterator[Text]:
    more = "".join(f", {tag}" for tag in tags(change))
    yield Text(visible(f"  {symbol(change)} {label}{change.address}"), COLOURS[change.action]) + Text(visible(more))
    if change.construct_path:
        yield Text(visible(f"      made by {change.construct_path}"), "dim")
    for reason in change.reasons:
        yield Text(visible(f"      {reason}"), "italic")
    for difference in change.differences[:MOST_DIFFERENCES]:
        before, after = (short(value(side), LONGEST_VALUE) for side in (difference.before, difference.after))
        mark = forces(difference)
        text = Text(visible(f"      {difference.path or 'value'}: {before} → {after}"))
        yield text + Text(f"  {mark}", "magenta") if mark else text
    if change.after_apply:
        yield Text(visible(f"      known after apply: {', '.join(change.after_apply)}"), "dim")
    if len(change.differences) > MOST_DIFFERENCES:
        yield Text(f"      … and {len(change.differences) - MOST_DIFFERENCES} more differences", "dim")
