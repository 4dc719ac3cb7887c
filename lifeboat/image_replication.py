"""Which images ECR copies to which region: one setting per account and region, which no stack may own.

A stack that owned it would take it away from every other system, and from every copy of its own, when it is destroyed.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from lifeboat.failure import Failure

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import ReplicationRuleOutputTypeDef, ReplicationRuleTypeDef

PREFIX: Literal["PREFIX_MATCH"] = "PREFIX_MATCH"
MOST_RULES = 10
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ReplicationConfiguration.html"""


def is_replicated(rules: Sequence[ReplicationRuleOutputTypeDef], prefix: str, regions: Sequence[str]) -> bool:
    """Tell whether images of repositories that start so reach all of the regions."""
    reached = {destination["region"] for rule in rules if _covers(rule, prefix) for destination in rule["destinations"]}
    return set(regions) <= reached


def rules_of(ecr: ECRClient) -> list[ReplicationRuleOutputTypeDef]:
    """Return the rules of a region's registry."""
    return list(ecr.describe_registry()["replicationConfiguration"].get("rules", []))


def replicate_images(ecr: ECRClient, prefix: str, regions: Sequence[str], account: str) -> None:
    """Add a rule to those that are there, and leave them as they are.

    Raises:
        Failure: There is no room for another rule.
    """
    kept: list[ReplicationRuleTypeDef] = [
        {"destinations": rule["destinations"], "repositoryFilters": rule.get("repositoryFilters", [])}
        for rule in rules_of(ecr)
    ]
    if len(kept) >= MOST_RULES:
        raise Failure(f"ECR's {MOST_RULES} replication rules are all in use: put {prefix}* into one of them by hand")
    ours: ReplicationRuleTypeDef = {
        "destinations": [{"region": region, "registryId": account} for region in regions],
        "repositoryFilters": [{"filter": prefix, "filterType": PREFIX}],
    }
    ecr.put_replication_configuration(replicationConfiguration={"rules": [*kept, ours]})


def _covers(rule: ReplicationRuleOutputTypeDef, prefix: str) -> bool:
    """Tell whether a rule is about these repositories; one without filters is about all."""
    filters = rule.get("repositoryFilters", [])
    return not filters or any(prefix.startswith(each["filter"]) for each in filters)
