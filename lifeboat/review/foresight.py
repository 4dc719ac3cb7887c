"""What the plan preview adds to a review: which changes replace, what forces that, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lifeboat.plan.allowances import Guards
from lifeboat.plan.inspect import Planned, inspect
from lifeboat.plan.read import parse_plan
from lifeboat.report.model import Action, Change, Difference, Finding, Known, Report, Section, Severity
from lifeboat.report.outline import value
from lifeboat.review.identity import DATA_LOSS, REPLACEMENT
from lifeboat.review.preview import Preview

SAME = {DATA_LOSS, REPLACEMENT, "addresses-changed"}
"""Rules that say of a resource what its plan says, too: once is enough."""
ADVICE = "Leave the argument as it is; or make the new one beside it, move over, remove the old one"
FOLLOWS = "its own lines did not change: it follows from another change"

Constructs = Mapping[str, Mapping[str, str]]
"""Stack to address to construct path."""


def foreseen(report: Report, preview: Preview, constructs: Constructs, guards: Guards) -> Report:
    """Add what the plans say to a review's report.

    A change that the plan replaces says so, with the arguments that force it; what is replaced or destroyed only
    because something else is, is added; what Terraform would not do says that. The guards of `lifeboat plan` look at
    the plans as well.

    Args:
        report: The review's report.
        preview: The plans.
        constructs: Which construct made what.
        guards: What the guard file says.
    """
    planned = [
        Planned(
            stack=each.stack,
            plan=parse_plan(content, f"the preview of {each.stack}"),
            depends_on=each.depends_on,
            constructs=constructs.get(each.stack, {}),
        )
        for each in report.sections
        if (content := preview.plans.get(each.stack))
    ]
    plans = inspect(planned, guards)
    by_stack = {section.stack: section for section in plans.sections}
    sections = tuple(_section(each, by_stack.get(each.stack), preview) for each in report.sections)
    told = {(each.stack, each.address) for each in report.findings if each.rule in SAME}
    told |= {
        (section.stack, change.previous_address)  # the plan speaks of what it destroys by its old address
        for section in report.sections
        for change in section.changes
        if change.previous_address and (section.stack, change.address) in told
    }
    more = [each for each in plans.findings if each.guards and (each.stack, each.address) not in told]
    told |= {(each.stack, each.address) for each in more}
    return replace(report, sections=sections, findings=(*report.findings, *more, *_replacements(sections, told)))


def _section(section: Section, plan: Section | None, preview: Preview) -> Section:
    trouble = preview.troubles.get(section.stack, "")
    notes = (*section.notes, *(f"plan preview: {line}" for line in trouble.splitlines()))
    if section.stack not in preview.plans:
        return replace(section, notes=notes)
    planned = {change.address: change for change in plan.changes} if plan else {}
    changes = [_changed(change, planned) for change in section.changes]
    known = {name for change in section.changes for name in (change.address, change.previous_address)}
    follows = [_following(change) for address, change in planned.items() if address not in known]
    return replace(
        section,
        changes=(*changes, *follows),
        unchanged=max(0, section.unchanged - len(follows)),
        notes=(*notes, _summary(planned)),
    )


def _following(change: Change) -> Change:
    """Tell of a change that only follows from another, and leave out what the provider alone works out."""
    shown = [each for each in change.differences if each.forces_replacement or _is_told(each)]
    reasons = (FOLLOWS, *change.reasons)
    return replace(change, reasons=reasons, differences=tuple(shown), after_apply=(), region="")


def _is_told(each: Difference) -> bool:
    return {each.before.known, each.after.known} <= {Known.KNOWN, Known.SECRET}


def _summary(planned: Mapping[str, Change]) -> str:
    counts = {action: sum(1 for change in planned.values() if change.action is action) for action in Action}
    listed = ", ".join(f"{number} to {action}" for action, number in counts.items() if number)
    return f"plan preview, on the embedded AWS: {listed or 'nothing to do'}"


def _changed(change: Change, planned: Mapping[str, Change]) -> Change:
    """Say of a change what Terraform would do."""
    found = planned.get(change.address)
    if change.previous_address and change.previous_address in planned and found and found.action is Action.CREATE:
        reason = f"Terraform destroys {change.previous_address} and creates this"
        return replace(change, action=Action.REPLACE, reasons=(*change.reasons, reason))
    if not change.type or "." in change.type:  # an output, a provider, a data source: nothing is applied
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


def _replacements(sections: tuple[Section, ...], told: set[tuple[str, str]]) -> Iterator[Finding]:
    """Yield the replacements that no rule could tell from the files."""
    for section in sections:
        for change in section.changes:
            if change.action is not Action.REPLACE or (section.stack, change.address) in told:
                continue
            yield Finding(
                severity=Severity.HIGH,
                rule=REPLACEMENT,
                title="Terraform would destroy it and create it again",
                address=change.address,
                construct_path=change.construct_path,
                stack=section.stack,
                evidence="; ".join([*_forcing(change), *(each for each in change.reasons if each != FOLLOWS)]),
                advice=ADVICE,
            )


def _forcing(change: Change) -> list[str]:
    forcing = [each for each in change.differences if each.forces_replacement]
    return [f"{each.path}: {value(each.before)} → {value(each.after)}" for each in forcing]
