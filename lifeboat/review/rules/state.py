"""Where Terraform looks for what it knows, and what it works with."""

from __future__ import annotations

from collections.abc import Iterator

from lifeboat.report.model import Severity
from lifeboat.review.comparison import Comparison, What
from lifeboat.review.rules.rule import Found, Rule, arrow

HARMLESS = ("use_lockfile", "encrypt", "dynamodb_table", "max_retries")


def _backend(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.block.kind != "terraform" or change.what is not What.CHANGED:
            continue
        for each in change.differences:
            if each.argument.startswith("backend") and not each.argument.endswith(HARMLESS):
                yield Found(
                    title="the state is looked for elsewhere: without a migration everything would be created again",
                    evidence=f"{each.place}: {arrow(each.before, each.after)}",
                    stack=stack,
                    change=change,
                )


def _lock(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        for each in change.differences if change.block.kind == "terraform" else ():
            if (each.argument.endswith(("use_lockfile", "dynamodb_table")) and each.after in (False, None)) or (
                each.argument.endswith("encrypt") and each.before is True and each.after is not True
            ):
                yield Found(
                    title="the state is less protected",
                    evidence=f"{each.place}: {arrow(each.before, each.after)}",
                    stack=stack,
                    change=change,
                )


def _versions(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        for each in change.differences if change.block.kind == "terraform" else ():
            if each.argument.startswith(("required_providers", "required_version")):
                yield Found(
                    title="Terraform or a provider of another version does the work",
                    evidence=f"{each.place}: {arrow(each.before, each.after)}",
                    stack=stack,
                    change=change,
                )


def _gone(comparison: Comparison) -> Iterator[Found]:
    for stack in comparison.stacks:
        if (
            stack.head is None
            and stack.base is not None
            and any(b.kind == "resource" for b in stack.base.blocks.values())
        ):
            yield Found(
                title="the stack is gone: nothing manages what it made until somebody destroys it by hand",
                evidence=f"{stack.base.source}: removed",
                stack=stack,
            )


RULES = (
    Rule(
        id="state-moved",
        severity=Severity.GUARDED,
        advice="Move the state first (terraform init -migrate-state), or keep the backend as it is",
        find=_backend,
    ),
    Rule(
        id="state-protection-lowered",
        severity=Severity.HIGH,
        advice="Keep the lock and the encryption of the state",
        find=_lock,
    ),
    Rule(
        id="version-changed",
        severity=Severity.LOW,
        advice="Read the upgrade notes, and look at the plan preview for what it changes",
        find=_versions,
    ),
    Rule(
        id="stack-gone",
        severity=Severity.HIGH,
        advice="Destroy it with the base's files before its description goes",
        find=_gone,
    ),
)
