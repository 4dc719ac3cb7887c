"""The report for a pull request: one comment, whatever the size, with the verdict and what stands in the way on top.

GitHub takes 65,536 characters per comment, and a job summary of 1 MiB:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
"""

from __future__ import annotations

from collections.abc import Iterator

from lifeboat.failure import Exit
from lifeboat.report.model import Action, Change, Finding, Kind, Report, Section, Severity, ranked
from lifeboat.report.outline import forces, ordered, remark, summary, symbol, tags, value
from lifeboat.report.page import Group, Part, fit, size
from lifeboat.report.text import cell, code, fenced, html_text, prose, short, visible

BUDGET = 60_000
"""Bytes of a comment, with room for what others put around it."""
GUARDED_SHARE = 0.7
"""How much of the budget what stands in the way may take before it is told more briefly."""
LONGEST_VALUE = 300
LONGEST_ADDRESS = 200
SIGNS = {Exit.ERROR: "❌", Exit.GUARDED: "🛑", Exit.CHANGES: "🔶", Exit.OK: "✅"}
SEVERITIES = {Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🟡", Severity.NOTE: "⚪"}
GRAVE = {Action.DESTROY, Action.REPLACE, Action.FORGET, Action.UNKNOWN}

# The order in which things are kept when there is not room for all of them.
GRAVE_FINDING, CHANGED_STACK, GRAVE_CHANGE, FINDING, CHANGE, GRAVE_DETAIL, REMARK, DRIFT, QUIET_STACK, DETAIL = range(
    10
)


def marker(kind: Kind, name: str = "") -> str:
    """Return the hidden line by which the one comment of a pull request is found again."""
    safe = "".join(each for each in name if each.isalnum() or each in "-_./").replace("--", "-")
    return f"<!-- lifeboat:{kind}{':' + safe if safe else ''} -->"


def render(report: Report, budget: int = BUDGET, name: str = "") -> str:
    """Return the report as Markdown.

    Args:
        report: The report.
        budget: Most bytes. 0: no limit.
        name: Tells apart several comments on one pull request. Absent: there is one.
    """
    most = budget or 1 << 40
    top = [
        marker(report.kind, name),
        f"### {SIGNS[report.exit_code]} {prose(report.verdict)}",
        "",
        prose(short(report.title, LONGEST_VALUE)),
    ]
    top += [f"Reviewed plans: {code(report.digest)}"] if report.digest else []
    top += ["", *_guarded(report, int(most * GUARDED_SHARE)), ""]
    head = "\n".join(top)
    parts = [*_findings(report), *_overview(report)]
    for section in report.sections:
        parts += _section(report.kind, section)
    parts += [Part(f"\n{prose(note)}", REMARK) for note in report.notes]
    return fit(head, parts, most)


def _guarded(report: Report, most: int) -> list[str]:
    """Return what stands in the way, as long as there is room for: whole, in a line each, or grouped."""
    found = [finding for finding in ranked(report.findings) if finding.guards]
    if not found:
        return []
    title = f"#### In the way: {len(found)}"
    whole = [title, *("\n".join(_bullet(finding)) for finding in found)]
    if size("\n".join(whole)) <= most:
        return whole
    brief = [title, *(f"- {_place(finding)} {prose(finding.rule)}" for finding in found)]
    return brief if size("\n".join(brief)) <= most else [title, *_grouped(found, most)]


def _grouped(findings: list[Finding], most: int) -> Iterator[str]:
    """Yield a line for every rule and stack, with as many of its addresses as there is room for."""
    groups: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.stack), []).append(finding.address)
    shown = list(groups.items())[: max(1, most // (2 * LONGEST_ADDRESS))]
    room = most // len(shown) - LONGEST_ADDRESS
    for (rule, stack), addresses in shown:
        names: list[str] = []
        for address in addresses:
            if size(", ".join(names)) + LONGEST_ADDRESS > room:
                break
            names.append(code(short(address, LONGEST_ADDRESS // 2)))
        more = f" and {len(addresses) - len(names)} more" if len(names) < len(addresses) else ""
        yield f"- {prose(rule)} in {code(short(stack, LONGEST_ADDRESS // 2))}: {', '.join(names)}{more}"
    if len(shown) < len(groups):
        yield f"- and {len(groups) - len(shown)} more groups of them in the whole report"


def _place(finding: Finding) -> str:
    """Return the stack and the resource of a finding as code."""
    return " ".join(code(short(part, LONGEST_ADDRESS)) for part in (finding.stack, finding.address) if part)


def _bullet(finding: Finding) -> Iterator[str]:
    sign = "🛑" if finding.guards else "✔️ allowed:" if finding.allowed else SEVERITIES.get(finding.severity, "🛑")
    yield f"- {sign} **{prose(finding.title)}** ({prose(finding.rule)}) {_place(finding)}".rstrip()
    for name, text in (("because", finding.evidence), ("do", finding.advice), ("allowed", finding.allowed)):
        if text:
            yield f"  - {name}: {prose(short(text, 2 * LONGEST_VALUE))}"
    if finding.construct_path:
        yield f"  - made by {code(finding.construct_path)}"


def _findings(report: Report) -> Iterator[Part]:
    group = Group("\n#### Findings\n", "")
    for finding in ranked(report.findings):
        if not finding.guards:
            grave = finding.severity is Severity.HIGH and not finding.allowed
            yield Part("\n".join(_bullet(finding)), GRAVE_FINDING if grave else FINDING, group, "findings")


def _overview(report: Report) -> Iterator[Part]:
    group = Group("\n| Stack | Region | What happens |\n|---|---|---|", "")
    for section in report.sections:
        region = cell(section.region) if section.region else ""
        row = f"| {cell(section.stack)} | {region} | {prose(summary(report.kind, section))} |"
        yield Part(row, CHANGED_STACK if section.has_changes else QUIET_STACK, group, "stacks")


def _section(kind: Kind, section: Section) -> Iterator[Part]:
    title = f"{code_html(section.stack)}: {prose(summary(kind, section))}"
    group = Group(f"\n<details><summary>{title}</summary>\n", "\n</details>")
    drift = Group(f"\n<details><summary>Drift in {code_html(section.stack)}</summary>\n", "\n</details>")
    for change in ordered(section.changes):
        yield from _change(change, "", group)
    for label, changes in (("deferred ", section.deferred), ("output ", section.outputs)):
        for change in ordered(changes):
            yield from _change(change, label, group)
    for line in remark(section):
        yield Part(f"- {prose(line)}", REMARK if section.has_changes else QUIET_STACK, group, "remarks")
    for change in ordered(section.drift):
        yield from _change(change, "drift ", drift)


def _change(change: Change, label: str, group: Group) -> Iterator[Part]:
    is_drift, grave = label == "drift ", change.action in GRAVE
    more = "".join(f", {prose(tag)}" for tag in tags(change))
    lines = [f"- {code(symbol(change))} {label}{code(short(change.address, LONGEST_ADDRESS))}{more}"]
    if change.construct_path:
        lines.append(f"  - made by {code(change.construct_path)}")
    lines += [f"  - {prose(short(reason, LONGEST_VALUE))}" for reason in change.reasons]
    rank = DRIFT if is_drift else GRAVE_CHANGE if grave else CHANGE
    detail = DETAIL if is_drift or not grave else GRAVE_DETAIL
    line = Part("\n".join(lines), rank, group, "drift" if is_drift else "changes")
    yield line
    if change.differences:
        yield Part(_differences(change), detail, group, "diffs", needs=line)


def _differences(change: Change) -> str:
    lines = []
    for each in change.differences:
        mark = f"  # {forces(each)}" if forces(each) else ""
        path, before, after = (visible(text) for text in (each.path or "value", value(each.before), value(each.after)))
        if each.before.known != "absent":
            lines.append(f"- {path} = {short(before, LONGEST_VALUE)}{'' if each.after.known != 'absent' else mark}")
        if each.after.known != "absent":
            lines.append(f"+ {path} = {short(after, LONGEST_VALUE)}{mark}")
    if change.after_apply:
        lines.append(f"  known after apply: {visible(', '.join(change.after_apply))}")
    block = fenced("\n".join(lines), "diff")
    return "\n" + "\n".join(f"  {line}" for line in block.splitlines())


def code_html(text: str) -> str:
    """Return a text as code within HTML, where Markdown's backticks are not read."""
    return f"<code>{html_text(visible(text))}</code>"
