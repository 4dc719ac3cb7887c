"""Plans that Terraform and the AWS provider make on the embedded AWS: what is forced, what drifted, what is noise."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from lifeboat.failure import Exit
from lifeboat.local.context import pointed_at
from lifeboat.local.environment import local_variables
from lifeboat.local.server import EmbeddedAws
from lifeboat.plan.allowances import Guards
from lifeboat.plan.inspect import Planned, inspect
from lifeboat.plan.read import parse_plan
from lifeboat.report.model import Action, Change, Report
from lifeboat.workspace import Workspace
from tests.lifeboat.plan.lab import Lab, needs_terraform
from tests.lifeboat.plan.plans import rules

pytestmark = needs_terraform
CONFIGURATION = """
terraform {
  required_providers {
    aws = { source = "aws", version = "5.100.0" }
  }
}
provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
  max_retries       = 2
}
resource "aws_dynamodb_table" "orders" {
  name         = "%(table)s"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  attribute {
    name = "pk"
    type = "S"
  }
}
resource "aws_sqs_queue" "orders" {
  name                       = "plan-orders"
  visibility_timeout_seconds = 60
}
resource "aws_vpc" "main" { cidr_block = "10.9.0.0/16" }
resource "aws_subnet" "data" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "%(subnet)s"
}
resource "aws_security_group" "data" {
  name   = "plan-data"
  vpc_id = aws_vpc.main.id
}
resource "aws_vpc_security_group_ingress_rule" "own" {
  security_group_id = aws_security_group.data.id
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}
resource "aws_network_interface" "data" { subnet_id = aws_subnet.data.id }
"""
BEFORE = CONFIGURATION % {"table": "plan-orders", "subnet": "10.9.0.0/20"}
AFTER = CONFIGURATION % {"table": "plan-orders-v2", "subnet": "10.9.0.0/24"}


@pytest.fixture(scope="module")
def lab(
    tmp_path_factory: pytest.TempPathFactory, session_server: tuple[Workspace, EmbeddedAws]
) -> tuple[Lab, EmbeddedAws]:
    _, server = session_server
    found = Lab(tmp_path_factory.mktemp("aws"), local_variables(server.url))
    found.apply(BEFORE)
    return found, server


def report(lab: Lab, text: str) -> Report:
    return inspect([Planned(stack="aws", plan=parse_plan(lab.show(lab.plan(text)), "aws"))], Guards())


def changes(found: Report) -> dict[str, Change]:
    return {change.address: change for change in found.sections[0].changes}


def test_right_after_an_apply_there_is_nothing_but_noise(lab: tuple[Lab, EmbeddedAws]) -> None:
    found = report(lab[0], BEFORE)
    assert found.sections[0].drift == ()
    assert found.exit_code is Exit.OK
    assert "aws_security_group.data" in {change.address for change in found.sections[0].noise}


def test_the_provider_s_own_reasons_for_a_replacement_are_told(lab: tuple[Lab, EmbeddedAws]) -> None:
    found = report(lab[0], AFTER)
    replaced = {
        address: change.reasons for address, change in changes(found).items() if change.action is Action.REPLACE
    }
    assert replaced == {
        "aws_dynamodb_table.orders": ("cannot be changed in place: name",),
        "aws_subnet.data": ("cannot be changed in place: cidr_block",),
        "aws_network_interface.data": (
            "cannot be changed in place: subnet_id",
            "subnet_id: aws_subnet.data is replaced",
        ),
    }
    assert rules(found) == [("data-loss", "aws_dynamodb_table.orders")]
    assert {change.region for change in changes(found).values()} == {"us-east-1"}
    assert found.sections[0].region == "us-east-1"


def test_state_of_an_older_provider_is_upgraded_and_nothing_is_found(lab: tuple[Lab, EmbeddedAws]) -> None:
    state = lab[0].folder / "terraform.tfstate"
    current = state.read_text(encoding="utf-8")
    state.write_text(json.dumps(written_by_an_older_provider(json.loads(current))), encoding="utf-8")
    try:
        found = report(lab[0], BEFORE)
    finally:
        state.write_text(current, encoding="utf-8")
    assert (found.sections[0].drift, changes(found), found.exit_code) == ((), {}, Exit.OK)


def written_by_an_older_provider(state: dict[str, Any]) -> dict[str, Any]:
    """Take a state back to before schema 1 of two resources, one of which had an argument less."""
    for kind, added in {"aws_dynamodb_table": None, "aws_security_group": "revoke_rules_on_delete"}.items():
        (instance,) = (each["instances"][0] for each in state["resources"] if each["type"] == kind)
        assert instance["schema_version"] == 1
        instance["schema_version"] = 0
        instance["attributes"].pop(added, None)
    return state


def test_what_somebody_did_by_hand_is_drift(lab: tuple[Lab, EmbeddedAws]) -> None:
    with pointed_at(lab[1].url):
        sqs, ec2 = boto3.client("sqs"), boto3.client("ec2")
    url = sqs.get_queue_url(QueueName="plan-orders")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["plan-data"]}])["SecurityGroups"]
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    found = report(lab[0], BEFORE)
    drift = {change.address: change for change in found.sections[0].drift}
    assert sorted(drift) == ["aws_security_group.data", "aws_sqs_queue.orders"]
    (difference,) = [each for each in drift["aws_sqs_queue.orders"].differences if each.path != "tags"]
    assert (difference.path, difference.before.text, difference.after.text) == ("visibility_timeout_seconds", "60", "5")
    assert drift["aws_sqs_queue.orders"].reasons == ("this plan sets it right",)
    assert drift["aws_security_group.data"].reasons == ()
    assert changes(found)["aws_sqs_queue.orders"].action is Action.UPDATE
