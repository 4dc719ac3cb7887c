from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from deployments.load import load, path_of
from lifeboat.bootstrap import Clients, Wanted, account, bootstrap, connect, wanted
from lifeboat.failure import Failure
from lifeboat.local.context import pointed_at
from lifeboat.local.server import EmbeddedAws

if TYPE_CHECKING:
    from mypy_boto3_ecr.type_defs import ReplicationRuleTypeDef

EAST = Wanted(kind="state bucket", name="boot-us-east-1", region="us-east-1")
WEST = Wanted(kind="state bucket", name="boot-us-west-2", region="us-west-2")
ZONE = Wanted(kind="hosted zone", name="boot.example.org")


@pytest.fixture
def clients(embedded: EmbeddedAws) -> Iterator[Clients]:
    with pointed_at(embedded.url):
        yield connect()


def told(clients: Clients, *things: Wanted, dry_run: bool = False) -> list[str]:
    return [f"{done.what} {done.wanted}" for done in bootstrap(clients, things, dry_run=dry_run)]


def test_systems_share_what_they_can() -> None:
    first, second = (load(path_of("ecommerce"), suffix) for suffix in ("dev", "pr1"))
    assert [str(thing) for thing in wanted([first, second])] == [
        "state bucket lifeboat-state-us-east-1 in us-east-1",
        "state bucket lifeboat-state-us-west-2 in us-west-2",
        "hosted zone example.com",
    ]


def test_a_dry_run_makes_nothing_and_a_second_run_finds_everything(clients: Clients) -> None:
    missing = [f"missing {thing}" for thing in (EAST, WEST, ZONE)]
    assert told(clients, EAST, WEST, ZONE, dry_run=True) == missing
    assert told(clients, EAST, WEST, ZONE, dry_run=True) == missing
    assert told(clients, EAST, WEST, ZONE) == [f"made {thing}" for thing in (EAST, WEST, ZONE)]
    assert told(clients, EAST, WEST, ZONE) == [f"found {thing}" for thing in (EAST, WEST, ZONE)]
    assert told(clients, EAST, WEST, ZONE, dry_run=True) == [f"found {thing}" for thing in (EAST, WEST, ZONE)]


def test_a_state_bucket_loses_nothing_and_is_closed(clients: Clients) -> None:
    bootstrap(clients, [WEST], dry_run=False)
    s3 = clients.s3("us-west-2")
    assert s3.get_bucket_location(Bucket=WEST.name)["LocationConstraint"] == "us-west-2"
    assert s3.get_bucket_versioning(Bucket=WEST.name)["Status"] == "Enabled"
    encryption = s3.get_bucket_encryption(Bucket=WEST.name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert set(s3.get_public_access_block(Bucket=WEST.name)["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=WEST.name)["Policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=WEST.name)["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_a_state_can_be_written_and_read_back_in_spite_of_the_policy(clients: Clients) -> None:
    bootstrap(clients, [EAST], dry_run=False)
    s3 = clients.s3("us-east-1")
    s3.put_object(Bucket=EAST.name, Key="state", Body=b"kept")
    assert s3.get_object(Bucket=EAST.name, Key="state")["Body"].read() == b"kept"
    s3.delete_object(Bucket=EAST.name, Key="state")


def test_the_account_is_told(clients: Clients) -> None:
    assert account(clients) == "123456789012"


def test_no_account_is_one_message() -> None:
    with pointed_at("http://127.0.0.1:9"), pytest.raises(Failure, match="AWS does not say which account this is"):
        account(connect())


@pytest.mark.parametrize(
    ("code", "message"),
    [("403", "belongs to another account or is closed to you"), ("500", "state bucket boot-us-east-1 in us-east-1: ")],
)
def test_a_bucket_that_cannot_be_had_is_told_with_what_to_do(clients: Clients, code: str, message: str) -> None:
    s3 = clients.s3("us-east-1")
    with Stubber(s3) as stub:
        stub.add_client_error("head_bucket", service_error_code=code, http_status_code=int(code))
        with pytest.raises(Failure, match=message):
            bootstrap(replace(clients, s3=lambda _: s3), [EAST], dry_run=False)


def test_a_private_zone_of_the_same_name_is_not_the_one(clients: Clients) -> None:
    with Stubber(clients.route53) as stub:
        zone = {"Id": "Z1", "Name": "boot.example.net.", "CallerReference": "x", "Config": {"PrivateZone": True}}
        stub.add_response("list_hosted_zones_by_name", {"HostedZones": [zone], "IsTruncated": False, "MaxItems": "100"})
        found = bootstrap(clients, [Wanted(kind="hosted zone", name="boot.example.net")], dry_run=True)
    assert found[0].what == "missing"


LOGGING = Wanted(kind="API logging role", name="lifeboat-api-logs", region="eu-west-1")


def test_a_rest_api_wants_a_logging_role_wherever_it_serves() -> None:
    system = load(path_of("multi_region"), "dev")
    assert [str(thing) for thing in wanted([system]) if thing.kind == LOGGING.kind] == [
        "API logging role lifeboat-api-logs in us-east-1",
        "API logging role lifeboat-api-logs in us-west-2",
    ]


def test_the_logging_role_is_made_once_and_given_to_every_region(clients: Clients) -> None:
    elsewhere = replace(LOGGING, region="eu-central-1")
    assert told(clients, LOGGING, dry_run=True) == [f"missing {LOGGING}"]
    assert told(clients, LOGGING, elsewhere) == [f"made {LOGGING}", f"made {elsewhere}"]
    assert told(clients, LOGGING, elsewhere) == [f"found {LOGGING}", f"found {elsewhere}"]
    role = clients.iam.get_role(RoleName=LOGGING.name)["Role"]
    for region in (LOGGING.region, elsewhere.region):
        assert clients.apigateway(region).get_account()["cloudwatchRoleArn"] == role["Arn"]
    attached = clients.iam.list_attached_role_policies(RoleName=LOGGING.name)["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonAPIGatewayPushToCloudWatchLogs"]


IMAGES = Wanted(kind="image replication", name="boot-", region="us-west-1", to="us-west-2")


def test_images_of_every_copy_are_replicated_by_one_rule() -> None:
    systems = [load(path_of("globecart"), suffix) for suffix in ("dev", "pr1")]
    assert [str(thing) for thing in wanted(systems) if thing.kind == "image replication"] == [
        "image replication globecart- in us-west-1 to us-west-2"
    ]


def rule(prefix: str, clients: Clients) -> ReplicationRuleTypeDef:
    return {
        "destinations": [{"region": "eu-west-1", "registryId": account(clients)}],
        "repositoryFilters": [{"filter": prefix, "filterType": "PREFIX_MATCH"}],
    }


def test_the_rules_of_other_systems_are_left_as_they_are(clients: Clients) -> None:
    ecr = clients.ecr("us-west-1")
    ecr.put_replication_configuration(replicationConfiguration={"rules": [rule("other-", clients)]})
    assert told(clients, IMAGES, dry_run=True) == [f"missing {IMAGES}"]
    assert told(clients, IMAGES) == [f"made {IMAGES}"]
    assert told(clients, IMAGES) == [f"found {IMAGES}"]
    rules = ecr.describe_registry()["replicationConfiguration"]["rules"]
    assert rules[0] == rule("other-", clients)
    assert [each["repositoryFilters"][0]["filter"] for each in rules] == ["other-", "boot-"]
    assert rules[1]["destinations"] == [{"region": "us-west-2", "registryId": account(clients)}]


def test_a_registry_without_room_for_another_rule_says_what_to_do(clients: Clients) -> None:
    rules = [rule(f"x{number}-", clients) for number in range(10)]
    clients.ecr("us-west-1").put_replication_configuration(replicationConfiguration={"rules": rules})
    with pytest.raises(Failure, match="10 replication rules are all in use: put boot-\\* into one of them by hand"):
        told(clients, IMAGES)
