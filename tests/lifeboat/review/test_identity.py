"""What is said to be fixed for good is asked of the provider itself: a plan without any call to AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lifeboat.local.environment import child_environment
from lifeboat.review.identity import ALSO_FIXED, NAME_OF, fixed

Json = Any
TERRAFORM = shutil.which("terraform")
pytestmark = pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed")

KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
OTHER_KEY = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
PROVIDER = {
    "region": "us-east-1",
    "access_key": "test",
    "secret_key": "test",  # what test doubles of AWS take
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "skip_metadata_api_check": "true",
}

RESOURCES: dict[str, tuple[int, Json, Json]] = {
    "aws_backup_vault": (0, {"name": "aa", "kms_key_arn": KEY}, {"name": "bb", "kms_key_arn": OTHER_KEY}),
    "aws_cloudwatch_log_group": (0, {"name": "a"}, {"name": "b"}),
    "aws_db_instance": (
        2,
        {
            "identifier": "a",
            "instance_class": "db.t4g.micro",
            "allocated_storage": 20,
            "engine": "postgres",
            "db_name": "a",
            "username": "someone",
            "storage_encrypted": True,
            "kms_key_id": KEY,
            "skip_final_snapshot": True,
        },
        {
            "db_name": "b",
            "engine": "mysql",
            "kms_key_id": OTHER_KEY,
            "storage_encrypted": False,
            "username": "somebody",
        },
    ),
    "aws_dynamodb_table": (
        1,
        {
            "name": "a",
            "billing_mode": "PAY_PER_REQUEST",
            "hash_key": "one",
            "range_key": "two",
            "attribute": [{"name": "one", "type": "S"}, {"name": "two", "type": "S"}],
            "global_secondary_index": [{"name": "by", "hash_key": "one", "range_key": "two", "projection_type": "ALL"}],
        },
        {"name": "b", "hash_key": "two", "range_key": "one"},
    ),
    "aws_ecr_repository": (0, {"name": "aa"}, {"name": "bb"}),
    "aws_efs_file_system": (
        0,
        {
            "creation_token": "a",
            "encrypted": True,
            "kms_key_id": KEY,
            "performance_mode": "generalPurpose",
            "availability_zone_name": "us-east-1a",
        },
        {
            "creation_token": "b",
            "encrypted": False,
            "kms_key_id": OTHER_KEY,
            "performance_mode": "maxIO",
            "availability_zone_name": "us-east-1b",
        },
    ),
    "aws_elasticache_replication_group": (
        2,
        {
            "replication_group_id": "a",
            "description": "a",
            "engine": "redis",
            "node_type": "cache.t4g.micro",
            "num_cache_clusters": 1,
            "at_rest_encryption_enabled": True,
            "kms_key_id": KEY,
            "port": 6379,
            "subnet_group_name": "a",
        },
        {
            "replication_group_id": "b",
            "at_rest_encryption_enabled": False,
            "kms_key_id": OTHER_KEY,
            "port": 6380,
            "subnet_group_name": "b",
        },
    ),
    "aws_kinesis_stream": (1, {"name": "a", "shard_count": 1}, {"name": "b"}),
    "aws_kms_key": (
        0,
        {"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY", "multi_region": False},
        {"customer_master_key_spec": "RSA_4096", "key_usage": "ENCRYPT_DECRYPT", "multi_region": True},
    ),
    "aws_lambda_function": (
        0,
        {"function_name": "a", "role": "arn:aws:iam::123456789012:role/a", "package_type": "Image", "image_uri": "a"},
        {"function_name": "b"},
    ),
    "aws_lb": (
        0,
        {"name": "a", "internal": True, "load_balancer_type": "application", "subnets": ["subnet-1", "subnet-2"]},
        {"name": "b", "internal": False, "load_balancer_type": "network"},
    ),
    "aws_rds_cluster": (
        1,
        {
            "cluster_identifier": "a",
            "engine": "aurora-postgresql",
            "database_name": "a",
            "db_subnet_group_name": "a",
            "kms_key_id": KEY,
            "master_username": "someone",
            "master_password": "not-a-real-one",
            "storage_encrypted": True,
            "skip_final_snapshot": True,
        },
        {
            "cluster_identifier": "b",
            "database_name": "b",
            "db_subnet_group_name": "b",
            "kms_key_id": OTHER_KEY,
            "master_username": "somebody",
            "storage_encrypted": False,
        },
    ),
    "aws_rds_global_cluster": (
        0,
        {
            "global_cluster_identifier": "a",
            "engine": "aurora-postgresql",
            "database_name": "a",
            "storage_encrypted": True,
        },
        {"global_cluster_identifier": "b", "database_name": "b", "storage_encrypted": False},
    ),
    "aws_route53_zone": (0, {"name": "a.example"}, {"name": "b.example"}),
    "aws_s3_bucket": (0, {"bucket": "lifeboat-aaa"}, {"bucket": "lifeboat-bbb"}),
    "aws_secretsmanager_secret": (0, {"name": "a"}, {"name": "b"}),
    "aws_sns_topic": (0, {"name": "a", "fifo_topic": False}, {"name": "b", "fifo_topic": True}),
    "aws_sqs_queue": (0, {"name": "a", "fifo_queue": False}, {"name": "b", "fifo_queue": True}),
    "aws_subnet": (
        1,
        {"availability_zone": "us-east-1a", "cidr_block": "10.0.0.0/20", "vpc_id": "vpc-1"},
        {"availability_zone": "us-east-1b", "cidr_block": "10.0.0.0/24", "vpc_id": "vpc-2"},
    ),
    "aws_vpc": (1, {"cidr_block": "10.0.0.0/16"}, {"cidr_block": "10.1.0.0/16"}),
}
"""Type: version of its schema, arguments, and another value for each that is fixed."""


def with_fifo_name(argument: str, arguments: Json) -> Json:
    """Return arguments that the provider accepts: a FIFO queue's name says so."""
    return {**arguments, "name": "a.fifo"} if argument.startswith("fifo") else arguments


def state() -> Json:
    """Return a state in which every resource is as its arguments say, once for each fixed argument."""
    resources = [
        {
            "mode": "managed",
            "type": type_,
            "name": argument,
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": version, "attributes": {"id": "it", "arn": KEY, **arguments}}],
        }
        for type_, (version, arguments, _) in RESOURCES.items()
        for argument in fixed(type_)
    ]
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "a",
        "outputs": {},
        "resources": resources,
    }


def configuration() -> Json:
    """Return what is wanted instead: every resource with one fixed argument changed."""
    resources: Json = {}
    for type_, (_, arguments, others) in RESOURCES.items():
        for argument in fixed(type_):
            wanted = with_fifo_name(argument, {**arguments, argument: others[argument]})
            resources.setdefault(type_, {})[argument] = wanted
    required = {"aws": {"source": "aws", "version": "5.100.0"}}
    return {"terraform": {"required_providers": required}, "provider": {"aws": [PROVIDER]}, "resource": resources}


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert TERRAFORM is not None
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return subprocess.run(  # noqa: S603 the program that users run
        [TERRAFORM, *arguments], cwd=folder, env=child_environment(kept), check=False, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What real Terraform and the real provider would do, by address."""
    folder = tmp_path_factory.mktemp("identity")
    (folder / "main.tf.json").write_text(json.dumps(configuration(), indent=1), encoding="utf-8")
    (folder / "terraform.tfstate").write_text(json.dumps(state()), encoding="utf-8")
    for arguments in (("init", "-input=false"), ("plan", "-refresh=false", "-input=false", "-out=plan")):
        done = terraform(folder, *arguments, "-no-color")
        assert done.returncode == 0, done.stderr
    changes = json.loads(terraform(folder, "show", "-json", "plan").stdout)["resource_changes"]
    return {change["address"]: change["change"] for change in changes}


def test_the_provider_replaces_for_every_argument_that_is_called_fixed(planned: dict[str, Json]) -> None:
    in_place = [
        f"{type_}.{argument}"
        for type_ in RESOURCES
        for argument in fixed(type_)
        if [argument] not in planned[f"{type_}.{argument}"].get("replace_paths", [])
    ]
    assert in_place == []


def test_every_type_is_asked_about() -> None:
    assert RESOURCES.keys() == NAME_OF.keys() | ALSO_FIXED.keys()
    for type_, (_, arguments, others) in RESOURCES.items():
        assert {*fixed(type_)} == others.keys() <= arguments.keys()
