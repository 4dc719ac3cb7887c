"""Every rule, in the order of the standard's requirements."""

from __future__ import annotations

from lifeboat.evidence import access, encryption, logs, network
from lifeboat.evidence.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*network.RULES, *encryption.RULES, *access.RULES, *logs.RULES),
        key=lambda rule: [int(part) for part in rule.requirements[0].split(".")],
    )
)
