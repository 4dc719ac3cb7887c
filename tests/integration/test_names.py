"""Names, tags and outputs: several copies of a system live in one account and nobody mistakes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from tests.integration.outputs import FLAT, read
from tests.integration.system import Region, System

Tags = Mapping[str, str]

NAMED_BY_AWS = re.compile(
    r".*_ids?|.*_security_group_id|(audit_)?key_arn|region|regions|health_check_ids|.*hostnames?|entry_dns_name|distribution_domain_name|rest_api_stage|reserved_concurrency"
    r"|container_(full_)?tasks"
)
"""Outputs whose value AWS makes up, or that is an address: no room for the system's name."""


LOOPBACK = re.compile(r"127(\.\d{1,3}){3}")
"""What the embedded AWS gives for the name of a database's endpoint."""


def _vpc(region: Region) -> Tags:
    (vpc,) = region.aws.ec2.describe_vpcs(VpcIds=[region.text("vpc_id")])["Vpcs"]
    return {tag["Key"]: tag["Value"] for tag in vpc["Tags"]}


def _key(region: Region) -> Tags:
    found = region.aws.kms.list_resource_tags(KeyId=region.text("key_arn"))["Tags"]
    return {tag["TagKey"]: tag["TagValue"] for tag in found}


def _topic(region: Region) -> Tags:
    found = region.aws.sns.list_tags_for_resource(ResourceArn=region.text("alarm_topic_arn"))["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def _log_bucket(region: Region) -> Tags:
    found = region.aws.s3.get_bucket_tagging(Bucket=region.text("log_bucket_name"))["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def _database(region: Region) -> Tags:
    identifier = region.text("database_cluster_identifier")
    (found,) = region.aws.rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    return {tag["Key"]: tag["Value"] for tag in found["TagList"]}


def _function(region: Region) -> Tags:
    return region.aws.functions.get_function(FunctionName=region.text("function_name"))["Tags"]


def _load_balancer(region: Region) -> Tags:
    arn = region.text("load_balancer_arn")
    (found,) = region.aws.elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def _queue(region: Region) -> Tags:
    return region.aws.sqs.list_queue_tags(QueueUrl=region.text("dead_letter_queue_url"))["Tags"]


def _vault(region: Region) -> Tags:
    vault = region.aws.backup.describe_backup_vault(BackupVaultName=region.text("backup_vault_name"))
    return region.aws.backup.list_tags(ResourceArn=vault["BackupVaultArn"])["Tags"]


TAGGED: Mapping[str, Callable[[Region], Tags]] = {
    "network": _vpc,
    "key": _key,
    "topic": _topic,
    "log bucket": _log_bucket,
    "database": _database,
    "function": _function,
    "load balancer": _load_balancer,
    "queue": _queue,
    "vault": _vault,
}


def prefix(system: System) -> str:
    """Return `<system>-<suffix>`, which is also the root of the parameters."""
    return system.primary.text("parameter_prefix").strip("/")


def texts(value: object) -> list[str]:
    """Return every text inside an output."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    return [text for item in value for text in texts(item)] if isinstance(value, list) else [str(value)]


def test_every_region_has_a_network_of_its_own(system: System) -> None:
    vpcs = [region.outputs.value("vpc_id") if "vpc_id" in region.outputs else None for region in system.regions]
    assert None not in vpcs, "a region without a network: nothing was deployed there"
    assert len(set(vpcs)) == len(vpcs)


def test_no_output_is_empty(system: System) -> None:
    empty = [
        f"{stack.stack}.{name}"
        for stack in system.stacks
        for name in stack
        if not (found := texts(stack.value(name))) or not all(text.strip() for text in found)
    ]
    assert empty == []


def test_the_flat_outputs_are_the_nested_ones_on_one_level(system: System) -> None:
    expected: dict[str, object] = {}
    for stack in system.stacks:
        before = f"{stack.text('region').replace('-', '_')}_" if "region" in stack else ""
        expected |= {f"{before}{name}": stack.value(name) for name in stack}
    assert read(system.folder, FLAT) == expected


def test_every_name_in_the_outputs_carries_the_system_and_its_suffix(system: System) -> None:
    nameless = [
        f"{stack.stack}.{name}"
        for stack in system.stacks
        for name in stack
        if not NAMED_BY_AWS.fullmatch(name)
        and not all(prefix(system) in text or LOOPBACK.fullmatch(text) for text in texts(stack.value(name)))
    ]
    assert nameless == []


def test_the_suffix_in_the_names_is_the_one_in_the_tags(system: System, region: Region) -> None:
    tags = _vpc(region)
    assert f"{tags['Deployment']}-{tags['EnvironmentSuffix']}" == prefix(system)


@pytest.mark.parametrize("kind", TAGGED)
def test_everything_is_tagged_with_the_system_its_suffix_and_who_manages_it(region: Region, kind: str) -> None:
    tags = TAGGED[kind](region)
    expected = {name: _vpc(region)[name] for name in ("Deployment", "EnvironmentSuffix", "ManagedBy")}
    assert {name: tags.get(name) for name in expected} == expected


def test_tables_are_tagged_in_every_region(system: System, region: Region) -> None:
    for table in system.shared.named("table").values():
        arn = region.aws.dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
        tags = {tag["Key"]: tag["Value"] for tag in region.aws.dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]}
        assert tags["EnvironmentSuffix"] == _vpc(region)["EnvironmentSuffix"]
