"""Descriptions with containers, files, rotation or a firewall that are wrong in one way each, as elsewhere."""

from __future__ import annotations

from tests.unit.bad_descriptions import Edit, drop, put

DIGEST = "sha256:" + 64 * "a"
GOOD = {"image": DIGEST}


def container(**options: object) -> list[Edit]:
    """Put containers in the place of the function."""
    return [drop("service"), put("registry", {}), put("container", GOOD | options)]


CONTAINER_CASES: dict[str, tuple[list[Edit], str, str, str, str]] = {
    "a function and containers": (
        [put("registry", {}), put("container", GOOD)],
        "container",
        "one application: a function or containers",
        "[service] and [container]",
        "[service] or [container]",
    ),
    "a mutable tag where the environment is protected": (
        [*container(image="latest"), put("protected", True)],
        "container.image",
        "a tag can be moved to another image",
        "latest",
        "sha256:",
    ),
    "an image that is nowhere": (
        [*container(), drop("registry")],
        "container.repository",
        "says nothing about where the image is",
        "none",
        "a repository, or [registry]",
    ),
    "an image that cannot be reached": (
        container(repository="public.ecr.aws/nginx/nginx"),
        "container.repository",
        "cannot be reached from private subnets",
        "public.ecr.aws/nginx/nginx",
        'network.nat = "per-zone"',
    ),
    "a task that Fargate does not have": (
        container(cpu=256, memory_mb=4096),
        "container.memory_mb",
        "Fargate has no such task with 256 CPU units",
        "4096",
        "512, 1024, 2048",
    ),
    "memory between Fargate's steps": (
        container(cpu=8192, memory_mb=17000),
        "container.memory_mb",
        "Fargate has no such task with 8192 CPU units",
        "17000",
        "16384 to 61440 in steps of 4096",
    ),
    "a CPU size that Fargate does not have": (container(cpu=300), "container.cpu", "input should be", "300", "256"),
    "a container that runs as root": (
        container(user="0:0"),
        "container.user",
        "is not of the right form",
        "'0:0'",
        "never root",
    ),
    "fewer tasks at most than at least": (
        container(min_tasks=20),
        "container.min_tasks",
        "is above container.max_tasks",
        "20",
        "at most 10",
    ),
    "more tasks in the standby than anywhere": (
        container(standby_tasks=11),
        "container.standby_tasks",
        "is above container.max_tasks",
        "11",
        "at most 10",
    ),
    "a warm standby without tasks": (
        container(standby_tasks=0),
        "container.standby_tasks",
        "a warm standby serves at any time",
        "0",
        "at least 1",
    ),
    "files that are not there": (
        container(mount_path="/srv"),
        "container.mount_path",
        "there is nothing to mount",
        "/srv",
        "a [file_system] table",
    ),
    "a secret in the file": (
        container(environment={"STRIPE_API_KEY": "x"}),
        "container.environment.STRIPE_API_KEY",
        "looks like a secret",
        "STRIPE_API_KEY",
        "Secrets Manager",
    ),
    "containers without a route to AWS": (
        [*container(), put("network.endpoints", False)],
        "container",
        "has no route to the AWS services that it calls",
        "no endpoints and no NAT",
        "network.endpoints = true",
    ),
    "rotation without a route to Secrets Manager": (
        [put("rotation", {}), put("network.endpoints", False)],
        "rotation",
        "has no route from the VPC to Secrets Manager",
        "no endpoints and no NAT",
        "network.endpoints = true",
    ),
    "rotation of nothing": (
        [drop("database"), put("rotation", {})],
        "rotation",
        "there are no credentials to rotate",
        "no [database]",
        "a [database] table",
    ),
    "a former password that outlives the next one": (
        [put("rotation", {"days": 1, "grace_seconds": 86400})],
        "rotation.grace_seconds",
        "would outlive the next rotation",
        "86400",
        "less than 86400",
    ),
    "a former password that ends before the tasks are replaced": (
        [*container(), put("rotation", {"grace_seconds": 60}), put("protected", True)],
        "rotation.grace_seconds",
        "would be locked out before",
        "60",
        "at least 86400",
    ),
    "files replicated to where they are": (
        [put("file_system", {"rpo_seconds": 900, "replicate_to": "us-east-1"})],
        "file_system.replicate_to",
        "is the region that the file system is in",
        "us-east-1",
        "us-west-2",
    ),
    "files replicated to a region that is none of the system's": (
        [put("file_system", {"rpo_seconds": 900, "replicate_to": "eu-west-1"})],
        "file_system.replicate_to",
        "is no standby of this system",
        "eu-west-1",
        "us-west-2",
    ),
    "files for three regions": (
        [
            put("file_system", {"rpo_seconds": 900}),
            put("regions", [{"name": "us-east-1"}, {"name": "us-west-2"}, {"name": "eu-west-1"}]),
        ],
        "file_system",
        "EFS replicates to one region",
        "2 standbys",
        "one standby",
    ),
    "files that are written everywhere": (
        [put("file_system", {"rpo_seconds": 900}), put("strategy", "active-active")],
        "file_system",
        "a replica cannot be written",
        "active-active",
        "buckets",
    ),
    "files that may lose less than EFS promises": (
        [put("file_system", {})],
        "file_system.rpo_seconds",
        "EFS replicates within 15 minutes",
        "60",
        "at least 900",
    ),
    "an exception of a group that is not asked": (
        [put("firewall", {"overrides": {"AWSManagedRulesPHPRuleSet": {"PHPHighRiskMethods": "we use none of it"}}})],
        "firewall.overrides.AWSManagedRulesPHPRuleSet",
        "is not among firewall.groups",
        "AWSManagedRulesPHPRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ),
    "an exception without a reason": (
        [put("firewall", {"overrides": {"AWSManagedRulesCommonRuleSet": {"SizeRestrictions_BODY": ""}}})],
        "firewall.overrides.AWSManagedRulesCommonRuleSet.SizeRestrictions_BODY",
        "at least 10 characters",
        "''",
        "10",
    ),
    "a group that is listed twice": (
        [put("firewall", {"groups": ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesSQLiRuleSet"]})],
        "firewall.groups",
        "is listed twice",
        "AWSManagedRulesSQLiRuleSet",
        "each group once",
    ),
    "a rule group that AWS does not have": (
        [put("firewall", {"groups": ["AWSManagedRulesEverything"]})],
        "firewall.groups.0",
        "input should be",
        "'AWSManagedRulesEverything'",
        "AWSManagedRulesCommonRuleSet",
    ),
}
