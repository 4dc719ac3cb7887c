"""Policy documents, statement by statement: one notation, and whether one statement allows what another does.

Elements of a policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any

LISTS = ("Action", "NotAction", "Resource", "NotResource")
PRINCIPALS = ("Principal", "NotPrincipal")
EVERYBODY = "AWS:*"

Values = frozenset[str]
Condition = tuple[str, str]
"""Operator and key, such as `Bool`, `aws:SecureTransport`."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One dimension of a statement: the patterns that it names, or all but those.

    Attributes:
        values: The patterns.
        excludes: Whether everything else is meant, as with `NotAction`.
    """

    values: Values
    excludes: bool = False

    def covers(self, other: Part) -> bool:
        """Whether everything that the other means is meant here, too."""
        if self.excludes:
            if other.excludes:
                return all(_matched(value, other.values) for value in self.values)
            return not any(overlap(mine, theirs) for mine in self.values for theirs in other.values)
        return not other.excludes and all(_matched(value, self.values) for value in other.values)

    def __str__(self) -> str:
        listed = ", ".join(sorted(self.values))
        return f"everything but {listed}" if self.excludes else listed


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy.

    Attributes:
        sid: Its name. Empty: it has none.
        allows: Whether it allows; else it denies.
        principals: As `AWS:…` or `Service:…`. None: an identity's own policy, which names nobody.
        actions: What is allowed or denied.
        resources: On what. None: a trust policy, which names nothing.
        conditions: When.
    """

    sid: str
    allows: bool
    principals: Part | None
    actions: Part
    resources: Part | None
    conditions: Mapping[Condition, Values]

    def covers(self, other: Statement) -> bool:
        """Whether this one applies wherever the other does."""
        return (
            self.allows == other.allows
            and _covers(self.principals, other.principals)
            and self.actions.covers(other.actions)
            and _covers(self.resources, other.resources)
            and _is_as_free(self.conditions, other.conditions)
        )

    @property
    def is_for_everybody(self) -> bool:
        """Whether any account may act, as far as principals go."""
        return self.principals is not None and (self.principals.excludes or EVERYBODY in self.principals.values)

    @property
    def simple(self) -> Iterator[Statement]:
        """Yield one statement for each principal, action and resource, so that parts of it can be compared."""
        for principals, actions, resources in itertools.product(
            _each(self.principals), _each(self.actions), _each(self.resources)
        ):
            if actions is not None:
                yield Statement(
                    sid=self.sid,
                    allows=self.allows,
                    principals=principals,
                    actions=actions,
                    resources=resources,
                    conditions=self.conditions,
                )

    def __str__(self) -> str:
        who = f" to {self.principals}" if self.principals else ""
        what = f" on {self.resources}" if self.resources else ""
        when = ", ".join(f"{key} {operator} {'/'.join(sorted(v))}" for (operator, key), v in self.conditions.items())
        return f"{'Allow' if self.allows else 'Deny'} {self.actions}{who}{what}" + (f" if {when}" if when else "")


def is_policy(value: Json) -> bool:
    """Whether a structure is a policy document."""
    return isinstance(value, dict) and "Statement" in value and isinstance(value["Statement"], list | dict)


def normalised(document: Mapping[str, Json]) -> dict[str, Json]:
    """Write a policy in the one notation in which two can be compared: every element a sorted list."""
    statements = [_normalised(each) for each in _listed(document["Statement"])]
    return {**document, "Statement": statements}


def statements(document: Json) -> list[Statement]:
    """Read the statements of a normalised document."""
    return [_statement(each) for each in document["Statement"] if isinstance(each, dict)]


def from_data_source(content: Mapping[str, Json]) -> dict[str, Json]:
    """Turn the arguments of `aws_iam_policy_document` into the document that it renders."""
    found = []
    for each in _tables(content.get("statement")):
        statement: dict[str, Json] = {"Effect": each.get("effect", "Allow")}
        names = {"sid": "Sid", "actions": "Action", "not_actions": "NotAction"}
        names |= {"resources": "Resource", "not_resources": "NotResource"}
        statement |= {new: each[old] for old, new in names.items() if each.get(old)}
        for old, new in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            for principal in _tables(each.get(old)):
                whose = "AWS" if principal.get("type") == "*" else str(principal.get("type"))
                statement.setdefault(new, {}).setdefault(whose, []).extend(_listed(principal.get("identifiers", [])))
        for condition in _tables(each.get("condition")):
            test = statement.setdefault("Condition", {}).setdefault(str(condition.get("test")), {})
            test[str(condition.get("variable"))] = _listed(condition.get("values", []))
        found.append(statement)
    return normalised({"Version": "2012-10-17", "Statement": found})


def granted(before: Sequence[Statement], after: Sequence[Statement]) -> list[Statement]:
    """Return what `after` allows and `before` did not, as simple statements."""
    old = [each for each in before if each.allows]
    new = [each for each in after if each.allows and not any(known.covers(each) for known in old)]
    return [part for each in new for part in each.simple if not any(known.covers(part) for known in old)]


def no_longer_denied(before: Sequence[Statement], after: Sequence[Statement]) -> list[Statement]:
    """Return what `before` denied and `after` does not, as simple statements."""
    new = [each for each in after if not each.allows]
    old = [each for each in before if not each.allows and not any(kept.covers(each) for kept in new)]
    return [part for each in old for part in each.simple if not any(kept.covers(part) for kept in new)]


@functools.cache
def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` covers a text, which may be a pattern itself."""
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), text, re.DOTALL | re.IGNORECASE) is not None


def overlap(one: str, other: str) -> bool:
    """Whether two patterns may mean the same thing."""
    return matches(one, other) or matches(other, one)


def _matched(value: str, patterns: Values) -> bool:
    return value in patterns or any(matches(pattern, value) for pattern in patterns)


def _covers(mine: Part | None, theirs: Part | None) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return mine.covers(theirs)


def _is_as_free(mine: Mapping[Condition, Values], theirs: Mapping[Condition, Values]) -> bool:
    """Whether conditions let through all that others do."""
    for condition, values in mine.items():
        if condition not in theirs:
            return False
        is_negative = "Not" in condition[0]
        smaller, larger = (values, theirs[condition]) if is_negative else (theirs[condition], values)
        if not all(_matched(value, larger) for value in smaller):
            return False
    return True


def _each(part: Part | None) -> list[Part | None]:
    if part is None or part.excludes:
        return [part]
    return [Part(values=frozenset({value})) for value in sorted(part.values)]


def _statement(found: Mapping[str, Json]) -> Statement:
    conditions = found["Condition"] if _is_tables(found.get("Condition")) else {}
    return Statement(
        sid=str(found.get("Sid", "")),
        allows=found.get("Effect") != "Deny",
        principals=_part(found, "Principal", _principals),
        actions=_part(found, "Action", _texts) or Part(values=frozenset()),
        resources=_part(found, "Resource", _texts),
        conditions={
            (operator, key): _texts(values) for operator, keys in conditions.items() for key, values in keys.items()
        },
    )


def _part(found: Mapping[str, Json], name: str, read: Callable[[Json], Values]) -> Part | None:
    if name in found:
        return Part(values=read(found[name]))
    return Part(values=read(found[f"Not{name}"]), excludes=True) if f"Not{name}" in found else None


def _principals(value: Json) -> Values:
    return frozenset(f"{kind}:{each}" for kind, listed in value.items() for each in listed)


def _texts(value: Json) -> Values:
    return frozenset(_text(each) for each in value)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _normalised(statement: Json) -> Json:
    if not isinstance(statement, dict):
        return statement
    found = dict(statement)
    for name in LISTS:
        if name in found:
            found[name] = sorted(map(_text, _listed(found[name])))
    for name in PRINCIPALS:
        if name in found:
            whose = found[name] if isinstance(found[name], dict) else {"AWS": found[name]}
            found[name] = {kind: sorted(map(_text, _listed(each))) for kind, each in whose.items()}
    if _is_tables(found.get("Condition")):
        found["Condition"] = {
            operator: {key: sorted(map(_text, _listed(each))) for key, each in keys.items()}
            for operator, keys in found["Condition"].items()
        }
    return found


def _is_tables(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(each, dict) for each in value.values())


def _tables(value: Json) -> list[dict[str, Json]]:
    return [each for each in _listed(value) if isinstance(each, dict)]


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
