"""Data that would be lost: its resource goes, gets another name, or another address that nobody told Terraform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison, StackChange, What
from lifeboat.review.differences import Difference
from lifeboat.review.identity import DATA_LOSS, HOLDS_DATA, NAME_OF, REPLACEMENT, fixed
from lifeboat.review.rules.rule import Found, Rule, arrow, shown

SAID_BY_NETWORK = "cidr_block"
"""The rules on networks say more about it."""


def _lost(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.block.type not in HOLDS_DATA or stack.head is None:
            continue  # where a whole stack goes, nobody destroys what it made
        if change.what is What.REMOVED and not change.is_declared:
            name = change.block.get(NAME_OF.get(change.block.type, "name"))
            yield Found(
                title=f"the {_noun(change)} is destroyed, and its data with it",
                evidence=f"removed: {shown(name)}" if name else "removed",
                stack=stack,
                change=change,
            )
        if _is_undeclared(change):
            yield _elsewhere(stack, change, "the data is lost: Terraform destroys it and creates an empty one")
        for each, why in _fixed(change):
            title = f"{why}: a new, empty one takes its place and the data is lost"
            evidence = f"{each.place}: {arrow(each.before, each.after)}"
            yield Found(title=title, evidence=evidence, stack=stack, change=change)


def _replaced(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.block.type in HOLDS_DATA:
            continue
        if _is_undeclared(change):
            found = _elsewhere(stack, change, "Terraform destroys it and creates it again")
            yield replace(found, severity=Severity.LOW)
        for each, why in _fixed(change):
            if each.argument != SAID_BY_NETWORK:
                evidence = f"{each.place}: {arrow(each.before, each.after)}"
                yield Found(title=f"{why}: it is replaced", evidence=evidence, stack=stack, change=change)


def _is_undeclared(change: BlockChange) -> bool:
    return change.what is What.MOVED and not change.is_declared and change.block.kind == "resource"


def _elsewhere(stack: StackChange, change: BlockChange, what: str) -> Found:
    evidence = f"{change.previous} → {change.block.address}"
    return Found(title=f"only the address changed, but {what}", evidence=evidence, stack=stack, change=change)


def _fixed(change: BlockChange) -> Iterator[tuple[Difference, str]]:
    """Yield the differences that cannot be made in place, each with why."""
    if change.before is None or change.after is None or _is_undeclared(change):
        return
    for each in change.differences:
        if each.argument in fixed(change.block.type):
            is_name = each.argument == NAME_OF.get(change.block.type)
            yield each, "AWS cannot rename it" if is_name else f"AWS cannot change {each.argument} in place"


def _noun(change: BlockChange) -> str:
    return change.block.type.removeprefix("aws_").replace("_", " ")


RULES = (
    Rule(
        id=DATA_LOSS,
        severity=Severity.GUARDED,
        advice="Keep name, address and what is fixed, or declare it: a moved block for a new address, a removed"
        " block (destroy = false) for what others take over. Else copy the data first, and allow the loss by address",
        find=_lost,
    ),
    Rule(
        id=REPLACEMENT,
        severity=Severity.HIGH,
        advice="Keep name, address and what is fixed; or make the new one beside it, move over, remove the old one",
        find=_replaced,
    ),
)
