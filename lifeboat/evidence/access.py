"""Rules about access: permissions, credentials, and what containers may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifeboat.evidence.configuration import Configuration, Json
from lifeboat.evidence.rule import Finding, Rule, finding, shown

WITHOUT_RESOURCE = {
    "ecr:GetAuthorizationToken": "the token belongs to no repository",
    "logs:CreateLogDelivery": "deliveries of logs have no ARN",
    "logs:DeleteLogDelivery": "deliveries of logs have no ARN",
    "logs:DescribeLogGroups": "Step Functions looks for the group that it delivers to",
    "logs:DescribeResourcePolicies": "policies of CloudWatch Logs have no ARN",
    "logs:GetLogDelivery": "deliveries of logs have no ARN",
    "logs:ListLogDeliveries": "deliveries of logs have no ARN",
    "logs:PutResourcePolicy": "policies of CloudWatch Logs have no ARN",
    "logs:UpdateLogDelivery": "deliveries of logs have no ARN",
    "xray:PutTelemetryRecords": "traces have no ARN",
    "xray:PutTraceSegments": "traces have no ARN",
}
"""Actions for which AWS knows no resource to name:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""
TOO_MUCH = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
POLICIES = {
    "aws_s3_bucket_policy": "policy",
    "aws_sns_topic_policy": "policy",
    "aws_sqs_queue_policy": "policy",
    "aws_ecr_repository_policy": "policy",
    "aws_secretsmanager_secret_policy": "policy",
    "aws_efs_file_system_policy": "policy",
    "aws_backup_vault_policy": "policy",
    "aws_kms_key": "policy",
}
"""Policies of resources, and the argument that holds each."""
SECRET_ARGUMENTS = ("master_password", "password", "secret_string", "auth_token", "secret_binary")
MOST_DAYS = 90
"""PCI DSS v4.0.1 asks for 90 days where a password is the only factor (8.3.9)."""


def many(value: Json) -> list[str]:
    """Read what IAM lets be one or several."""
    return [value] if isinstance(value, str) else list(value or [])


def _permissions(configuration: Configuration) -> Iterator[Finding]:
    for policy in configuration.all("aws_iam_role_policy", "aws_iam_policy"):
        wild = [each for statement in policy.statements() for each in _wild(statement)]
        good = "names its actions and resources"
        yield shown(policy, kept=not wild, good=good, bad=f"allows {', '.join(wild)}")
    for attached in configuration.all("aws_iam_role_policy_attachment"):
        arn = str(attached.get("policy_arn"))
        kept = not arn.endswith(TOO_MUCH) and not arn.endswith("FullAccess")
        yield shown(attached, kept=kept, good=f"AWS's own {arn.rsplit('/', 1)[-1]}", bad=f"attaches {arn}")
    for type_, argument in POLICIES.items():
        for each in configuration.all(type_):
            opened = [s.get("Sid", "a statement") for s in each.statements(argument) if _lets_everybody(s)]
            bad = f"lets everybody in: {', '.join(map(str, opened))}"
            yield shown(each, kept=not opened, good="lets nobody in without a condition", bad=bad)


def _wild(statement: Mapping[str, Json]) -> list[str]:
    """List what an identity policy allows by a wildcard that stands for everything."""
    if statement.get("Effect") != "Allow":
        return []
    actions = many(statement.get("Action"))
    found = [action for action in actions if action == "*" or action.endswith(":*")]
    if "*" in many(statement.get("Resource")):
        found += [f"{action} on *" for action in actions if action not in WITHOUT_RESOURCE]
    return found


def _lets_everybody(statement: Mapping[str, Json]) -> bool:
    principal = statement.get("Principal")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in many(principal.get("AWS")))
    return everybody and statement.get("Effect") == "Allow" and not statement.get("Condition")


def _rotation(configuration: Configuration) -> Iterator[Finding]:
    rotations = configuration.all("aws_secretsmanager_secret_rotation")
    for secret in configuration.all("aws_secretsmanager_secret"):
        days = [
            each.block("rotation_rules").get("automatically_after_days")
            for each in rotations
            if each.stack == secret.stack and secret.local in each.references("secret_id")
        ]
        kept = bool(days) and all(isinstance(each, int) and each <= MOST_DAYS for each in days)
        often = ", ".join(map(str, days))
        bad = f"rotated every {often} days" if days else "never rotated"
        yield shown(secret, kept=kept, good=f"rotated every {often} days", bad=bad)


def _no_secret_values(configuration: Configuration) -> Iterator[Finding]:
    for each in configuration.resources:
        written = [name for name in SECRET_ARGUMENTS if each.get(name) is not None]
        write_only = [name for name in SECRET_ARGUMENTS if each.get(f"{name}_wo") is not None]
        if written:
            yield finding(each, f"{', '.join(written)} would be in plans and in the state", kept=False)
        elif write_only:
            values = [str(each.get(f"{name}_wo")) for name in write_only]
            kept = all("${" in value and "ephemeral." in value for value in values)
            yield shown(each, kept=kept, good="written once, kept nowhere else", bad="holds a value in plain text")


def _containers(configuration: Configuration) -> Iterator[Finding]:
    for task in configuration.all("aws_ecs_task_definition"):
        for container in task.document("container_definitions") or []:
            missing = [what for what, kept in _hardening(container).items() if not kept]
            good = "read-only, without privileges, not as root"
            yield shown(task, kept=not missing, good=good, bad=f"{container.get('name')}: {', '.join(missing)}")
    for repository in configuration.all("aws_ecr_repository"):
        scanned = repository.block("image_scanning_configuration").get("scan_on_push") is True
        fixed = repository.get("image_tag_mutability") == "IMMUTABLE"
        good, bad = "images are scanned, and tags never move", "images are not scanned, or tags can move"
        yield shown(repository, kept=scanned and fixed, good=good, bad=bad)


def _hardening(container: Mapping[str, Json]) -> dict[str, bool]:
    """Say what a container does about each way out of it."""
    user = str(container.get("user") or "").split(":")[0]
    dropped = container.get("linuxParameters", {}).get("capabilities", {}).get("drop", [])
    secret_names = {each["name"] for each in container.get("secrets", [])}
    plain = {each["name"] for each in container.get("environment", [])}
    return {
        "its root file system can be written": container.get("readonlyRootFilesystem") is True,
        "it is privileged": container.get("privileged") is not True,
        "it runs as root": user not in {"", "0", "root"},
        "it keeps capabilities": "ALL" in dropped,
        "it has a password in its environment": not any("PASSWORD" in name for name in plain - secret_names),
    }


def _images(configuration: Configuration) -> Iterator[Finding]:
    for task in configuration.all("aws_ecs_task_definition"):
        names = [str(each.get("image")) for each in task.document("container_definitions") or []]
        kept = bool(names) and all("@sha256:" in name for name in names)
        yield shown(task, kept=kept, good="names its image by digest", bad="names its image by a tag that can move")


RULES = (
    Rule(
        name="least-privilege",
        requirements=("7.2.1", "7.2.2", "7.2.5"),
        promise="Every permission names its actions and its resources; no wildcard stands for everything.",
        look=_permissions,
    ),
    Rule(
        name="rotated-credentials",
        requirements=("8.3.9", "8.6.3"),
        promise=f"Passwords change by themselves, at least every {MOST_DAYS} days.",
        look=_rotation,
    ),
    Rule(
        name="no-secret-values",
        requirements=("8.3.2", "8.6.2"),
        promise="No password is in code, plans, state or configuration.",
        look=_no_secret_values,
    ),
    Rule(
        name="hardened-containers",
        requirements=("2.2.4", "2.2.6", "6.3.1"),
        promise="Containers can do what they are for and no more, and their images are scanned.",
        look=_containers,
    ),
    Rule(
        name="reviewed-images",
        requirements=("6.5.1", "11.5.2"),
        promise="What runs is the very image that was reviewed.",
        look=_images,
    ),
)
