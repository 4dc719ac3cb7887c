"""What AWS cannot change in place: another value means another, empty resource in its stead.

The provider's schema does not say which arguments force a replacement; `tests/lifeboat/review/test_identity.py` asks
the provider itself, through a plan, about every entry.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from lifeboat.plan.types import DATA

Json: TypeAlias = Any

DATA_LOSS = "data-loss"
REPLACEMENT = "replacement"
"""Names of rules; the guards of plans call the loss of data the same, so that one allowance counts for both."""

NAME_OF = {
    "aws_backup_vault": "name",
    "aws_cloudwatch_log_group": "name",
    "aws_dynamodb_table": "name",
    "aws_ecr_repository": "name",
    "aws_efs_file_system": "creation_token",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_kinesis_stream": "name",
    "aws_lambda_function": "function_name",
    "aws_lb": "name",
    "aws_rds_cluster": "cluster_identifier",
    "aws_rds_global_cluster": "global_cluster_identifier",
    "aws_route53_zone": "name",
    "aws_s3_bucket": "bucket",
    "aws_secretsmanager_secret": "name",
    "aws_sns_topic": "name",
    "aws_sqs_queue": "name",
}
"""The argument that is a resource's own name, for good."""

ALSO_FIXED = {
    "aws_backup_vault": ("kms_key_arn",),
    "aws_db_instance": ("db_name", "engine", "kms_key_id", "storage_encrypted", "username"),
    "aws_dynamodb_table": ("hash_key", "range_key"),
    "aws_efs_file_system": ("availability_zone_name", "encrypted", "kms_key_id", "performance_mode"),
    "aws_elasticache_replication_group": ("at_rest_encryption_enabled", "kms_key_id", "port", "subnet_group_name"),
    "aws_kms_key": ("customer_master_key_spec", "key_usage", "multi_region"),
    "aws_lb": ("internal", "load_balancer_type"),
    "aws_rds_cluster": ("database_name", "db_subnet_group_name", "kms_key_id", "master_username", "storage_encrypted"),
    "aws_rds_global_cluster": ("database_name", "storage_encrypted"),
    "aws_sns_topic": ("fifo_topic",),
    "aws_sqs_queue": ("fifo_queue",),
    "aws_subnet": ("availability_zone", "cidr_block", "vpc_id"),
    "aws_vpc": ("cidr_block",),
}
"""Further arguments that are given once."""

HOLDS_DATA = frozenset(DATA)
"""Types that keep something that is lost with them: those that the guards of plans know, too."""


def fixed(type_: str) -> tuple[str, ...]:
    """Return the arguments of a type that cannot be changed in place, as far as they are known here."""
    name = NAME_OF.get(type_)
    return (*((name,) if name else ()), *ALSO_FIXED.get(type_, ()))


def without_identity(type_: str, content: Json) -> Json:
    """Return a resource's content without its own name."""
    name = NAME_OF.get(type_, "name")
    return {key: each for key, each in content.items() if key != name} if isinstance(content, dict) else content
