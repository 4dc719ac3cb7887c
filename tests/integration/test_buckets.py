"""Buckets: private, versioned, encrypted with the region's own key, and the same in every region."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.integration.policies import statements
from tests.integration.system import Region, System, Way

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, ReplicationRuleOutputTypeDef

NOT_THERE = {"404", "NoSuchKey", "NotFound"}


def data_buckets(region: Region) -> dict[str, str]:
    return region.outputs.named("bucket")


def all_buckets(region: Region) -> list[str]:
    found = [region.text(name) for name in region.outputs if name.endswith("_bucket_name")]
    found += [region.text(name) for name in region.outputs if name.startswith("bucket_") and name.endswith("_name")]
    assert found, f"{region} has no bucket at all, not even for logs"
    return found


def fetch(region: Region, bucket: str, key: str) -> GetObjectOutputTypeDef | None:
    try:
        return region.aws.s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in NOT_THERE:
            return None
        raise


def is_replicated(region: Region, bucket: str, key: str) -> bool:
    return region.aws.s3.head_object(Bucket=bucket, Key=key).get("ReplicationStatus") == "COMPLETED"


def marker_on_top(region: Region, bucket: str, key: str) -> bool:
    found = region.aws.s3.list_object_versions(Bucket=bucket, Prefix=key)
    return any(marker["IsLatest"] for marker in found.get("DeleteMarkers", []))


def forget(region: Region, bucket: str, key: str) -> None:
    """Remove every version, so that a throw-away object is not kept for weeks."""
    found = region.aws.s3.list_object_versions(Bucket=bucket, Prefix=key)
    versions = [item["VersionId"] for item in found.get("Versions", [])]
    for version in [*versions, *(item["VersionId"] for item in found.get("DeleteMarkers", []))]:
        region.aws.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


@pytest.fixture
def key(system: System) -> Iterator[str]:
    """Name an object that no other test uses, and remove it everywhere afterwards."""
    name = f"integration/{uuid4().hex}"
    yield name
    for region in system.regions:
        for bucket in data_buckets(region).values():
            forget(region, bucket, name)


def test_every_bucket_lies_in_its_region(region: Region) -> None:
    places = {region.aws.s3.head_bucket(Bucket=bucket)["BucketRegion"] for bucket in all_buckets(region)}
    assert places == {region.name}


def test_every_bucket_keeps_versions(region: Region) -> None:
    kept = {bucket: region.aws.s3.get_bucket_versioning(Bucket=bucket).get("Status") for bucket in all_buckets(region)}
    assert set(kept.values()) == {"Enabled"}, kept


def test_no_bucket_can_become_public(region: Region) -> None:
    for bucket in all_buckets(region):
        block = region.aws.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert block == {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        }, bucket


def test_objects_belong_to_the_bucket_owner_whoever_wrote_them(region: Region) -> None:
    for bucket in all_buckets(region):
        rules = region.aws.s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
        assert [rule["ObjectOwnership"] for rule in rules] == ["BucketOwnerEnforced"], bucket


def test_every_bucket_refuses_requests_without_tls(region: Region) -> None:
    for bucket in all_buckets(region):
        denials = [
            statement
            for statement in statements(region.aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])
            if statement.effect == "Deny" and statement.conditions == {"Bool": {"aws:SecureTransport": "false"}}
        ]
        assert [denial.actions for denial in denials] == [{"s3:*"}], bucket
        assert {resource.rsplit(":", 1)[-1] for resource in denials[0].resources} == {bucket, f"{bucket}/*"}


def test_data_is_encrypted_with_the_regions_own_key(region: Region) -> None:
    for bucket in data_buckets(region).values():
        (rule,) = region.aws.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        default = rule["ApplyServerSideEncryptionByDefault"]
        assert (default["SSEAlgorithm"], default.get("KMSMasterKeyID")) == ("aws:kms", region.text("key_arn"))
        assert rule["BucketKeyEnabled"] is True


def test_logs_are_encrypted_with_what_load_balancers_can_deliver_to(region: Region) -> None:
    bucket = region.text("log_bucket_name")
    (rule,) = region.aws.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_the_log_bucket_takes_logs_from_three_services_of_this_account_only(region: Region) -> None:
    policy = region.aws.s3.get_bucket_policy(Bucket=region.text("log_bucket_name"))["Policy"]
    writers = [statement for statement in statements(policy) if "s3:PutObject" in statement.actions]
    assert {service for writer in writers for service in writer.services} == {
        "delivery.logs.amazonaws.com",
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "logging.s3.amazonaws.com",
    }
    for writer in writers:
        assert writer.effect == "Allow"
        assert writer.condition_keys & {"aws:sourceaccount", "aws:sourcearn"}, writer


def test_who_asked_for_data_is_logged(region: Region) -> None:
    for bucket in data_buckets(region).values():
        logging = region.aws.s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
        assert logging["TargetBucket"] == region.text("log_bucket_name")


def test_old_versions_and_abandoned_uploads_do_not_pile_up(region: Region) -> None:
    for bucket in data_buckets(region).values():
        rules = region.aws.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        active = [rule for rule in rules if rule["Status"] == "Enabled"]
        assert any(rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0) >= 1 for rule in active)
        assert any("AbortIncompleteMultipartUpload" in rule for rule in active)
        assert not any("Expiration" in rule for rule in active), "current data would expire"


def test_a_replication_that_fails_reaches_a_person(region: Region) -> None:
    for bucket in data_buckets(region).values():
        (told,) = region.aws.s3.get_bucket_notification_configuration(Bucket=bucket)["TopicConfigurations"]
        assert told["TopicArn"] == region.text("alarm_topic_arn")
        assert set(told["Events"]) >= {
            "s3:Replication:OperationFailedReplication",
            "s3:Replication:OperationMissedThreshold",
        }


def replication_rule(way: Way, purpose: str) -> ReplicationRuleOutputTypeDef:
    """Return the one rule that leads to the other region."""
    bucket, there = data_buckets(way.source)[purpose], data_buckets(way.target)[purpose]
    rules = way.source.aws.s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"]
    (rule,) = (rule for rule in rules if rule["Destination"]["Bucket"].endswith(f":::{there}"))
    return rule


def test_every_bucket_replicates_to_its_namesake_deletions_included(way: Way) -> None:
    for purpose in data_buckets(way.source):
        rule = replication_rule(way, purpose)
        assert rule["Status"] == "Enabled"
        assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}
        assert rule["SourceSelectionCriteria"] == {
            "SseKmsEncryptedObjects": {"Status": "Enabled"},
            "ReplicaModifications": {"Status": "Enabled"},
        }


def test_replicas_are_timed_and_encrypted_with_the_key_of_where_they_arrive(way: Way) -> None:
    for purpose in data_buckets(way.source):
        destination = replication_rule(way, purpose)["Destination"]
        assert destination["EncryptionConfiguration"]["ReplicaKmsKeyID"] == way.target.text("key_arn")
        assert destination["ReplicationTime"] == {"Status": "Enabled", "Time": {"Minutes": 15}}
        assert destination["Metrics"]["Status"] == "Enabled"


@pytest.mark.writes
def test_an_object_written_in_one_region_is_read_in_the_other_under_its_key(system: System, way: Way, key: str) -> None:
    for purpose, bucket in data_buckets(way.source).items():
        content = uuid4().bytes
        way.source.aws.s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/x-test")
        there = data_buckets(way.target)[purpose]
        what = f"an object of {way.source} in {way.target}"
        replica = system.eventually(partial(fetch, way.target, there, key), what=what)
        with replica["Body"] as body:
            assert body.read() == content
        assert replica["ContentType"] == "application/x-test"
        assert replica["ReplicationStatus"] == "REPLICA"
        assert (replica["ServerSideEncryption"], replica["SSEKMSKeyId"]) == ("aws:kms", way.target.text("key_arn"))
        system.eventually(partial(is_replicated, way.source, bucket, key), what=f"{way.source} knowing of {what}")


@pytest.mark.writes
def test_a_deletion_in_one_region_hides_the_object_in_the_other_and_destroys_nothing(
    system: System, way: Way, key: str
) -> None:
    for purpose, bucket in data_buckets(way.source).items():
        there = data_buckets(way.target)[purpose]
        way.source.aws.s3.put_object(Bucket=bucket, Key=key, Body=b"kept")
        system.eventually(partial(fetch, way.target, there, key), what=f"an object of {way.source} in {way.target}")
        way.source.aws.s3.delete_object(Bucket=bucket, Key=key)
        system.eventually(
            partial(marker_on_top, way.target, there, key),
            what=f"a deletion of {way.source} in {way.target}",
        )
        assert fetch(way.target, there, key) is None
        assert len(way.target.aws.s3.list_object_versions(Bucket=there, Prefix=key)["Versions"]) == 1
