"""What differs between two values: structures as structures, policies statement by statement, secrets masked.

Terraform hands over policies and other documents as text with JSON in it; they are compared as what they mean. Lists
are matched by what their elements are called, so that one more rule at the top is one difference and not one per rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lifeboat.report.model import ABSENT, SECRET, UNKNOWN, Difference, Shown
from lifeboat.report.secrets import MASK, Scrubber, is_secret_name, pair_is_secret

NOT_YET = "(known after apply)"
MISSING: Final = type("Missing", (), {"__repr__": lambda _: "missing"})()
"""What is not there; `None` is Terraform's null, which means the same to it and is treated so."""
IDENTITIES = ("Sid", "sid", "Id", "id", "name", "Name", "key", "Key", "rule_id", "region_name", "region", "alias")
"""What elements of a list are told apart by, the surest first."""

Value = Any
"""Whatever JSON can hold."""
Marks = Any
"""True, or a structure like the value's with True where something is sensitive, or unknown."""


@dataclass(frozen=True, slots=True)
class Side:
    """A value before or after, with what is said about it.

    Attributes:
        value: The value; `MISSING` where there is none.
        secret: Terraform's marks of what is sensitive.
        unknown: Terraform's marks of what is known only after the apply.
    """

    value: Value = MISSING
    secret: Marks = False
    unknown: Marks = False

    @property
    def is_absent(self) -> bool:
        """Whether there is nothing, now and later."""
        return (self.value is MISSING or self.value is None) and not self.unknown

    @property
    def is_unknown(self) -> bool:
        """Whether all of it is known only later."""
        return self.unknown is True

    def at(self, key: str) -> Side:
        """Return the side at a key of a map."""
        value = self.value.get(key, MISSING) if isinstance(self.value, dict) else MISSING
        return Side(value, _below(self.secret, key), _below(self.unknown, key))

    def elements(self) -> list[Side]:
        """Return the sides of a list's elements."""
        values = self.value if isinstance(self.value, list) else []
        return [
            Side(each, _nth(self.secret, n, values), _nth(self.unknown, n, values)) for n, each in enumerate(values)
        ]

    def parsed(self) -> Side:
        """Return the structure inside where the value is a JSON document, else the same."""
        document = parsed(self.value)
        return self if document is MISSING else Side(document, self.secret, self.unknown)

    def keys(self) -> set[str]:
        """Return the keys of a map, those whose value is not known yet among them."""
        known = set(self.value) if isinstance(self.value, dict) else set()
        later = {key for key, mark in self.unknown.items() if mark} if isinstance(self.unknown, dict) else set()
        return known | later


@dataclass(frozen=True)
class Comparison:
    """Compares values, and shows them without secrets.

    Attributes:
        scrub: Takes known secrets out of texts. Absent: those that betray themselves.
    """

    scrub: Scrubber = field(default_factory=Scrubber)

    def differences(self, path: str, before: Side, after: Side, name: str = "") -> Iterator[Difference]:
        """Yield what differs.

        Args:
            path: Where the values are, as it is shown.
            before: The value that is there.
            after: The value that will be there.
            name: What the values are called, which tells secrets. Absent: they have no name of their own.
        """
        if after.is_unknown:
            yield Difference(path, self.shown(before, name), UNKNOWN)
        elif before.is_absent and after.is_absent:
            return
        elif _is_secret(name, before) or _is_secret(name, after):
            if before.value != after.value or after.unknown:
                yield Difference(path, _masked(before), _masked(after))
        else:
            yield from self._structures(path, before.parsed(), after.parsed(), name)

    def shown(self, side: Side, name: str = "") -> Shown:
        """Show one side of a difference."""
        if side.is_unknown:
            return UNKNOWN
        if side.is_absent:
            return ABSENT
        if _is_secret(name, side):
            return SECRET
        return Shown(text=json.dumps(self.masked(side.parsed(), name), ensure_ascii=False))

    def masked(self, side: Side, name: str = "") -> Value:
        """Return a value with its secrets masked, however deep."""
        if side.is_unknown:
            return NOT_YET
        if _is_secret(name, side):
            return MASK
        value = side.value
        if isinstance(value, dict):
            secret = pair_is_secret(value)
            return {key: MASK if key == secret else self.masked(side.at(key), key) for key in sorted(side.keys())}
        if isinstance(value, list):
            return [self.masked(each, name) for each in side.elements()]
        if isinstance(value, str):
            return self.scrub(value)
        return None if value is MISSING else value

    def _structures(self, path: str, before: Side, after: Side, name: str) -> Iterator[Difference]:
        if isinstance(before.value, dict) and isinstance(after.value, dict):
            secret = pair_is_secret(before.value) or pair_is_secret(after.value)
            for key in sorted(before.keys() | after.keys()):
                old, new = before.at(key), after.at(key)
                if key == secret:
                    old, new = Side(old.value, True), Side(new.value, True, new.unknown)
                yield from self.differences(joined(path, key), old, new, key)
        elif isinstance(before.value, list) and isinstance(after.value, list):
            yield from self._lists(path, before, after, name)
        elif not same(before.value, after.value) or after.unknown:
            yield Difference(path, self.shown(before, name), self.shown(after, name))

    def _lists(self, path: str, before: Side, after: Side, name: str) -> Iterator[Difference]:
        old, new = _without_twins(before.elements(), after.elements())
        if not old and not new:
            if before.value != after.value:
                yield Difference(path, self.shown(before, name), self.shown(after, name))  # the order alone
            return
        for label, one, other in pairs(old, new):
            yield from self.differences(f"{path}[{self.scrub(label)}]", one, other, name)


def parsed(value: Value) -> Value:
    """Return the structure in a text that is a JSON document; `MISSING` for all else."""
    if isinstance(value, str) and value[:1] in {"{", "["} and value[-1:] in {"}", "]"}:
        try:
            return json.loads(value)
        except ValueError:
            return MISSING
    return MISSING


def same(one: Value, other: Value) -> bool:
    """Whether two values are one to Terraform, which also tells `1` from `true`."""
    return type(one) is type(other) and bool(one == other)


def joined(path: str, key: str) -> str:
    """Extend a path by a key; a key that is no word is quoted."""
    if key.replace("_", "a").replace("-", "a").isalnum():
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def pairs(before: Sequence[Side], after: Sequence[Side]) -> Iterator[tuple[str, Side, Side]]:
    """Match the elements of two lists that have no element in common: by what they are called, else by place."""
    identity = next((key for key in IDENTITIES if _tells_apart(key, before) and _tells_apart(key, after)), "")
    if identity and (before or after):
        old = {each.value[identity]: each for each in before}
        new = {each.value[identity]: each for each in after}
        for name in dict.fromkeys([*old, *new]):
            yield json.dumps(name, ensure_ascii=False), old.get(name, Side()), new.get(name, Side())
    elif len(before) == len(after) and (
        len(before) == 1 or all(isinstance(each.value, dict | list) for each in (*before, *after))
    ):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield str(number), one, other
    else:
        yield from (("", each, Side()) for each in before)
        yield from (("", Side(), each) for each in after)


def _tells_apart(key: str, elements: Sequence[Side]) -> bool:
    names = [
        each.value.get(key) if isinstance(each.value, dict) and not any_mark(_below(each.secret, key)) else None
        for each in elements
    ]
    return all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)


def _without_twins(before: list[Side], after: list[Side]) -> tuple[list[Side], list[Side]]:
    """Leave out the elements that both lists have, wherever they stand."""
    waiting: dict[str, list[Side]] = {}
    for each in before:
        waiting.setdefault(_fingerprint(each), []).append(each)
    rest = []
    for each in after:
        twins = waiting.get(_fingerprint(each))
        if twins and not each.unknown:
            twins.pop()
        else:
            rest.append(each)
    left = {id(each) for twins in waiting.values() for each in twins}
    return [each for each in before if id(each) in left], rest


def _fingerprint(side: Side) -> str:
    return json.dumps(side.value, sort_keys=True)


def _is_secret(name: str, side: Side) -> bool:
    """Whether all of a side is a secret: marked, or a text or number under a telling name."""
    if side.secret is True:
        return True
    if isinstance(side.value, dict | list):
        return isinstance(side.secret, list) and not isinstance(side.value, list)
    if side.value is MISSING or side.value is None or isinstance(side.value, bool):
        return False
    return is_secret_name(name) and not str(side.value).startswith("arn:")


def _masked(side: Side) -> Shown:
    if side.is_unknown:
        return UNKNOWN
    return ABSENT if side.is_absent else SECRET


def _below(marks: Marks, key: str) -> Marks:
    return marks.get(key, False) if isinstance(marks, dict) else any_mark(marks)


def _nth(marks: Marks, number: int, values: Sequence[Value]) -> Marks:
    """Return an element's mark. Marks that do not fit the list hide all of it: better too much than a secret."""
    return marks[number] if isinstance(marks, list) and len(marks) == len(values) else any_mark(marks)


def any_mark(marks: Marks) -> bool:
    """Whether anything is marked."""
    if isinstance(marks, dict):
        return any(any_mark(each) for each in marks.values())
    if isinstance(marks, list):
        return any(any_mark(each) for each in marks)
    return marks is True
