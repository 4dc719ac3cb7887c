"""The report of a review: what changed and what it means, in the words that all commands share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifeboat.report.model import ABSENT as NOTHING
from lifeboat.report.model import SECRET, Action, Change, Finding, Kind, Report, Section, Shown
from lifeboat.report.model import Difference as ShownDifference
from lifeboat.report.secrets import Scrubber, is_secret_name
from lifeboat.report.values import Comparison as Values
from lifeboat.report.values import Side as Value
from lifeboat.review.comparison import BlockChange, Comparison, StackChange, What
from lifeboat.review.content import Stack
from lifeboat.review.differences import ABSENT, Difference, Json
from lifeboat.review.identity import HOLDS_DATA
from lifeboat.review.rules import RULES
from lifeboat.review.rules.rule import Found, Rule

ACTIONS = {
    What.ADDED: Action.CREATE,
    What.REMOVED: Action.DESTROY,
    What.CHANGED: Action.UPDATE,
    What.MOVED: Action.MOVE,
}
CROSS_STACK = "output.cross-stack-output-"
"""Outputs that cdktf makes by itself, to hand values from one stack to another."""
VALUES = Values()
SCRUB = Scrubber()


def report(
    title: str, comparison: Comparison, dependencies: Mapping[str, tuple[str, ...]], notes: tuple[str, ...]
) -> Report:
    """Build the report.

    Args:
        title: What is compared.
        comparison: What changed.
        dependencies: Stack to the stacks that are deployed before it; what the files do not say is worked out.
        notes: What else a reader should know.
    """
    order = _ordered(comparison.stacks, dependencies)
    return Report(
        kind=Kind.REVIEW,
        title=title,
        sections=tuple(_section(stack, before) for stack, before in order),
        findings=tuple(findings(comparison)),
        notes=notes,
    )


def findings(comparison: Comparison) -> Iterator[Finding]:
    """Ask every rule; what two of them find at one place with the same words is told once."""
    told = set()
    for rule in RULES:
        for found in rule.find(comparison):
            finding = _finding(rule, found)
            if finding not in told:
                told.add(finding)
                yield finding


def _finding(rule: Rule, found: Found) -> Finding:
    block = found.change.block if found.change else None
    name = found.stack.name if found.stack else ""
    return Finding(
        severity=found.severity or rule.severity,
        rule=rule.id,
        title=SCRUB(found.title),
        address=block.address if block else "",
        construct_path=f"{name}/{block.path}" if block and block.path else "",
        stack=name,
        evidence=SCRUB(found.evidence),
        advice=rule.advice,
        file=found.file or (found.stack.stack.source if found.stack else ""),
    )


def _section(stack: StackChange, before: tuple[str, ...]) -> Section:
    shown = [change for change in stack.changes if not change.block.address.startswith(CROSS_STACK)]
    handed = len(stack.changes) - len(shown)
    notes = ["the stack is new"] if stack.base is None else ["the stack is gone"] if stack.head is None else []
    if handed:
        notes.append(f"outputs between stacks, which cdktf makes by itself: {handed} changed")
    return Section(
        stack=stack.name,
        region=stack.stack.region if stack.stack.is_regional else "",
        depends_on=before,
        changes=tuple(_change(stack, each) for each in shown if each.block.kind != "output"),
        outputs=tuple(_change(stack, each) for each in shown if each.block.kind == "output"),
        unchanged=_unchanged(stack),
        notes=tuple(notes),
    )


def _change(stack: StackChange, change: BlockChange) -> Change:
    block = change.block
    action = ACTIONS[change.what]
    if change.what is What.REMOVED and change.is_declared:
        action = Action.FORGET
    if change.what is What.MOVED and change.differences:
        action = Action.UPDATE
    return Change(
        action=action,
        address=block.address.removeprefix("output."),
        type=block.type,
        construct_path=f"{stack.name}/{block.path}" if block.path else "",
        previous_address=change.previous,
        reasons=_reasons(change),
        differences=tuple(map(_difference, change.differences)),
        holds_data=block.type in HOLDS_DATA,
    )


def _reasons(change: BlockChange) -> tuple[str, ...]:
    if change.what is What.MOVED:
        return ("a moved block says so" if change.is_declared else "found by its content: no moved block says so",)
    return ()


def _difference(each: Difference) -> ShownDifference:
    names = _names(each)
    is_secret = (
        any(map(is_secret_name, names)) and not isinstance(each.before, bool) and not isinstance(each.after, bool)
    )
    return ShownDifference(path=each.place, before=_shown(each.before, is_secret), after=_shown(each.after, is_secret))


def _names(each: Difference) -> list[str]:
    """Return what a value is called: its key, and the name of the pair that it is the value of."""
    keys = [part for part in each.path if not part.startswith("[")]
    names = keys[-1:]
    if names in (["value"], ["Value"]) and len(each.path) > 1 and each.path[-2].startswith('["'):
        names.append(each.path[-2][2:-2])
    return names


def _shown(value: Json, is_secret: bool) -> Shown:
    if value is ABSENT:
        return NOTHING
    if is_secret and isinstance(value, str | int | float) and not _is_reference(value):
        return SECRET
    return VALUES.shown(Value(value))


def _is_reference(value: Json) -> bool:
    """Whether a value is nothing but an expression, which names a secret without telling it."""
    return isinstance(value, str) and value.startswith("${") and value.endswith("}") and value.count("${") == 1


def _unchanged(stack: StackChange) -> int:
    if stack.head is None:
        return 0
    changed = {change.block.address for change in stack.changes}
    return sum(1 for block in stack.head.blocks.values() if block.kind == "resource" and block.address not in changed)


def _ordered(
    stacks: tuple[StackChange, ...], dependencies: Mapping[str, tuple[str, ...]]
) -> list[tuple[StackChange, tuple[str, ...]]]:
    """Put the stacks in the order in which they are deployed."""
    homes = {_home(each.stack): each.name for each in stacks if _home(each.stack)}
    waiting = {}
    for each in stacks:
        reads = {homes[home] for home in _reads(each.stack) if home in homes}
        waiting[each.name] = (each, tuple(sorted({*dependencies.get(each.name, ()), *reads} - {each.name})))
    ordered: list[tuple[StackChange, tuple[str, ...]]] = []
    while waiting:
        ready = [name for name, (_, before) in waiting.items() if not {*before} & waiting.keys()]
        # Stacks that wait for each other come in any order: this is a report and no deploy.
        ordered += [waiting.pop(name) for name in ready or list(waiting)]
    return ordered


def _home(stack: Stack) -> tuple[str, str] | None:
    terraform = stack.blocks.get("terraform")
    return _place(terraform.get("backend", "s3")) if terraform else None


def _reads(stack: Stack) -> Iterator[tuple[str, str] | None]:
    return (_place(each.get("config")) for each in stack.blocks.values() if each.type == "data.terraform_remote_state")


def _place(config: Json) -> tuple[str, str] | None:
    match config:
        case {"bucket": str(bucket), "key": str(key)}:
            return bucket, key
    return None
