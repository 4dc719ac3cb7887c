"""S3: what is replicated between regions, and what is not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.lifeboat.embedded.aws import Aws, promises
from tests.lifeboat.embedded.buckets import EAST, WEST, Pair


def check_objects_are_copied(aws: Aws) -> None:
    pair = Pair(aws)
    pair.replicate(EAST)
    version = pair.put(EAST, "k", "body", Metadata={"m": "1"}, ContentType="text/plain", Tagging="t=1")
    copied = pair.s3(WEST).get_object(Bucket=pair.names[WEST], Key="k")
    assert copied["Body"].read() == b"body"
    assert (copied["Metadata"], copied["ContentType"], copied["VersionId"]) == ({"m": "1"}, "text/plain", version)
    assert copied["ETag"] == pair.head(EAST, "k")["ETag"]
    tags = pair.s3(WEST).get_object_tagging(Bucket=pair.names[WEST], Key="k")["TagSet"]
    assert tags == [{"Key": "t", "Value": "1"}]


CHECKS = {"s3.replication": check_objects_are_copied}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)


def test_two_way_replication_makes_no_loop(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws)
    pair.replicate(EAST)
    pair.replicate(WEST)
    there, back = pair.put(EAST, "there"), pair.put(WEST, "back")
    assert sorted(pair.versions(EAST)) == sorted(pair.versions(WEST)) == sorted([there, back])


@pytest.mark.parametrize(("status", "copied"), [("Enabled", True), ("Disabled", False)])
def test_a_delete_marker_is_replicated_only_when_the_rule_says_so(embedded_aws: Aws, status: str, copied: bool) -> None:
    pair = Pair(embedded_aws)
    pair.replicate(EAST, pair.rule(EAST, DeleteMarkerReplication={"Status": status}))
    pair.put(EAST, "k")
    marker = pair.s3(EAST).delete_object(Bucket=pair.names[EAST], Key="k")["VersionId"]
    assert (marker in pair.versions(WEST)) is copied


def test_deleting_a_version_is_never_replicated(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws)
    pair.replicate(EAST)
    version = pair.put(EAST, "k")
    pair.s3(EAST).delete_object(Bucket=pair.names[EAST], Key="k", VersionId=version)
    assert pair.versions(EAST) == []
    assert pair.versions(WEST) == [version]


def test_a_copied_and_a_multipart_object_are_replicated(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws)
    pair.replicate(EAST)
    s3, bucket = pair.s3(EAST), pair.names[EAST]
    pair.put(EAST, "k", Metadata={"m": "1"})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", Metadata={"m": "2"})["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload=parts)
    assert pair.head(WEST, "copy")["Metadata"] == {"m": "1"}
    assert pair.head(WEST, "parts")["Metadata"] == {"m": "2"}
    assert pair.head(WEST, "parts")["ETag"] == pair.head(EAST, "parts")["ETag"]


def encrypted(pair: Pair, keys: dict[str, str]) -> None:
    for region, key in keys.items():
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rules = [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
        pair.s3(region).put_bucket_encryption(
            Bucket=pair.names[region], ServerSideEncryptionConfiguration={"Rules": rules}
        )


def test_an_object_is_encrypted_with_the_key_of_the_region_it_lies_in(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws)
    keys = {region: f"arn:aws:kms:{region}:123456789012:key/{region}" for region in (EAST, WEST)}
    encrypted(pair, keys)
    destination = {"Bucket": f"arn:aws:s3:::{pair.names[WEST]}"}
    pair.replicate(
        EAST,
        pair.rule(
            EAST,
            SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            Destination=destination | {"EncryptionConfiguration": {"ReplicaKmsKeyID": keys[WEST]}},
        ),
    )
    pair.put(EAST, "k")
    found = {region: pair.head(region, "k") for region in (EAST, WEST)}
    assert {region: head["ServerSideEncryption"] for region, head in found.items()} == dict.fromkeys(keys, "aws:kms")
    assert {region: head["SSEKMSKeyId"] for region, head in found.items()} == keys


def test_an_encrypted_object_stays_where_the_rule_does_not_select_it(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws)
    encrypted(pair, {EAST: "arn:aws:kms:us-east-1:123456789012:key/k"})
    pair.replicate(EAST)
    pair.put(EAST, "k")
    assert pair.versions(WEST) == []
    assert "ReplicationStatus" not in pair.head(EAST, "k")


@pytest.mark.parametrize(("status", "tag"), [("Enabled", "new"), ("Disabled", "old")])
def test_tags_changed_on_a_replica_go_back_only_when_the_rule_says_so(embedded_aws: Aws, status: str, tag: str) -> None:
    pair = Pair(embedded_aws)
    selection = {"ReplicaModifications": {"Status": status}}
    for region in (EAST, WEST):
        pair.replicate(region, pair.rule(region, SourceSelectionCriteria=selection))
    pair.put(EAST, "k", Tagging="t=old")
    pair.s3(WEST).put_object_tagging(
        Bucket=pair.names[WEST], Key="k", Tagging={"TagSet": [{"Key": "t", "Value": "new"}]}
    )
    read = pair.s3(EAST).get_object_tagging(Bucket=pair.names[EAST], Key="k")["TagSet"]
    assert read == [{"Key": "t", "Value": tag}]


def test_only_objects_that_meet_the_filter_are_replicated(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws)
    both = {"And": {"Prefix": "p/", "Tags": [{"Key": "t", "Value": "1"}]}}
    pair.replicate(EAST, pair.rule(EAST, Filter=both, DeleteMarkerReplication={"Status": "Disabled"}))
    wanted = pair.put(EAST, "p/k", Tagging="t=1&u=2")
    pair.put(EAST, "p/other", Tagging="t=2")
    pair.put(EAST, "q/k", Tagging="t=1")
    assert pair.versions(WEST) == [wanted]


def test_an_object_for_a_bucket_that_is_gone_is_marked_failed(embedded_aws: Aws) -> None:
    pair = Pair(embedded_aws)
    pair.replicate(EAST)
    pair.s3(WEST).delete_bucket(Bucket=pair.names[WEST])
    pair.put(EAST, "k")
    assert pair.head(EAST, "k")["ReplicationStatus"] == "FAILED"


# Pausing is a call inside the server's process: this runs both sides of it in a process of its own.
PAUSE = """
import boto3
from moto import mock_aws
from lifeboat.local.embedded import replication
from lifeboat.local.embedded.gaps import fill_all

fill_all()
with mock_aws():
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="east")
    s3.create_bucket(Bucket="west", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for name in ("east", "west"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"}}
    for name, other in (("east", "west"), ("west", "east")):
        rules = [rule | {"Destination": {"Bucket": f"arn:aws:s3:::{other}"}}]
        s3.put_bucket_replication(Bucket=name, ReplicationConfiguration={"Role": "r", "Rules": rules})

    def show():
        bodies = [s3.get_object(Bucket=name, Key="k")["Body"].read().decode() for name in ("east", "west")]
        print(bodies, s3.head_object(Bucket="west", Key="k")["ReplicationStatus"])

    replication.pause("us-west-2")
    s3.put_object(Bucket="east", Key="k", Body=b"first")
    s3.put_object(Bucket="west", Key="k", Body=b"last")
    show()
    replication.resume("us-west-2")
    show()
"""


def test_paused_buckets_diverge_and_agree_on_the_last_version_after_it() -> None:
    ran = subprocess.run(  # noqa: S603 - the script above
        [sys.executable, "-c", PAUSE],
        env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == ["['first', 'last'] PENDING", "['last', 'last'] COMPLETED"]
