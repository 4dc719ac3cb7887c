"""Drift: what somebody changed outside of Terraform, apart from what only looks like it."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Raw

from lifeboat.plan.format import NULL, Plan, ResourceChange, attributes, decode
from lifeboat.plan.grants import Grants

VOLATILE = frozenset(
    {"last_modified", "last_modified_date", "last_updated", "last_updated_date", "latest_restorable_time"}
    | {"latest_version", "latest_version_number", "modified_date", "last_accessed_date", "last_used", "last_changed"}
    | {"recovery_points", "size_in_bytes", "pending_tasks_count", "running_tasks_count", "item_count", "tags_all"}
)
"""Attributes that AWS changes by itself."""

MIRRORED = {
    "aws_api_gateway_stage": {"web_acl_arn"},
    "aws_cloudfront_distribution": {"etag", "in_progress_validation_batches", "status"},
    "aws_autoscaling_group": {"load_balancers", "target_group_arns", "traffic_source", "desired_capacity"},
    "aws_dynamodb_table": {"replica"},
    "aws_docdb_cluster": {"cluster_members"},
    "aws_docdb_global_cluster": {"global_cluster_members"},
    "aws_ecs_service": {"desired_count"},
    "aws_efs_file_system": {"number_of_mount_targets", "size_in_bytes"},
    "aws_elasticache_replication_group": {"member_clusters"},
    "aws_iam_policy": {"attachment_count"},
    "aws_lb_target_group": {"load_balancer_arns"},
    "aws_network_acl": {"subnet_ids"},
    "aws_network_interface": {"attachment"},
    "aws_rds_cluster": {"cluster_members"},
    "aws_rds_global_cluster": {"global_cluster_members"},
    "aws_route_table": {"propagating_vgws", "route"},
    "aws_s3_bucket": {
        "acceleration_status",
        "cors_rule",
        "grant",
        "lifecycle_rule",
        "logging",
        "object_lock_configuration",
        "policy",
        "replication_configuration",
        "request_payer",
        "server_side_encryption_configuration",
        "versioning",
        "website",
        "website_domain",
        "website_endpoint",
    },
    "aws_secretsmanager_secret": {"policy", "rotation_enabled", "rotation_rules", "rotation_lambda_arn"},
    "aws_sns_topic": {"policy"},
    "aws_sqs_queue": {"policy", "redrive_policy", "redrive_allow_policy"},
    "aws_vpc": {"default_route_table_id", "default_security_group_id", "main_route_table_id"},
}
"""Type, and attributes that only repeat what another resource of the same configuration manages.

They count as drift all the same where a change of this plan depends on them (`relevant_attributes`), or where the
resource itself is going to be changed because of them.
"""
FROM_ONE_ON = {"aws_cloudwatch_metric_alarm": frozenset({"period"})}
"""Type, and numbers inside its blocks that AWS takes from 1 on: 0 is how the provider writes that there is none."""
EMPTY: tuple[object, ...] = (None, "", [], {}, False)


def is_noise(
    entry: ResourceChange,
    changing: Collection[str],
    relevant: Collection[tuple[str, str]],
    grants: Grants,
) -> bool:
    """Whether drift says nothing.

    Args:
        entry: The entry of `resource_drift`.
        changing: Addresses that the plan updates, replaces or destroys.
        relevant: Address and attribute of what the plan depends on.
        grants: What the configuration's own resources let in and allow.
    """
    raw = entry.change
    if NULL in (raw.after, raw.before):
        return False
    if raw.actions == ("no-op",):
        return True
    before, after = attributes(raw.before), attributes(raw.after)
    quiet = VOLATILE | (MIRRORED.get(entry.type, set()) if entry.address not in changing else set())
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return all(
        (name in quiet and (entry.address, name) not in relevant)
        or _says_the_same(before.get(name), after.get(name), FROM_ONE_ON.get(entry.type, frozenset()))
        or grants.explain(entry, name)
        for name in changed
    )


def relevant_attributes(plan: Plan) -> set[tuple[str, str]]:
    """Return address and attribute of what the changes of a plan depend on."""
    return {
        (each.resource, each.attribute[0])
        for each in plan.relevant_attributes
        if each.attribute and isinstance(each.attribute[0], str)
    }


def _says_the_same(before: Raw | None, after: Raw | None, from_one_on: Collection[str]) -> bool:
    return _alike(None if before is None else decode(before), None if after is None else decode(after), from_one_on)


def _alike(before: object, after: object, from_one_on: Collection[str]) -> bool:
    """Whether two values differ at most in what is empty, however deep."""
    if _is_empty(before) and _is_empty(after):
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        return all(
            _alike(before.get(name), after.get(name), from_one_on)
            or (name in from_one_on and not before.get(name) and not after.get(name))
            for name in before.keys() | after.keys()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(
            _alike(old, new, from_one_on) for old, new in zip(before, after, strict=True)
        )
    return type(before) is type(after) and before == after


def _is_empty(value: object) -> bool:
    """Whether a value says nothing. `0` does: it is a number that somebody chose."""
    return any(value is each or (value == each and type(value) is type(each)) for each in EMPTY)
