"""What the plan preview adds to a review: which changes replace, what forces that, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lifeboat.plan.changes import Builder
from lifeboat.plan.read import parse_plan
from lifeboat.report.model import Action, Change, Finding, Report, Section, Severity
from lifeboat.report.outline import value
from lifeboat.report.values import Comparison
from lifeboat.review.identity import DATA_LOSS, REPLACEMENT
from lifeboat.review.preview import Preview

DESTRUCTIVE = {Action.DESTROY, Action.REPLACE}
SILENT = {Action.READ}
ADVICE = "Leave the argument as it is, or make the new one beside it first; allow it by address, with a reason"


def foreseen(report: Report, preview: Preview) -> Report:
    """Add what the plans say to a review's report.

    A change that the plan replaces says so, with the arguments that force it; what is replaced or destroyed only
    because something else is, is added; what Terraform would not do says that. Data that would be lost is guarded as
    anywhere.
    """
    sections = tuple(_section(each, preview) for each in report.sections)
    return replace(report, sections=sections, findings=(*report.findings, *_findings(report, sections)))


def _section(section: Section, preview: Preview) -> Section:
    trouble = preview.troubles.get(section.stack, "")
    notes = (*section.notes, *([f"plan preview: {line}" for line in trouble.splitlines()] if trouble else []))
    content = preview.plans.get(section.stack)
    if content is None:
        return replace(section, notes=notes)
    planned = _planned(section, content)
    changes = [_changed(change, planned) for change in section.changes]
    known = {name for change in section.changes for name in (change.address, change.previous_address)}
    follows = [
        replace(change, reasons=(*change.reasons, "its own lines did not change: it follows from another change"))
        for address, change in planned.items()
        if address not in known and change.action not in SILENT
    ]
    return replace(section, changes=(*changes, *follows), notes=(*notes, _summary(planned)))


def _planned(section: Section, content: bytes) -> dict[str, Change]:
    """Return what a plan does, by address. Nothing was planned: nothing."""
    if not content:
        return {}
    plan = parse_plan(content, f"the preview of {section.stack}")
    builder = Builder(Comparison())
    found = (builder.change(each) for each in plan.resource_changes)
    return {change.address: change for change in found if change}


def _summary(planned: Mapping[str, Change]) -> str:
    counts = {action: sum(1 for change in planned.values() if change.action is action) for action in Action}
    listed = ", ".join(f"{number} to {action}" for action, number in counts.items() if number and action not in SILENT)
    return f"plan preview, on the embedded AWS: {listed or 'nothing to do'}"


def _changed(change: Change, planned: Mapping[str, Change]) -> Change:
    """Say of a change what Terraform would do."""
    found = planned.get(change.address)
    if change.previous_address and change.previous_address in planned and found and found.action is Action.CREATE:
        reason = f"Terraform destroys {change.previous_address} and creates this"
        return replace(change, action=Action.REPLACE, reasons=(*change.reasons, reason))
    if not change.type.startswith("aws_"):
        return change
    if found is None:
        return replace(change, reasons=(*change.reasons, "Terraform does nothing about it: the plan shows no change"))
    if found.action is not Action.REPLACE:
        return change
    forcing = {each.path: each for each in found.differences if each.forces_replacement}
    differences = tuple(
        replace(each, forces_replacement=any(_is_within(each.path, path) for path in forcing))
        for each in change.differences
    )
    shown = {each.path for each in differences if each.forces_replacement}
    rest = [each for path, each in forcing.items() if not any(_is_within(own, path) for own in shown)]
    return replace(
        change,
        action=Action.REPLACE,
        reasons=(*change.reasons, *found.reasons),
        differences=(*differences, *rest),
    )


def _is_within(path: str, other: str) -> bool:
    """Whether two paths mean the same argument, or one what is inside the other."""
    shorter, longer = sorted((path, other), key=len)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def _findings(report: Report, sections: tuple[Section, ...]) -> Iterator[Finding]:
    """Yield what the plans show and no rule could tell from the files."""
    told = {(each.stack, each.address) for each in report.findings if each.rule in {DATA_LOSS, REPLACEMENT}}
    ranges = {(each.stack, each.address) for each in report.findings if each.rule == "addresses-changed"}
    for section in sections:
        for change in section.changes:
            place = (section.stack, change.address)
            if change.action not in DESTRUCTIVE or place in told | ranges:
                continue
            if change.action is Action.DESTROY and not change.holds_data:
                continue
            yield Finding(
                severity=Severity.GUARDED if change.holds_data else Severity.HIGH,
                rule=DATA_LOSS if change.holds_data else REPLACEMENT,
                title=f"the plan would {change.action} it" + (", and its data is lost" if change.holds_data else ""),
                address=change.address,
                construct_path=change.construct_path,
                stack=section.stack,
                evidence=_evidence(change),
                advice=ADVICE,
            )


def _evidence(change: Change) -> str:
    forcing = [each for each in change.differences if each.forces_replacement]
    told = [f"{each.path}: {value(each.before)} → {value(each.after)}" for each in forcing]
    return "; ".join(told or change.reasons)
