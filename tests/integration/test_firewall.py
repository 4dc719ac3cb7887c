"""Firewall: before every way in, with rules that AWS keeps current, and a log without credentials."""

from __future__ import annotations

from typing import Any

from tests.integration.system import Region


def acl(region: Region) -> Any:  # noqa: ANN401 a rule has two dozen shapes
    name = region.text("firewall_name")
    acls = region.aws.waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
    (found,) = (each for each in acls if each["Name"] == name)
    return region.aws.waf.get_web_acl(Name=name, Scope="REGIONAL", Id=found["Id"])["WebACL"]


def test_the_firewall_is_before_the_way_in(region: Region) -> None:
    firewall, entry = region.text("firewall_arn"), region.text("load_balancer_arn")
    assert region.aws.waf.get_web_acl_for_resource(ResourceArn=entry)["WebACL"]["ARN"] == firewall


def test_clients_that_ask_too_often_are_blocked_first(region: Region) -> None:
    rules = sorted(acl(region)["Rules"], key=lambda rule: rule["Priority"])
    assert "Block" in rules[0]["Action"]
    limit = rules[0]["Statement"]["RateBasedStatement"]
    assert (limit["AggregateKeyType"], limit["Limit"] >= 10) == ("IP", True)


def test_awss_managed_rules_block(region: Region) -> None:
    managed = [rule for rule in acl(region)["Rules"] if "ManagedRuleGroupStatement" in rule["Statement"]]
    names = {rule["Statement"]["ManagedRuleGroupStatement"]["Name"] for rule in managed}
    assert {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"} <= names
    assert {tuple(rule["OverrideAction"]) for rule in managed} == {("None",)}


def test_requests_are_logged_without_credentials(region: Region) -> None:
    found = region.aws.waf.get_logging_configuration(ResourceArn=region.text("firewall_arn"))["LoggingConfiguration"]
    assert found["LogDestinationConfigs"] == [f"arn:aws:s3:::{region.text('firewall_log_bucket_name')}"]
    redacted = {field["SingleHeader"]["Name"] for field in found["RedactedFields"]}
    assert redacted >= {"authorization", "cookie"}


def test_the_log_bucket_is_closed_and_kept_for_a_year(region: Region) -> None:
    name = region.text("firewall_log_bucket_name")
    assert name.startswith("aws-waf-logs-")
    block = region.aws.s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    rules = region.aws.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert min(rule["Expiration"]["Days"] for rule in rules if "Expiration" in rule) >= 365
