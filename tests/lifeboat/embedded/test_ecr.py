"""ECR: what moto does not do."""

from __future__ import annotations

from tests.lifeboat.embedded.answers import refusal
from tests.lifeboat.embedded.aws import Aws, Check, promises


def check_replication_rules(aws: Aws) -> None:
    ecr = aws("ecr", "eu-north-1")
    account = ecr.describe_registry()["registryId"]

    def rules(*names: str, region: str = "eu-west-1") -> dict[str, object]:
        to = [{"region": region, "registryId": account}]
        filters = [[{"filter": name, "filterType": "PREFIX_MATCH"}] for name in names]
        return {"rules": [{"destinations": to, "repositoryFilters": each} for each in filters]}

    ecr.put_replication_configuration(replicationConfiguration=rules("one-", "two-"))
    assert ecr.describe_registry()["replicationConfiguration"] == rules("one-", "two-")
    itself = rules("one-", "two-", region="eu-north-1")
    assert "same as the source" in refusal(lambda: ecr.put_replication_configuration(replicationConfiguration=itself))


CHECKS: dict[str, Check] = {"ecr.replication_rules": check_replication_rules}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
