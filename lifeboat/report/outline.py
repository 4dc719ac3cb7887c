"""What all renderers say alike: the order of things and the words for them."""

from __future__ import annotations

from collections.abc import Sequence

from lifeboat.report.model import (
    SYMBOLS,
    WORDS,
    Action,
    Change,
    Difference,
    Finding,
    Kind,
    Known,
    Section,
    Shown,
    amount,
    counted,
)

PLACEHOLDERS = {Known.ABSENT: "(absent)", Known.UNKNOWN: "(known after apply)", Known.SECRET: "(sensitive)"}
_ORDER = {action: number for number, action in enumerate(Action)}


def ordered(changes: Sequence[Change]) -> list[Change]:
    """Put the gravest changes first."""
    return sorted(changes, key=lambda change: (_ORDER[change.action], not change.holds_data))


def symbol(change: Change) -> str:
    """Return the sign of what happens."""
    return SYMBOLS[change.action]


def word(kind: Kind, action: Action) -> str:
    """Return what is said of a resource: `to destroy`, `removed`."""
    return WORDS[kind][action]


def tags(change: Change) -> list[str]:
    """Return what else is true of a change, in a few words each."""
    found = [f"deposed object {change.deposed}"] if change.deposed else []
    found += [f"moved from {change.previous_address}"] if change.previous_address else []
    found += [f"imported from {change.import_id}"] if change.import_id else []
    return [*found, *(["holds data"] if change.holds_data else []), *([change.region] if change.region else [])]


def value(shown: Shown) -> str:
    """Return one side of a difference."""
    return shown.text if shown.known is Known.KNOWN else PLACEHOLDERS[shown.known]


def forces(difference: Difference) -> str:
    """Return what is said behind a difference that cannot be made in place."""
    return "forces replacement" if difference.forces_replacement else ""


def summary(kind: Kind, section: Section) -> str:
    """Return a stack in a few words."""
    if section.waits_for:
        return f"cannot be planned before {', '.join(section.waits_for)}"
    facts = counted(kind, section.counts)
    for what, number in (("output", len(section.outputs)), ("drifted", len(section.drift))):
        if number:
            facts.append(amount(number, what) if what == "output" else f"{number} {what}")
    facts += [f"{len(section.deferred)} deferred"] if section.deferred else []
    return ", ".join(facts) or "no changes"


def remark(section: Section) -> list[str]:
    """Return what is said of a stack beside its changes."""
    said = list(section.notes)
    if section.noise:
        said.append(f"{amount(len(section.noise), 'resource')} with drift that means nothing, left out here")
    if section.reads:
        said.append(f"{amount(len(section.reads), 'data source')} will be read during the apply")
    if section.unchanged:
        said.append(f"{amount(section.unchanged, 'resource')} without changes")
    return said


def where(finding: Finding) -> str:
    """Return the stack and the resource of a finding."""
    return ": ".join(part for part in (finding.stack, finding.address) if part)
