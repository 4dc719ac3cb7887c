"""S3: configurations that are read back as they were put, and rules that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.lifeboat.embedded.aws import Aws, promises
from tests.lifeboat.embedded.buckets import EAST, ROLE, WEST, Pair, Rule


def refused(call: Callable[[], object], code: str, words: str) -> None:
    with pytest.raises(ClientError) as error:
        call()
    assert error.value.response["Error"]["Code"] == code
    assert words in error.value.response["Error"]["Message"]


def check_rules_are_read_back(aws: Aws) -> None:
    pair = Pair(aws)
    full = pair.rule(
        EAST,
        SourceSelectionCriteria={
            "SseKmsEncryptedObjects": {"Status": "Enabled"},
            "ReplicaModifications": {"Status": "Enabled"},
        },
        Destination={
            "Bucket": f"arn:aws:s3:::{pair.names[WEST]}",
            "StorageClass": "STANDARD_IA",
            "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:123456789012:key/k"},
            "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
            "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
        },
    )
    off: Rule = {"DeleteMarkerReplication": {"Status": "Disabled"}}
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    rules = [
        full,
        pair.rule(EAST, ID="prefix", Priority=2, Filter={"Prefix": "p/"}),
        pair.rule(EAST, ID="tag", Priority=3, Filter={"Tag": tags[0]}, **off),
        pair.rule(EAST, ID="both", Priority=4, Filter={"And": {"Prefix": "p/", "Tags": tags}}, **off),
    ]
    pair.replicate(EAST, *rules)
    read = pair.s3(EAST).get_bucket_replication(Bucket=pair.names[EAST])["ReplicationConfiguration"]
    assert read == {"Role": ROLE, "Rules": rules}


def check_tiering_is_read_back(aws: Aws) -> None:
    s3, bucket = aws("s3"), aws.name("tiering")
    s3.create_bucket(Bucket=bucket)
    put = {
        "Id": "cold",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "p/", "Tags": [{"Key": "a", "Value": "1"}]}},
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}],
    }
    s3.put_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="cold", IntelligentTieringConfiguration=put)
    read = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="cold")
    assert read["IntelligentTieringConfiguration"] == put
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)
    assert listed["IntelligentTieringConfigurationList"] == [put]
    s3.delete_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="cold")
    refused(
        lambda: s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="cold"),
        "NoSuchConfiguration",
        "does not exist",
    )


def check_logging_is_read_back(aws: Aws) -> None:
    s3, bucket = aws("s3"), aws.name("logged")
    s3.create_bucket(Bucket=bucket)
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    formats: list[Rule] = [{"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}, {"SimplePrefix": {}}]
    for naming in formats:
        put = {"TargetBucket": bucket, "TargetPrefix": "logs/", "TargetObjectKeyFormat": naming}
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": put})
        assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == put


def check_status_is_shown(aws: Aws) -> None:
    pair = Pair(aws)
    pair.replicate(EAST)
    pair.put(EAST, "k")
    assert pair.head(EAST, "k")["ReplicationStatus"] == "COMPLETED"
    assert pair.head(WEST, "k")["ReplicationStatus"] == "REPLICA"


CHECKS = {
    "s3.replication_rules": check_rules_are_read_back,
    "s3.intelligent_tiering": check_tiering_is_read_back,
    "s3.logging_format": check_logging_is_read_back,
    "s3.replication_status": check_status_is_shown,
}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)


def test_a_rule_needs_a_destination_that_exists_and_is_versioned(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws, versioned=False)
    refused(lambda: pair.replicate(EAST), "InvalidRequest", "Versioning must be 'Enabled'")
    pair.version(EAST)
    refused(lambda: pair.replicate(EAST), "InvalidRequest", "Destination bucket must have versioning enabled")
    gone = pair.rule(EAST, Destination={"Bucket": "arn:aws:s3:::no-such-bucket-anywhere"})
    refused(lambda: pair.replicate(EAST, gone), "InvalidRequest", "Destination bucket must exist")
    pair.version(WEST)
    pair.replicate(EAST)


@pytest.mark.parametrize(
    ("changes", "without", "words"),
    [
        ({}, "DeleteMarkerReplication", "DeleteMarkerReplication must be specified"),
        ({}, "Priority", "Priority must be specified"),
        ({"Filter": {"Tag": {"Key": "a", "Value": "1"}}}, "", "not supported if any Tag filter"),
        (
            {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}},
            "",
            "must be specified together",
        ),
    ],
)
def test_a_rule_that_s3_refuses_is_refused(embedded_aws: Aws, changes: Rule, without: str, words: str) -> None:
    pair = Pair(embedded_aws)
    rule = pair.rule(EAST, **changes)
    rule.pop(without, None)
    refused(lambda: pair.replicate(EAST, rule), "InvalidRequest", words)
