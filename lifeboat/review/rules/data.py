"""Data that would be lost: its resource goes, gets another name, or another address that nobody told Terraform."""

from __future__ import annotations

from collections.abc import Iterator

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison, What
from lifeboat.review.identity import HOLDS_DATA, NAME_OF, fixed
from lifeboat.review.rules.rule import Found, Rule, arrow, shown

SAID_BY_NETWORK = "cidr_block"
"""The rules on networks say more about it."""


def _removed(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.what is What.REMOVED and change.block.type in HOLDS_DATA and not change.is_declared:
            name = change.block.get(NAME_OF.get(change.block.type, "name"))
            evidence = f"removed: {shown(name)}" if name else "removed"
            yield Found(
                title=f"{_noun(change)} is destroyed, and its data with it",
                evidence=evidence,
                stack=stack,
                change=change,
            )


def _moved(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.what is not What.MOVED or change.is_declared:
            continue
        holds = change.block.type in HOLDS_DATA
        lost = ", and its data is lost" if holds else ""
        yield Found(
            title=f"only the address changed, but Terraform destroys and creates it{lost}",
            evidence=f"{change.previous} → {change.block.address}",
            stack=stack,
            change=change,
            severity=Severity.GUARDED if holds else Severity.LOW,
        )


def _replaced(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        for each in change.differences:
            if each.argument not in fixed(change.block.type) or change.before is None or change.after is None:
                continue
            if each.argument == SAID_BY_NETWORK:
                continue
            holds = change.block.type in HOLDS_DATA
            is_name = each.argument == NAME_OF.get(change.block.type)
            why = "AWS cannot rename it" if is_name else f"AWS cannot change {each.argument} in place"
            what = "a new, empty one takes its place and its data is lost" if holds else "it is replaced"
            yield Found(
                title=f"{why}: {what}",
                evidence=f"{each.place}: {arrow(each.before, each.after)}",
                stack=stack,
                change=change,
                severity=Severity.GUARDED if holds else Severity.HIGH,
            )


def _noun(change: BlockChange) -> str:
    return change.block.type.removeprefix("aws_").replace("_", " ")


RULES = (
    Rule(
        id="data-removed",
        severity=Severity.GUARDED,
        advice="If the data is to stay, take it out of the state with a `removed` block (destroy = false) instead;"
        " else back it up, and allow it by address with a reason",
        find=_removed,
    ),
    Rule(
        id="moved-undeclared",
        severity=Severity.GUARDED,
        advice="Keep the construct's id, or declare the move: a `moved` block from the old address to the new",
        find=_moved,
    ),
    Rule(
        id="replaced",
        severity=Severity.GUARDED,
        advice="Keep the value; to change it, make the new one beside it, copy what the old one holds, then remove that",
        find=_replaced,
    ),
)
