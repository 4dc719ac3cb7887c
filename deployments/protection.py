"""What a file may say about protection: the firewall, and how often credentials change."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from deployments.part import Part

ManagedGroup = Literal[
    "AWSManagedRulesAdminProtectionRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesLinuxRuleSet",
    "AWSManagedRulesPHPRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesUnixRuleSet",
    "AWSManagedRulesWindowsRuleSet",
    "AWSManagedRulesWordPressRuleSet",
]
"""AWS's own groups that cost nothing beside the rule:
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html"""

RuleName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{2,79}$")]
Reason = Annotated[str, Field(pattern=r"^[A-Za-z0-9 .:/=+@_-]+$", min_length=10, max_length=256)]
"""What the value of a tag may hold: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html"""


class Firewall(Part):
    """A web application firewall before every public way in: AWS's managed rules, and a limit per client."""

    groups: Annotated[tuple[ManagedGroup, ...], Field(strict=False, min_length=1)] = Field(
        default=(
            "AWSManagedRulesAmazonIpReputationList",
            "AWSManagedRulesCommonRuleSet",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "AWSManagedRulesSQLiRuleSet",
        ),
        description="AWS's managed rule groups, in the order in which they are asked.",
    )
    overrides: dict[ManagedGroup, dict[RuleName, Reason]] = Field(
        default={},
        description="Rules of a group that only count, each with the reason (10 to 256 letters, digits, spaces and"
        " . : / = + @ _ - because it becomes a tag). Absent: every rule of a group blocks.",
    )
    requests_per_five_minutes: int = Field(
        default=2000,
        ge=10,
        le=2_000_000_000,
        description="Requests that one address may send in five minutes; what is above is blocked.",
    )
    blocked_per_minute: int = Field(
        default=100, ge=1, description="Blocked requests in one minute from which on a person is told."
    )


class Rotation(Part):
    """Database credentials that change by themselves, without an interruption: two users take turns."""

    days: int = Field(default=30, ge=1, le=365, description="Days between two rotations.")
    grace_seconds: int = Field(
        default=172_800,
        ge=0,
        le=2_592_000,
        description="How long the former password still works, so that what runs can be replaced. Tasks are replaced"
        " every day.",
    )
