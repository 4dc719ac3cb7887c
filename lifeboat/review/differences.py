"""What differs between two contents: values at paths, sets without order, blocks and statements by what names them."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

from lifeboat.review.policies import is_policy

Json: TypeAlias = Any
Path: TypeAlias = tuple[str, ...]
"""Keys, and labels of list elements in brackets: `("policy", "Statement", '["Read"]', "Action")`."""


class Absent(Enum):
    """What stands where there is no value; `null` is one."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

NAMES = ("Sid", "sid", "name", "rule_name", "region_name", "region", "id", "key", "alias", "type", "priority", "title")
"""Keys that tell one block of a list from the others, where all of them have it and no two the same."""
ALIKE = 0.5
"""Statements without a name are the same one, changed, when this much of them is equal."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value that differs.

    Attributes:
        path: Where.
        before: What was there; `ABSENT`: nothing.
        after: What is there now; `ABSENT`: nothing.
    """

    path: Path
    before: Json
    after: Json

    @property
    def place(self) -> str:
        """The path as people write it: `policy.Statement["Read"].Action`."""
        return "".join(part if part.startswith("[") else f".{part}" for part in self.path).lstrip(".")

    @property
    def argument(self) -> str:
        """The path without labels of list elements: what the provider's documentation calls it."""
        return ".".join(part for part in self.path if not part.startswith("["))


def differences(before: Json, after: Json, sets: frozenset[str] = frozenset()) -> list[Difference]:
    """Compare two contents.

    Args:
        before: The old content.
        after: The new one.
        sets: Dotted paths of lists without order.
    """
    return list(_compare(before, after, (), sets))


def is_same(before: Json, after: Json) -> bool:
    """Whether Terraform takes two values for the same: it converts between texts, numbers and booleans."""
    if isinstance(before, dict | list) or isinstance(after, dict | list) or before is None or after is None:
        return bool(before == after)
    return (type(before) is type(after) and before == after) or _scalar(before) == _scalar(after)


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _compare(before: Json, after: Json, path: Path, sets: frozenset[str]) -> Iterator[Difference]:
    before, after = (ABSENT if side is None else side for side in _unwrapped(before, after))  # null is no value
    if is_same(before, after):
        return
    if is_policy(before) and is_policy(after):
        yield from _policies(before, after, path)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _compare(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key), sets)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path, sets)
    else:
        yield Difference(path=path, before=before, after=after)


def _unwrapped(before: Json, after: Json) -> tuple[Json, Json]:
    """See through a list around a single block: Terraform's JSON allows both notations."""
    if isinstance(before, dict) and isinstance(after, list) and len(after) == 1 and isinstance(after[0], dict):
        return before, after[0]
    if isinstance(after, dict) and isinstance(before, list) and len(before) == 1 and isinstance(before[0], dict):
        return before[0], after
    return before, after


def _lists(before: list[Json], after: list[Json], path: Path, sets: frozenset[str]) -> Iterator[Difference]:
    name = _naming_key([*before], [*after])
    if name:
        yield from _named(before, after, name, path, sets)
    elif ".".join(part for part in path if not part.startswith("[")) in sets:
        yield from _unordered(before, after, path, sets)
    else:
        yield from _ordered(before, after, path, sets)


def _naming_key(before: list[Json], after: list[Json]) -> str:
    """Return the key that names every block of both lists. Empty: there is none."""
    for key in NAMES:
        names = [[_name(each, key) for each in side] for side in (before, after)]
        if all(None not in side and len(set(side)) == len(side) for side in names) and any(names):
            return key
    return ""


def _name(block: Json, key: str) -> str | None:
    if not isinstance(block, dict):
        return None
    # Widgets of a dashboard have their title inside.
    found = block.get(key, block["properties"].get(key) if isinstance(block.get("properties"), dict) else None)
    return str(found) if isinstance(found, str | int) else None


def _named(before: list[Json], after: list[Json], key: str, path: Path, sets: frozenset[str]) -> Iterator[Difference]:
    old = {_name(each, key): each for each in before}
    new = {_name(each, key): each for each in after}
    for name in [*old, *(name for name in new if name not in old)]:
        yield from _compare(old.get(name, ABSENT), new.get(name, ABSENT), (*path, f"[{json.dumps(name)}]"), sets)
    kept = [name for name in old if name in new]
    if ".".join(part for part in path if not part.startswith("[")) not in sets and _is_order(path):
        now = [name for name in new if name in old]
        if kept != now:
            yield Difference(path=(*path, "[order]"), before=kept, after=now)


def _is_order(path: Path) -> bool:
    """Whether the order of named blocks may matter: not in documents that place their parts by coordinates."""
    return bool(path) and path[-1] != "widgets"


def _unordered(before: list[Json], after: list[Json], path: Path, sets: frozenset[str]) -> Iterator[Difference]:
    gone, come = _apart(before, after)
    for old, new in _pairs(gone, come):
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _compare(old, new, (*path, "[]"), sets)
        else:
            yield Difference(path=path, before=old, after=new)


def _ordered(before: list[Json], after: list[Json], path: Path, sets: frozenset[str]) -> Iterator[Difference]:
    if not any(_apart(before, after)):
        yield Difference(path=(*path, "[order]"), before=before, after=after)
        return
    old, new = [_text(each) for each in before], [_text(each) for each in after]
    for tag, start, end, there, stop in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for offset in range(max(end - start, stop - there)):
            here = before[start + offset] if start + offset < end else ABSENT
            now = after[there + offset] if there + offset < stop else ABSENT
            index = start + offset if here is not ABSENT else there + offset
            yield from _compare(here, now, (*path, f"[{index}]"), sets)


def _policies(before: Json, after: Json, path: Path) -> Iterator[Difference]:
    """Compare statement by statement: by name, and without one by likeness."""
    for key in sorted((before.keys() | after.keys()) - {"Statement"}):
        yield from _compare(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key), frozenset())
    gone, come = _apart(before["Statement"], after["Statement"])
    for number, (old, new) in enumerate(_statements(gone, come)):
        label = (*path, "Statement", f"[{json.dumps(_sid(old) or _sid(new) or str(number))}]")
        if isinstance(old, dict) and isinstance(new, dict):
            every = frozenset(_inner_paths(old)) | frozenset(_inner_paths(new))
            for each in _compare(old, new, (), every):
                yield Difference(path=(*label, *each.path), before=each.before, after=each.after)
        else:
            yield Difference(path=label, before=old, after=new)


def _statements(gone: list[Json], come: list[Json]) -> Iterator[tuple[Json, Json]]:
    left = list(come)
    unnamed = []
    for old in gone:
        same = next((new for new in left if _sid(old) and _sid(new) == _sid(old)), None)
        if same is None:
            unnamed.append(old)
        else:
            left.remove(same)
            yield old, same
    yield from _pairs(unnamed, left)


def _pairs(gone: Sequence[Json], come: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Pair what looks alike; the rest is gone or new."""
    left = list(come)
    for old in gone:
        best = max(left, key=lambda new: _likeness(old, new), default=None)
        if best is not None and _likeness(old, best) >= ALIKE:
            left.remove(best)
            yield old, best
        else:
            yield old, ABSENT
    for new in left:
        yield ABSENT, new


def _likeness(one: Json, other: Json) -> float:
    """Return how much of two blocks is equal, from 0 to 1."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0.0
    mine, theirs = set(_leaves(one, ())), set(_leaves(other, ()))
    return len(mine & theirs) / max(1, len(mine | theirs))


def _leaves(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, path)
    else:
        yield path, _scalar(value)


def _inner_paths(value: Json, prefix: str = "") -> Iterator[str]:
    """Yield the dotted paths of all lists: inside a statement all of them are sets."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _inner_paths(each, f"{prefix}{key}.")
    elif isinstance(value, list):
        yield prefix.rstrip(".")


def _apart(before: list[Json], after: list[Json]) -> tuple[list[Json], list[Json]]:
    """Return the elements that only one of the lists has, each as often as it has more of them."""
    return list(_more(before, after)), list(_more(after, before))


def _more(one: list[Json], other: list[Json]) -> Iterator[Json]:
    left = Counter(map(_text, other))
    for each in one:
        text = _text(each)
        if left[text]:
            left[text] -= 1
        else:
            yield each


def _sid(statement: Json) -> str:
    return str(statement.get("Sid") or "") if isinstance(statement, dict) else ""


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
