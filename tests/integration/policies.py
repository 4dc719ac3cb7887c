"""Policy documents as tests ask about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement; what AWS writes as one value or as a list is a set here."""

    effect: str
    actions: frozenset[str]
    resources: frozenset[str]
    services: frozenset[str]
    condition_keys: frozenset[str]
    conditions: Mapping[str, Mapping[str, object]]

    @property
    def condition_values(self) -> set[str]:
        """What the conditions compare with."""
        return {value for test in self.conditions.values() for one in test.values() for value in _many(one)}


def statements(document: str | Mapping[str, Any]) -> list[Statement]:
    """Read a policy document: text as most services return it, or what IAM has read already."""
    read = json.loads(document) if isinstance(document, str) else document
    return [_statement(raw) for raw in read["Statement"]]


def _statement(raw: Mapping[str, object]) -> Statement:
    principal, conditions = raw.get("Principal"), raw.get("Condition", {})
    assert isinstance(conditions, dict)
    return Statement(
        effect=str(raw["Effect"]),
        actions=_many(raw.get("Action")),
        resources=_many(raw.get("Resource")),
        services=_many(principal.get("Service")) if isinstance(principal, dict) else frozenset(),
        condition_keys=frozenset(key.lower() for test in conditions.values() for key in test),
        conditions=conditions,
    )


def _many(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})
