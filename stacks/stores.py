"""The parts of a regional stack that only some systems have: their bindings are loaded where they are needed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs import Construct

from constructs_lib.backup import Backup
from constructs_lib.foundation import Foundation
from constructs_lib.secret import MasterCredentials, credentials_name, grant_read_credentials
from deployments.model import Deployment
from deployments.stores import Cache as CacheSpec
from deployments.stores import Instance as InstanceSpec

if TYPE_CHECKING:
    from constructs_lib.cache import Cache
    from constructs_lib.instance import Instance, InstancePlace
    from constructs_lib.trail import Trail
    from stacks.regional import RegionalStack


def instance_place(stack: Construct, base: Foundation, spec: InstanceSpec | None) -> InstancePlace | None:
    """Make the place of an instance: in every region, since a standby restores it there."""
    if spec is None:
        return None
    from constructs_lib.instance import InstancePlace  # noqa: PLC0415 its bindings take time to load, most need none

    return InstancePlace(stack, "instance-place", base=base, spec=spec)


def instance(
    stack: RegionalStack, place: InstancePlace | None, credentials: MasterCredentials | None
) -> Instance | None:
    """Make the instance of the region that runs it."""
    spec = stack.system.spec.instance
    if not stack.plan.capacity.instance or spec is None or place is None or credentials is None:
        return None
    from constructs_lib.instance import Instance  # noqa: PLC0415 as above

    return Instance(stack, "instance", base=stack.base, spec=spec, place=place, credentials=credentials)


def cache(stack: Construct, base: Foundation, spec: CacheSpec | None) -> Cache | None:
    """Make the cache of a region that is to have one."""
    if spec is None:
        return None
    from constructs_lib.cache import Cache  # noqa: PLC0415 as above

    return Cache(stack, "cache", base=base, spec=spec)


def trail(stack: RegionalStack) -> Trail | None:
    """Make the region's trail where an audit is asked for."""
    if stack.system.spec.audit is None:
        return None
    from constructs_lib.trail import Trail  # noqa: PLC0415 as above

    return Trail(stack, "trail", base=stack.base, is_primary=stack.plan.is_primary, watched=watched(stack))


def restore_test(
    stack: Construct, base: Foundation, backup: Backup, spec: Deployment, place: InstancePlace | None
) -> None:
    """Have AWS restore the newest recovery points of every kind on a schedule."""
    every = spec.backup.restore_test if spec.backup else None
    if every is None:
        return
    from constructs_lib.restore_test import RestoreTest  # noqa: PLC0415 as above

    kinds: dict[str, dict[str, str]] = {}
    if place:
        kinds["RDS"] = {
            "dbSubnetGroupName": place.subnet_group,
            "dbParameterGroupName": place.parameter_group,
            "vpcSecurityGroupIds": json.dumps([place.security_group.id]),
            "multiAz": "false",
        }
    kinds |= {"DynamoDB": {}} if spec.tables else {}
    kinds |= {"S3": {}} if spec.buckets else {}
    RestoreTest(stack, "restore-test", base=base, backup=backup, every=every, kinds=kinds)


def parameters(instance: Instance | None, cache: Cache | None) -> dict[str, str]:
    """Tell the application where its stores are, and who it is there."""
    values: dict[str, str] = {}
    if instance:
        values |= {"database/endpoint": instance.resource.address, "database/name": instance.resource.db_name}
    if cache:
        values |= {"cache/endpoint": cache.endpoint, "cache/name": cache.name, "cache/user": cache.user_name}
        values |= {"cache/reader-endpoint": cache.reader_endpoint} if cache.reader_endpoint else {}
    return values


def environment(stack: RegionalStack) -> dict[str, str]:
    """Tell the function where the instance is and which secret opens it."""
    if stack.instance is None:
        return {}
    resource = stack.instance.resource
    secret = credentials_name(stack.base.site)
    return {"DATABASE_HOST": resource.address, "DATABASE_NAME": resource.db_name, "DATABASE_SECRET": secret}


def connect(stack: RegionalStack) -> None:
    """Open instance and cache to the function, and to nobody else."""
    function = stack.function
    if stack.instance and stack.place:
        stack.place.allow_from(function.security_group)
        grant_read_credentials(function.role, stack.base.site)
    if stack.cache:
        stack.cache.allow_from(function.security_group)
        stack.cache.grant_connect(function.role)


def watched(stack: RegionalStack) -> dict[str, str]:
    """List by ARN what an audit wants to see every use of."""
    found = {bucket.arn: "bucket" for bucket in stack.buckets.values()}
    for purpose in stack.system.spec.tables if stack.plan.capacity.replicas else ():
        found[stack.base.site.arn("dynamodb", f"table/{stack.system.names.of('table', purpose)}")] = "table"
    return found | ({stack.function.arn: "function"} if stack.entry and stack.system.spec.service else {})


def facts(stack: RegionalStack) -> dict[str, Any]:
    """Return the outputs from which tests and the command find these parts. None of them is ever empty."""
    facts = _instance_facts(stack) | _cache_facts(stack.cache) | _audit_facts(stack.trail)
    if stack.backup and stack.system.spec.strategy == "backup-restore":  # whose recovery is a restore
        facts["backup_role_arn"] = stack.backup.role.arn
    return facts


def _instance_facts(stack: RegionalStack) -> dict[str, Any]:
    if stack.place is None:
        return {}
    facts: dict[str, Any] = {
        "instance_identifier": stack.place.identifier,
        "instance_subnet_group_name": stack.place.subnet_group,
        "instance_parameter_group_name": stack.place.parameter_group,
        "instance_security_group_id": stack.place.security_group.id,
    }
    if stack.instance:
        facts["instance_endpoint"] = stack.instance.resource.address
    return facts


def _cache_facts(cache: Cache | None) -> dict[str, Any]:
    if cache is None:
        return {}
    facts = {
        "cache_replication_group_id": cache.resource.replication_group_id,
        "cache_endpoint": cache.endpoint,
        "cache_security_group_id": cache.security_group.id,
        "cache_user_id": cache.user_name,
    }
    return facts | ({"cache_reader_endpoint": cache.reader_endpoint} if cache.reader_endpoint else {})


def _audit_facts(trail: Trail | None) -> dict[str, Any]:
    if trail is None:
        return {}
    return {
        "trail_name": trail.name,
        "trail_arn": trail.resource.arn,
        "audit_bucket_name": trail.bucket.name,
        "audit_log_group_name": trail.log_group.name,
        "audit_key_arn": trail.key.arn,
    }
