"""What no plan may do unless a reviewed file allows it: lose data, or take away what a recovery needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import structs

from lifeboat.plan import allowances
from lifeboat.plan.allowances import Guards
from lifeboat.plan.facts import GONE, Facts, Touched
from lifeboat.plan.types import COPIES, COPY_ACTIONS, DATA, FOLLOWS, GLOBAL_MEMBERSHIP, INSIDE, REPLICA_BLOCKS
from lifeboat.report.model import Action, Finding, Severity
from lifeboat.report.systems import system_of

ALLOW_IT = "or allow it in the guard file, with a reason and an expiry date"


def check(facts: Sequence[Facts], guards: Guards) -> Iterator[Finding]:
    """Yield what the guards find in the plans of one report."""
    found = list(_found(facts, guards))
    for each in found:
        allowance = guards.allowance(each)
        yield structs.replace(each, allowed=str(allowance)) if allowance else each
    for allowance in guards.allowances:
        if allowance.rule not in allowances.REVIEW_RULES and not any(allowance.covers(each) for each in found):
            yield Finding(
                severity=Severity.NOTE,
                rule="allowance-unused",
                title=f"nothing needs the allowance of {allowance.address} ({allowance.rule})",
                evidence=str(allowance),
                advice="take it out, so that it allows nothing by surprise",
                file=guards.file,
            )


def _found(facts: Sequence[Facts], guards: Guards) -> Iterator[Finding]:
    for stack in facts:
        for touched in stack.touched:
            yield from _data(stack, touched)
            yield from _membership(stack, touched)
            yield from _replication(stack, touched)
        yield from _standby(stack, facts)
    if guards.one_region_at_a_time:
        yield from _together(facts)


def _data(stack: Facts, touched: Touched) -> Iterator[Finding]:
    change = touched.change
    if not change.holds_data:
        return
    kept = DATA.get(change.type, "data")
    if change.action in GONE:
        ways = {
            Action.REPLACE: "keep the argument that forces the replacement, move the data first,",
            Action.DESTROY: "keep it in the configuration, or move its address with a moved block,",
        }
        what = "replaced" if change.action is Action.REPLACE else "destroyed"
        name = f"the deposed object of {change.address}" if change.deposed else change.address
        yield _finding(
            stack,
            touched,
            rule=allowances.DATA_LOSS,
            title=f"{name} would be {what}, and with it {kept}",
            evidence="; ".join(change.reasons) or "the plan says so",
            advice=f"{ways[change.action]} {ALLOW_IT}",
        )
    elif change.action is Action.FORGET:
        yield Finding(
            severity=Severity.MEDIUM,
            rule="data-unmanaged",
            title=f"{change.address} stays, but nobody would manage it any more: {kept}",
            address=change.address,
            construct_path=change.construct_path,
            stack=stack.stack,
            advice="see that another configuration imports it",
        )


def _membership(stack: Facts, touched: Touched) -> Iterator[Finding]:
    """A database leaves its global database, or the global database goes."""
    change = touched.change
    argument = GLOBAL_MEMBERSHIP.get(change.type)
    member = touched.before.get(argument) if argument else None
    if argument and member:
        leaves = change.action is Action.UPDATE and touched.after.get(argument) != member
        unknown = leaves and touched.is_unknown(argument)
        if change.action in GONE or leaves:
            how = "to one that is known only after the apply" if unknown else "" if change.action in GONE else "away"
            yield _finding(
                stack,
                touched,
                rule=allowances.MEMBERSHIP,
                title=f"{change.address} would leave the global database {member}",
                evidence=f"{argument} would change {how}".rstrip()
                if leaves
                else f"it is a member ({argument}) and would be {_past(change.action)}",
                advice=f"keep {argument}; to change the writer use a switchover {ALLOW_IT}",
            )
    elif change.action in GONE and "_global_" in change.type and change.type in COPIES:
        yield _finding(
            stack,
            touched,
            rule=allowances.MEMBERSHIP,
            title=f"{change.address} would be {_past(change.action)}: {COPIES[change.type]} would fall apart",
            evidence="; ".join(change.reasons) or "the plan says so",
            advice=f"keep it until every member has left on purpose, {ALLOW_IT}",
        )


def _replication(stack: Facts, touched: Touched) -> Iterator[Finding]:
    """Something that keeps a standby in step stops."""
    change = touched.change
    evidence = ""
    if change.action in GONE and change.type in COPIES and "_global_" not in change.type:
        evidence = f"it is {COPIES[change.type]} and would be {_past(change.action)}"
    elif change.action in GONE:
        evidence = _with_its_replicas(change.type, touched.before)
    elif change.action is Action.UPDATE:
        evidence = "; ".join(stopped(change.type, touched.before, touched.after, touched.is_unknown))
    if evidence:
        yield _finding(
            stack,
            touched,
            rule=allowances.REPLICATION,
            title=f"{change.address} would no longer keep its copies in step",
            evidence=evidence,
            advice=f"keep the replication {ALLOW_IT}",
        )


def stopped(
    type_: str, before: Mapping[str, Any], after: Mapping[str, Any], is_unknown: Callable[[str], bool]
) -> Iterator[str]:
    """Yield what an update takes away from the copies of a resource.

    Args:
        type_: The resource's type.
        before: Its values now.
        after: Its values afterwards.
        is_unknown: Whether an attribute is known only after the apply.
    """
    source = FOLLOWS.get(type_)
    if source and before.get(source) and not after.get(source) and not is_unknown(source):
        yield f"{source} {before[source]} would go: it would be promoted and follow no more"
    if type_ in REPLICA_BLOCKS:
        blocks, key = REPLICA_BLOCKS[type_]
        if not is_unknown(blocks):
            yield from _lost_blocks(blocks, key, before.get(blocks) or [], after.get(blocks) or [])
    if type_ in COPY_ACTIONS:
        outer, inner = COPY_ACTIONS[type_]
        if not is_unknown(outer):
            old, new = _inner(before, outer, inner), _inner(after, outer, inner)
            yield from (f"{name} would no longer be copied to {target}" for name, target in sorted(old - new))
    if type_ == "aws_s3_bucket_versioning" and _status(before) == "Enabled" and _status(after) not in {"Enabled", ""}:
        yield f"versioning would be {_status(after)}, and replication needs it"


def _with_its_replicas(type_: str, before: Mapping[str, Any]) -> str:
    """Return which replicas go together with a resource. Empty: it has none."""
    blocks, key = REPLICA_BLOCKS.get(type_, ("", ""))
    found = before.get(blocks) or []
    names = [str(each.get(key)) for each in found if key and isinstance(each, dict)]
    return f"its replicas in {', '.join(names)} would go with it" if names else ""


def _lost_blocks(name: str, key: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    if not key:
        yield from [f"{len(before) - len(after)} of {len(before)} {name}s would go"] if len(after) < len(before) else []
        return
    left = {str(each.get(key)): each for each in after if isinstance(each, dict)}
    for each in before:
        identity = str(each.get(key)) if isinstance(each, dict) else ""
        if identity not in left:
            yield f"{name} {identity} would go"
        elif each.get("status") == "Enabled" and left[identity].get("status") == "Disabled":
            yield f"{name} {identity} would be disabled"


def _inner(values: Mapping[str, Any], outer: str, inner: str) -> set[tuple[str, str]]:
    return {
        (str(block.get("rule_name", outer)), str(each.get("destination_vault_arn", "")))
        for block in values.get(outer) or []
        if isinstance(block, dict)
        for each in block.get(inner) or []
        if isinstance(each, dict)
    }


def _status(values: Mapping[str, Any]) -> str:
    found = values.get("versioning_configuration") or [{}]
    return str(found[0].get("status", "")) if isinstance(found, list) and isinstance(found[0], dict) else ""


def _standby(stack: Facts, facts: Sequence[Facts]) -> Iterator[Finding]:
    """The last thing of its kind in a standby's region would go."""
    primaries = _primaries(facts)
    for touched in stack.touched:
        change = touched.change
        region = change.region or stack.region
        primary = primaries.get(system_of(stack.stack, stack.region))
        is_copy = (change.holds_data and change.type in DATA) or change.type in INSIDE
        if change.action not in GONE or change.deposed or not is_copy or not region or region == primary:
            continue
        if primary and (change.type, region) not in stack.kept:
            yield _finding(
                stack,
                touched,
                rule=allowances.STANDBY,
                title=f"{region} would be left without any {change.type}: {change.address} is the only one there",
                evidence=f"{region} stands by for {primary}, and after this plan there is nothing to promote",
                advice=f"make another one first, in a plan of its own, {ALLOW_IT}",
            )


def _primaries(facts: Sequence[Facts]) -> dict[str, str]:
    """Return the first region of every system that has several: the one on which the others build."""
    regions: dict[str, list[str]] = {}
    for each in facts:
        if each.region:
            regions.setdefault(system_of(each.stack, each.region), []).append(each.region)
    return {name: found[0] for name, found in regions.items() if len(set(found)) > 1}


def _together(facts: Iterable[Facts]) -> Iterator[Finding]:
    """Two regions of one system would change in one go."""
    first: dict[str, str] = {}
    told: set[tuple[str, str]] = set()
    for stack in facts:
        system = system_of(stack.stack, stack.region)
        for region in dict.fromkeys(stack.touched_regions()):
            before = first.setdefault(system, region)
            if region != before and (system, region) not in told:
                told.add((system, region))
                yield Finding(
                    severity=Severity.GUARDED,
                    rule=allowances.TOGETHER,
                    title=f"{region} would change in the same go as {before}",
                    stack=stack.stack,
                    evidence="the guard file says one_region_at_a_time",
                    advice=f"plan and apply one stack, see that it is well, then the other, {ALLOW_IT}",
                )


def _past(action: Action) -> str:
    return "replaced" if action is Action.REPLACE else "destroyed"


def _finding(stack: Facts, touched: Touched, *, rule: str, title: str, evidence: str, advice: str) -> Finding:
    change = touched.change
    return Finding(
        severity=Severity.GUARDED,
        rule=rule,
        title=title,
        address=change.address,
        construct_path=change.construct_path,
        stack=stack.stack,
        evidence=evidence,
        advice=advice,
    )
