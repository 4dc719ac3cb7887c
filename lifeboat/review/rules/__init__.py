"""What a change means. Every rule is small, has a permanent name, and says what to do."""

from __future__ import annotations

from lifeboat.review.rules import access, alarms, data, network, objectives, protection, regions, security, state
from lifeboat.review.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *data.RULES,
    *access.RULES,
    *network.RULES,
    *security.RULES,
    *protection.RULES,
    *alarms.RULES,
    *regions.RULES,
    *objectives.RULES,
    *state.RULES,
)
