"""ECR: more than one replication rule."""

from __future__ import annotations

from typing import Any

from moto.ecr.exceptions import ValidationException
from moto.ecr.models import ECRBackend

from lifeboat.local.embedded.gap import Gap

MOST_RULES = 10
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ReplicationConfiguration.html"""


def _replication_rules() -> None:
    plain = ECRBackend.put_replication_configuration

    def put_replication_configuration(self: ECRBackend, replication_config: dict[str, Any]) -> dict[str, Any]:
        rules = replication_config["rules"]
        if len(rules) > MOST_RULES:
            raise ValidationException(f"There are more than {MOST_RULES} rules")
        for rule in rules:  # moto judges one rule at a time, and keeps the last
            plain(self, {"rules": [rule]})
        answer: dict[str, Any] = plain(self, {"rules": []})
        self.replication_config = answer["replicationConfiguration"] = replication_config
        return answer

    ECRBackend.put_replication_configuration = put_replication_configuration


GAPS = (
    Gap(
        name="ecr.replication_rules",
        missing="A registry takes one replication rule.",
        matters="Two systems could not replicate their images from the same account.",
        fill=_replication_rules,
    ),
)
