"""Evidence: every rule names the resources that keep it, and finds the one that does not."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lifeboat.cli import cli
from lifeboat.evidence.rules import RULES

Json = Any
Fault = Callable[[Json], None]
STACK = "globecart-prod-us-west-1"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesize the shop that handles card data once, the way that the command does."""
    from lifeboat.evidence.command import _synthesize  # noqa: PLC0415 the one thing that is shared

    folder = tmp_path_factory.mktemp("evidence") / "cdktf.out"
    return _synthesize(folder, {"DEPLOYMENT": "globecart", "ENVIRONMENT_SUFFIX": "prod"})


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["evidence", *arguments])


def first(resources: Json, type_: str, part: str = "") -> Json:
    return next(each for name, each in resources[type_].items() if part in name)


def give(type_: str, argument: str, value: Json, part: str = "") -> Fault:
    """Return a fault that writes an argument of a resource."""

    def fault(resources: Json) -> None:
        first(resources, type_, part)[argument] = value

    return fault


def lose(type_: str, part: str = "") -> Fault:
    """Return a fault that takes a resource away."""

    def fault(resources: Json) -> None:
        del resources[type_][next(name for name in resources[type_] if part in name)]

    return fault


def everybody(resources: Json) -> None:
    policy = first(resources, "aws_iam_role_policy", "read-parameters")
    statement = {"Sid": "All", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy["policy"] = json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def root_container(resources: Json) -> None:
    task = first(resources, "aws_ecs_task_definition")
    task["container_definitions"] = task["container_definitions"].replace('"user": "1000:1000"', '"user": "0"')


def tagged_image(resources: Json) -> None:
    task = first(resources, "aws_ecs_task_definition")
    task["container_definitions"] = task["container_definitions"].replace("@sha256:", ":latest")


def open_database(resources: Json) -> None:
    rule = first(resources, "aws_vpc_security_group_ingress_rule", "database")
    del rule["referenced_security_group_id"]
    rule["cidr_ipv4"] = "0.0.0.0/0"


FAULTS: dict[str, tuple[str, Fault, str]] = {
    "a store loses its key": ("encrypted-at-rest", give("aws_sqs_queue", "kms_master_key_id", None), "aws_sqs_queue"),
    "a bucket loses its encryption": (
        "encrypted-at-rest",
        lose("aws_s3_bucket_server_side_encryption_configuration", "firewall"),
        "aws_s3_bucket.firewall",
    ),
    "files lose their encryption": (
        "encrypted-at-rest",
        give("aws_efs_file_system", "encrypted", False),
        "aws_efs_file_system",
    ),
    "a key is not rotated": ("keys-rotate", give("aws_kms_key", "enable_key_rotation", False), "aws_kms_key"),
    "an old TLS policy": (
        "tls-from-outside",
        give("aws_lb_listener", "ssl_policy", "ELBSecurityPolicy-2016-08", "https"),
        "aws_lb_listener",
    ),
    "plain HTTP to the tasks": ("tls-inside", give("aws_lb_target_group", "protocol", "HTTP"), "aws_lb_target_group"),
    "a database that takes plain connections": (
        "tls-inside",
        give("aws_rds_cluster_parameter_group", "parameter", []),
        "aws_rds_cluster_parameter_group",
    ),
    "a bucket that takes plain requests": (
        "tls-inside",
        give("aws_s3_bucket_policy", "policy", '{"Statement": []}', "logs"),
        "aws_s3_bucket",
    ),
    "a bucket that can be made public": (
        "no-public-store",
        lose("aws_s3_bucket_public_access_block"),
        "aws_s3_bucket",
    ),
    "a database with a public address": (
        "no-public-store",
        give("aws_rds_cluster_instance", "publicly_accessible", True),
        "aws_rds_cluster_instance",
    ),
    "a database open to the internet": ("segmented", open_database, "aws_vpc_security_group_ingress_rule.database"),
    "a default group that lets everything through": (
        "segmented",
        lose("aws_default_security_group"),
        "aws_vpc",
    ),
    "tasks with public addresses": (
        "private-code",
        give("aws_ecs_service", "network_configuration", {"assign_public_ip": True}),
        "aws_ecs_service",
    ),
    "no firewall": ("firewall", lose("aws_wafv2_web_acl_association"), "aws_lb"),
    "a firewall without logs": ("firewall", lose("aws_wafv2_web_acl_logging_configuration"), "aws_wafv2_web_acl"),
    "a permission for everything": ("least-privilege", everybody, "aws_iam_role_policy"),
    "no rotation": ("rotated-credentials", lose("aws_secretsmanager_secret_rotation"), "aws_secretsmanager_secret"),
    "a password in plain text": (
        "no-secret-values",
        give("aws_rds_cluster", "master_password", "hunter2"),
        "aws_rds_cluster",
    ),
    "a container that runs as root": ("hardened-containers", root_container, "aws_ecs_task_definition"),
    "tags that can move": (
        "hardened-containers",
        give("aws_ecr_repository", "image_tag_mutability", "MUTABLE"),
        "aws_ecr_repository",
    ),
    "an image by tag": ("reviewed-images", tagged_image, "aws_ecs_task_definition"),
    "no trail": ("logs-written", lose("aws_cloudtrail"), "aws_vpc"),
    "no flow log": ("logs-written", lose("aws_flow_log"), "aws_vpc"),
    "logs of three months": (
        "logs-kept",
        give("aws_cloudwatch_log_group", "retention_in_days", 90),
        "aws_cloudwatch_log_group",
    ),
    "a trail that can be deleted": ("logs-locked", lose("aws_s3_bucket_object_lock_configuration"), "aws_s3_bucket"),
    "an alarm that tells nobody": (
        "people-are-told",
        give("aws_cloudwatch_metric_alarm", "alarm_actions", []),
        "aws_cloudwatch_metric_alarm",
    ),
}
"""What is done to the primary's stack, the rule that must notice, and what it must name."""


def broken(out: Path, folder: Path, fault: Fault) -> Path:
    copied = Path(shutil.copytree(out, folder / "cdktf.out"))
    file = copied / "stacks" / STACK / "cdk.tf.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    before = copy.deepcopy(content)
    fault(content["resource"])
    assert content != before, "the fault changed nothing"
    file.write_text(json.dumps(content), encoding="utf-8")
    return copied


def test_the_shop_that_handles_card_data_keeps_every_rule(out: Path) -> None:
    result = run("--from", str(out), "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["kept"] is True
    assert {rule["name"]: rule["outcome"] for rule in found["rules"]} == {rule.name: "kept" for rule in RULES}
    assert all(rule["resources"] and rule["requirements"] for rule in found["rules"])


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_rule_ends_with_1_and_names_the_resource(out: Path, tmp_path: Path, name: str) -> None:
    rule, fault, resource = FAULTS[name]
    result = run("--from", str(broken(out, tmp_path, fault)))
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if line.strip().startswith(f"{rule}: ")]
    assert any(resource in line for line in told), result.output


def test_every_rule_is_broken_by_a_fault() -> None:
    assert {rule for rule, _fault, _resource in FAULTS.values()} == {rule.name for rule in RULES}


def test_a_secret_is_not_shown_by_the_rule_that_finds_it(out: Path, tmp_path: Path) -> None:
    result = run("--from", str(broken(out, tmp_path, FAULTS["a password in plain text"][1])))
    assert "hunter2" not in result.output


def test_the_rules_are_written_for_people_and_for_an_auditor(out: Path, tmp_path: Path) -> None:
    text = run("--from", str(out)).output
    assert "kept      firewall (6.4.2)" in text
    assert "17 of 17 rules kept, 0 do not apply" in text
    file = tmp_path / "evidence.md"
    told = run("--from", str(out), "--format", "markdown", "--output", str(file)).output
    assert told.startswith("17 of 17 rules kept")
    written = file.read_text(encoding="utf-8")
    assert "| firewall | 6.4.2 |" in written
    assert f"- `{STACK}:aws_lb." in written


def test_any_deployment_can_be_asked_and_says_what_is_missing() -> None:
    result = run("ecommerce", "--suffix", "dev")
    assert result.exit_code == 1
    assert "rotated-credentials: ecommerce-dev-us-east-1:aws_secretsmanager_secret" in result.output
    assert "does not apply hardened-containers" in result.output


def test_a_deployment_that_is_not_there_is_told_without_a_traceback() -> None:
    for arguments in (["nowhere", "--suffix", "dev"], ["--from", "nowhere"], ["all", "--suffix", "dev"]):
        result = run(*arguments)
        assert (result.exit_code, result.output.startswith("error: ")) == (1, True), result.output
