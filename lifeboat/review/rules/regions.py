"""Regions drifting apart: what was alike in two regions of a system, and no longer is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison, StackChange, What
from lifeboat.review.content import Block, Json
from lifeboat.review.differences import differences
from lifeboat.review.rules.rule import Found, Rule, arrow, shown
from lifeboat.review.unordered import sets_of

HERE = "{region}"
KINDS = {"resource", "data"}


def _drifting(comparison: Comparison) -> Iterator[Found]:
    families: dict[str, list[StackChange]] = {}
    for stack in comparison.stacks:
        if stack.head is not None and stack.head.is_regional:
            families.setdefault(stack.head.family, []).append(stack)
    for twins in families.values():
        for one, other in combinations(twins, 2):
            if one.base is not None and other.base is not None:
                yield from _twins(one, other)


def _twins(one: StackChange, other: StackChange) -> Iterator[Found]:
    """Compare two regions at every address that changed in one of them."""
    changed = {change.block.address: (one, change) for change in one.changes}
    theirs = {change.block.address: (other, change) for change in other.changes}
    for address in sorted(changed.keys() | theirs.keys()):
        stack, change = changed.get(address) or theirs[address]
        twin = other if stack is one else one
        if change.block.kind in KINDS:
            yield from _block(stack, twin, address, change)


def _block(stack: StackChange, twin: StackChange, address: str, change: BlockChange) -> Iterator[Found]:
    was = [_before(each, address) for each in (stack, twin)]
    now = [each.head.blocks.get(address) if each.head else None for each in (stack, twin)]
    here, there = stack.stack.region, twin.stack.region
    if (now[0] is None) != (now[1] is None):
        if (was[0] is None) == (was[1] is None):
            only = here if now[0] is not None else there
            what = "added" if change.what is What.ADDED else "left"
            yield Found(
                title=f"{here} and {there} drift apart: it is {what} in {only} alone",
                evidence=f"in {here}: {_there(now[0])}; in {there}: {_there(now[1])}",
                stack=stack,
                change=change,
            )
        return
    if None in now or None in was:
        return
    before = dict(_differing(stack, twin, was))
    apart = {place: values for place, values in _differing(stack, twin, now) if not _is_known(place, before)}
    if apart:
        evidence = "; ".join(f"{place}: {_apart(here, mine, there, theirs)}" for place, (mine, theirs) in apart.items())
        title = f"{here} and {there} drift apart: what was equal is not"
        yield Found(title=title, evidence=evidence, stack=stack, change=change)
    elif before and not _changed(twin, address) and dict(_differing(stack, twin, now)) != before:
        yield Found(
            title=f"changed in {here} alone, where {there} differed already",
            evidence="; ".join(f"{each.place}: {arrow(each.before, each.after)}" for each in change.differences),
            stack=stack,
            change=change,
            severity=Severity.LOW,
        )


def _is_known(place: str, before: dict[str, tuple[Json, Json]]) -> bool:
    return any(place == known or place.startswith((f"{known}.", f"{known}[")) for known in before)


def _apart(here: str, mine: Json, there: str, theirs: Json) -> str:
    return f"{shown(mine)} in {here}, {shown(theirs)} in {there}"


def _changed(stack: StackChange, address: str) -> bool:
    return any(change.block.address == address for change in stack.changes)


def _before(stack: StackChange, address: str) -> Block | None:
    """Return the block as it was, whatever its address was then."""
    for change in stack.changes:
        if change.block.address == address:
            return change.before
    return stack.base.blocks.get(address) if stack.base else None


def _differing(
    one: StackChange, other: StackChange, blocks: list[Block | None]
) -> Iterator[tuple[str, tuple[Json, Json]]]:
    """Yield where two regions' blocks differ after their own names are left out."""
    mine, theirs = blocks
    if mine is None or theirs is None:
        return
    contents = (_neutral(mine.content, one.stack.region), _neutral(theirs.content, other.stack.region))
    for each in differences(*contents, sets_of(mine.type)):
        yield each.place, (each.before, each.after)


def _neutral(content: Json, region: str) -> Json:
    return json.loads(json.dumps(content).replace(region, HERE)) if region else content


def _there(block: Block | None) -> str:
    return "there" if block else "not there"


RULES = (
    Rule(
        id="regions-drift",
        severity=Severity.MEDIUM,
        advice="Make the same change in every region, or in the class that builds them all; a standby that differs is"
        " found out during a failover",
        find=_drifting,
    ),
)
