"""Images: kept encrypted, never moved, replicated, and enough of them to roll back."""

from __future__ import annotations

import json

from tests.integration.system import Region, System


def test_the_repository_is_encrypted_scanned_and_its_tags_never_move(region: Region) -> None:
    name = region.text("registry_repository_name")
    (found,) = region.aws.ecr.describe_repositories(repositoryNames=[name])["repositories"]
    assert found["imageTagMutability"] == "IMMUTABLE"
    assert found["imageScanningConfiguration"]["scanOnPush"] is True
    assert found["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": region.text("key_arn")}


def test_every_region_has_the_repository_under_the_same_name(system: System) -> None:
    assert len({region.text("registry_repository_name") for region in system.regions}) == 1


def test_rollback_images_stay(region: Region) -> None:
    name = region.text("registry_repository_name")
    rules = json.loads(region.aws.ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
    kept = [rule["selection"] for rule in rules if rule["selection"]["tagStatus"] != "untagged"]
    assert [rule["countType"] for rule in kept] == ["imageCountMoreThan"]
    assert kept[0]["countNumber"] >= 5


def test_images_are_replicated_to_every_standby(system: System) -> None:
    name = system.primary.text("registry_repository_name")
    rules = system.primary.aws.ecr.describe_registry()["replicationConfiguration"]["rules"]
    reached = {
        destination["region"]
        for rule in rules
        if any(name.startswith(each["filter"]) for each in rule["repositoryFilters"])
        for destination in rule["destinations"]
    }
    assert reached >= {standby.name for standby in system.standbys}
