"""A dark region answers nothing, and nobody else notices."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator

import pytest
from botocore.exceptions import ConnectionClosedError

from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aws import Aws

HOME, STANDBY = "us-east-1", "us-west-2"


@pytest.fixture(scope="module")
def server() -> Iterator[Aws]:
    """A server of its own, so that no other test meets a dark region."""
    with launch.running() as url:
        yield Aws(url)


@pytest.fixture
def aws(server: Aws) -> Iterator[Aws]:
    yield server
    for region in server.admin("GET", "health")["dark"]:
        server.admin("DELETE", f"dark/{region}")


def test_a_dark_region_closes_every_connection_until_it_is_lit_again(aws: Aws) -> None:
    assert aws.admin("PUT", f"dark/{HOME}") == {"dark": [HOME]}
    for service, call in (("sqs", "list_queues"), ("ec2", "describe_vpcs"), ("lambda", "list_functions")):
        with pytest.raises(ConnectionClosedError):
            getattr(aws(service, HOME), call)()
        getattr(aws(service, STANDBY), call)()
    assert aws.admin("DELETE", f"dark/{HOME}") == {"dark": []}
    assert "QueueUrls" not in aws("sqs", HOME).list_queues()


def test_global_services_are_darkened_on_their_own(aws: Aws) -> None:
    aws.admin("PUT", f"dark/{HOME}")
    aws("iam", HOME).list_roles()
    aws.admin("PUT", "dark/global")
    aws.admin("DELETE", f"dark/{HOME}")
    for service, call in (
        ("iam", "list_roles"),
        ("route53", "list_hosted_zones"),
        ("cloudfront", "list_distributions"),
    ):
        with pytest.raises(ConnectionClosedError):
            getattr(aws(service, HOME), call)()
    aws("sqs", HOME).list_queues()


def test_what_is_written_elsewhere_reaches_a_region_only_when_it_is_lit_again(aws: Aws) -> None:
    name, key = aws.name("table"), {"pk": {"S": "order"}}
    here, there = aws("dynamodb", HOME), aws("dynamodb", STANDBY)
    here.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    here.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": STANDBY}}])
    aws.admin("PUT", f"dark/{HOME}")
    there.put_item(TableName=name, Item=key)
    aws.admin("DELETE", f"dark/{HOME}")
    assert here.get_item(TableName=name, Key=key)["Item"] == key


def test_what_was_not_replicated_before_the_dark_is_missing_elsewhere_until_it_is_lit_again(aws: Aws) -> None:
    source, copy = aws.name("bucket"), aws.name("copy")
    s3 = {region: aws("s3", region) for region in (HOME, STANDBY)}
    s3[HOME].create_bucket(Bucket=source)
    s3[STANDBY].create_bucket(Bucket=copy, CreateBucketConfiguration={"LocationConstraint": STANDBY})
    for region, bucket in ((HOME, source), (STANDBY, copy)):
        s3[region].put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{copy}"},
    }
    role = "arn:aws:iam::123456789012:role/replication"
    s3[HOME].put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": role, "Rules": [rule]})
    aws.admin("PUT", f"dark/{STANDBY}")
    s3[HOME].put_object(Bucket=source, Key="late", Body=b"x")
    assert s3[HOME].head_object(Bucket=source, Key="late")["ReplicationStatus"] == "PENDING"
    aws.admin("DELETE", f"dark/{STANDBY}")
    assert s3[STANDBY].get_object(Bucket=copy, Key="late")["Body"].read() == b"x"


def test_a_bucket_is_where_it_was_made_whoever_asks(aws: Aws) -> None:
    there = {"LocationConstraint": STANDBY}
    aws("s3", STANDBY).create_bucket(Bucket="standby", CreateBucketConfiguration=there)
    aws("s3", HOME).create_bucket(Bucket="home")
    aws.admin("PUT", f"dark/{STANDBY}")
    with pytest.raises(ConnectionClosedError):
        aws("s3", HOME).list_objects_v2(Bucket="standby")
    with pytest.raises(ConnectionClosedError):
        aws("s3", STANDBY).list_objects_v2(Bucket="home")
    assert aws("s3", HOME).list_objects_v2(Bucket="home")["KeyCount"] == 0


def test_calls_into_the_dark_are_listed_with_their_action(aws: Aws) -> None:
    aws.admin("PUT", f"dark/{HOME}")
    before = len(aws.admin("GET", "dark/calls"))
    for service, call in (("sqs", "list_queues"), ("ec2", "describe_vpcs"), ("lambda", "list_functions")):
        with pytest.raises(ConnectionClosedError):
            getattr(aws(service, HOME), call)()
    calls = aws.admin("GET", "dark/calls")[before:]
    assert [(call["region"], call["service"], call["action"]) for call in calls] == [
        (HOME, "sqs", "ListQueues"),
        (HOME, "ec2", "DescribeVpcs"),
        (HOME, "lambda", "GET /2015-03-31/functions"),
    ]
    assert all(call["time"].endswith("+00:00") for call in calls)


@pytest.mark.parametrize(("path", "status"), [("dark/us-nowhere-1", 400), ("nothing", 404)])
def test_a_wrong_request_is_refused(aws: Aws, path: str, status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        aws.admin("PUT", path)
    assert refused.value.code == status
    refused.value.close()


def test_a_bucket_may_be_called_lifeboat(aws: Aws) -> None:
    aws("s3").create_bucket(Bucket="lifeboat")
    aws("s3").put_object(Bucket="lifeboat", Key="health", Body=b"mine")
    assert aws("s3").get_object(Bucket="lifeboat", Key="health")["Body"].read() == b"mine"
