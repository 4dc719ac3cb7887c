"""Least privilege: no wildcard that is not on a list with its reason."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Json, Resource, Synthesized
from tests.unit.variants import EVERY_SYSTEM, only

WILD_ACTIONS = {
    "kms:GenerateDataKey*": "the variants with and without plain text; services choose between them",
    "kms:ReEncrypt*": "from and to, which only work together",
}
"""Actions with a wildcard in identity policies, each with its reason."""

WILD_RESOURCES = {
    "*log-group.arn}:*": "the streams of one log group",
    "*bucket.arn}/*": "the objects of one bucket",
    "*:parameter/*-*/*": "the parameters of this system in this region",
    "*log-group.arn}:log-stream:*_CloudTrail_**": "CloudTrail names the streams of its log group itself",
    "*:table/*-orders/index/*": "the indexes of one table",
    "*:execution:*-failover:*": "the executions of one state machine, whose names are not known beforehand",
    "*": "deliveries of logs have no ARN",
    "*:secret:/*-*/database/credentials-??????": "six characters that AWS appends to a secret's name",
    "*:secret:/*-*/database/master-??????": "as above",
    "arn:${partition.partition}:elasticfilesystem:*:${account.account_id}:file-system/*": (
        "the source of a replication, whose id and tags a region cannot learn from one that is dark"
    ),
    "*:logs:*:${account.account_id}:log-group:/aws/lambda/us-east-1.*:*": (
        "Lambda@Edge logs in the region nearest to the viewer, whichever that is"
    ),
}
"""Patterns of resources with a wildcard in identity policies, each with its reason."""

MANAGED = {
    "service-role/AWSLambdaVPCAccessExecutionRole": "network interfaces have no ARN beforehand",
    "AWSXRayDaemonWriteAccess": "traces have no ARN",
    "service-role/AmazonRDSEnhancedMonitoringRole": "writes to RDS's own log group",
    "service-role/AWSBackupServiceRolePolicyForBackup": "AWS keeps the list of supported services current",
    "service-role/AWSBackupServiceRolePolicyForRestores": "as above",
    "AWSBackupServiceRolePolicyForS3Backup": "as above",
    "AWSBackupServiceRolePolicyForS3Restore": "as above",
}
"""AWS's own policies that are attached, each with its reason."""


def many(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def identity_statements(deployed: Synthesized) -> list[tuple[Resource, Json]]:
    return [
        (policy, statement)
        for policy in deployed.all("aws_iam_role_policy")
        for statement in policy.statements().values()
    ]


def test_no_identity_policy_allows_an_action_by_wildcard_without_a_reason(synthesized: Synthesize) -> None:
    wild = {
        action
        for name in EVERY_SYSTEM
        for _policy, statement in identity_statements(synthesized(name))
        for action in many(statement["Action"])
        if "*" in action
    }
    assert wild == set(WILD_ACTIONS)


def test_no_identity_policy_names_a_resource_by_wildcard_without_a_reason(synthesized: Synthesize) -> None:
    used = set()
    for name in EVERY_SYSTEM:
        for policy, statement in identity_statements(synthesized(name)):
            for resource in many(statement["Resource"]):
                if "*" in resource or "?" in resource:
                    fitting = {each for each in WILD_RESOURCES if _fits(resource, each)}
                    assert fitting, (policy, resource)
                    used |= fitting
    assert used == set(WILD_RESOURCES)  # a reason that nothing needs any more goes away


def _fits(resource: str, pattern: str) -> bool:
    """Match the pattern's leading `*` against anything, and its last wildcard against itself."""
    return fnmatchcase(resource.replace("?", "_").removesuffix("*"), pattern.replace("?", "_").removesuffix("*"))


def test_every_statement_of_an_identity_policy_only_allows(either: Synthesized) -> None:
    for policy, statement in identity_statements(either):
        assert statement["Effect"] == "Allow", policy
        assert set(statement) == {"Sid", "Effect", "Action", "Resource"}, policy


def test_aws_own_policies_are_attached_for_a_reason(either: Synthesized) -> None:
    attached = {each["policy_arn"].split(":policy/")[1] for each in either.all("aws_iam_role_policy_attachment")}
    assert attached == set(MANAGED)


def test_every_role_is_assumed_by_one_aws_service(either: Synthesized) -> None:
    for role in either.all("aws_iam_role"):
        trust = only(list(role.statements("assume_role_policy").values()))
        assert trust["Principal"]["Service"].endswith(".amazonaws.com"), role
        assert trust["Action"] == "sts:AssumeRole"


def test_the_application_uses_the_replica_of_its_own_region(either: Synthesized) -> None:
    for stack in either.regional:
        items = stack.by_path("service/role/use-table-orders").statements()["Items"]
        table = f"arn:${{partition.partition}}:dynamodb:{stack.place}:${{account.account_id}}:table/"
        assert all(resource.startswith(table) for resource in items["Resource"])
        assert not {action for action in items["Action"] if "Delete" in action or "Scan" in action}


def test_the_application_deletes_no_object(either: Synthesized) -> None:
    for stack in either.regional:
        statements = stack.by_path("service/role/use-assets").statements()
        assert statements["Objects"]["Action"] == ["s3:GetObject", "s3:PutObject"]
        assert statements["List"]["Action"] == "s3:ListBucket"


def test_replication_reads_its_source_and_writes_its_destinations(either: Synthesized) -> None:
    for each in either.world.all("aws_s3_bucket_replication_configuration"):
        role = each.path.removesuffix("/rules") + "/role"
        other = only([plan.name for plan in either.system.regions if plan.name != each.region])
        read = either.world.by_path(f"{role}/read-source").statements()
        write = either.world.by_path(f"{role}/write-replicas").statements()
        assert read["Decrypt"]["Resource"] == f"{each.region}:key/key.arn"
        assert write["Encrypt"]["Resource"] == f"{other}:key/key.arn"
        assert set(write["Replicate"]["Action"]) == {"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"}


def test_policies_open_to_everybody_are_narrowed_by_a_condition(either: Synthesized) -> None:
    arguments = ("policy", "assume_role_policy")
    for resource in either.everywhere:
        for argument in [each for each in arguments if each in resource]:
            for statement in resource.statements(argument).values():
                if statement.get("Principal") == "*" and statement["Effect"] == "Allow":
                    asked = statement["Condition"]["StringEquals"]
                    account = asked.get("aws:PrincipalAccount") or asked["kms:CallerAccount"]
                    assert account == "account.account_id", resource


def test_only_the_load_balancer_invokes_the_function(either: Synthesized) -> None:
    for permission in either.all("aws_lambda_permission"):
        assert permission["action"] == "lambda:InvokeFunction"
        assert permission["source_arn"] == "load-balancer/target-group.arn"
