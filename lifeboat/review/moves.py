"""Which resources only changed their address: what `moved` blocks say, and what has the same content elsewhere."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from lifeboat.review.content import Block, Json, Stack
from lifeboat.review.identity import without_identity

REFERENCE = re.compile(r"\b(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*")
"""What may be the address of another block inside an expression."""


def moves(base: Stack, head: Stack) -> dict[str, str]:
    """Find what moved.

    Returns:
        New address to old one. What `moved` blocks declare comes first; then blocks of one type and one content, where
        references to what moved count as equal; then those that differ in their physical name alone.
    """
    found = {
        new: old
        for new, old in head.moved.items()
        if old in base.blocks and new in head.blocks and old not in head.blocks
    }
    for is_exact in (True, False):
        while more := _round(base, head, found, is_exact=is_exact):
            found |= more
    return found


def follow(base: Stack, moved: Mapping[str, str]) -> Stack:
    """Return the base as it would read with the new addresses, so that what refers to them is no change."""
    renamed = {old: new for new, old in moved.items()}
    if not renamed:
        return base
    blocks = {
        address: replace(block, content=_rewritten(block.content, renamed)) for address, block in base.blocks.items()
    }
    return replace(base, blocks=blocks)


def _round(base: Stack, head: Stack, known: Mapping[str, str], *, is_exact: bool) -> dict[str, str]:
    """Match what is gone with what is new; every match may make further references equal."""
    renamed = {old: new for new, old in known.items()}
    gone = [block for block in _resources(base) if block.address not in head.blocks and block.address not in renamed]
    come = [block for block in _resources(head) if block.address not in base.blocks and block.address not in known]
    waiting: dict[tuple[str, str], list[Block]] = {}
    for block in gone:
        waiting.setdefault((block.type, _content(block, renamed, is_exact=is_exact)), []).append(block)
    found = {}
    for block in come:
        same = waiting.get((block.type, _content(block, {}, is_exact=is_exact)), [])
        if same:
            best = max(same, key=lambda old: _closeness(old, block))
            same.remove(best)
            found[block.address] = best.address
    return found


def _resources(stack: Stack) -> Iterable[Block]:
    return (block for block in stack.blocks.values() if block.kind == "resource")


def _content(block: Block, renamed: Mapping[str, str], *, is_exact: bool) -> str:
    content = _rewritten(block.content, renamed) if renamed else block.content
    return json.dumps(content if is_exact else without_identity(block.type, content), sort_keys=True)


def _rewritten(value: Json, renamed: Mapping[str, str]) -> Json:
    match value:
        case dict():
            return {key: _rewritten(each, renamed) for key, each in value.items()}
        case list():
            return [_rewritten(each, renamed) for each in value]
        case str():
            return REFERENCE.sub(lambda found: renamed.get(found[0], found[0]), value)
    return value


def _closeness(one: Block, other: Block) -> float:
    """Return how much the names of two blocks have in common; decides between several of one content."""
    return difflib.SequenceMatcher(None, one.path or one.address, other.path or other.address).ratio()
