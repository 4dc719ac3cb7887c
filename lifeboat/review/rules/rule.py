"""What a rule is, and what it finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison, StackChange
from lifeboat.review.differences import ABSENT, Difference, Json, Path

LONGEST_EVIDENCE = 300


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing that a rule found.

    Attributes:
        title: What it means, in one sentence without a final full stop.
        evidence: What shows it: before → after.
        stack: Where. None: no single stack.
        change: The block that it concerns. None: none in particular.
        severity: How much it matters, where that is not what the rule says.
        file: The file that it concerns. Empty: the stack's.
    """

    title: str
    evidence: str
    stack: StackChange | None = None
    change: BlockChange | None = None
    severity: Severity | None = None
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that a change may mean.

    Attributes:
        id: Its permanent name.
        severity: How much it matters.
        advice: What to do.
        find: Looks for it.
    """

    id: str
    severity: Severity
    advice: str
    find: Callable[[Comparison], Iterator[Found]]


def leaves(change: BlockChange) -> Iterator[Difference]:
    """Yield the differences of a block down to single values, those inside blocks that came or went among them.

    Everything in a new block came.
    """
    if change.before is None and change.after is not None:
        yield from _leaves((), ABSENT, change.after.content)
    for each in change.differences:
        yield from _leaves(each.path, each.before, each.after)


def arrow(before: Json, after: Json) -> str:
    """Write two values as `before → after`."""
    return f"{shown(before)} → {shown(after)}"


def shown(value: Json) -> str:
    """Write a value for a line of evidence."""
    if value is ABSENT:
        return "(absent)"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= LONGEST_EVIDENCE else f"{text[:LONGEST_EVIDENCE]}…"


def is_true(value: Json) -> bool:
    """Whether Terraform reads a value as true."""
    return value is True or value == "true"


def number(value: Json) -> float | None:
    """Return a value as a number. None: it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _leaves(path: Path, before: Json, after: Json) -> Iterator[Difference]:
    one = before if before is not ABSENT else after
    if isinstance(one, dict) and (before is ABSENT or after is ABSENT):
        for key, each in one.items():
            yield from _leaves((*path, key), *((each, ABSENT) if after is ABSENT else (ABSENT, each)))
    elif isinstance(one, list) and (before is ABSENT or after is ABSENT):
        for index, each in enumerate(one):
            label = f"[{index}]"
            yield from _leaves((*path, label), *((each, ABSENT) if after is ABSENT else (ABSENT, each)))
    else:
        yield Difference(path=path, before=before, after=after)
