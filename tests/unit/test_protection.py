"""Rotation and firewall: credentials that change by themselves, and rules before every way in."""

from __future__ import annotations

import pytest

from deployments.protection import Firewall
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.variants import only


@pytest.fixture(scope="module")
def cart(synthesized: Synthesize) -> Synthesized:
    """The shop that handles card data, protected."""
    return synthesized("globecart-prod")


def test_rotation_is_a_resource_of_its_own_for_both_secrets(cart: Synthesized) -> None:
    master, application = (
        cart.primary.the("aws_secretsmanager_secret_rotation"),
        cart.world.the("aws_secretsmanager_secret_rotation"),
    )
    assert [each["secret_id"] for each in (master, application)] == [
        "database-credentials/secret.arn",
        "credentials/secret.arn",
    ]
    assert application.region == "us-west-1"
    for rotation in (master, application):
        assert rotation["rotation_lambda_arn"].endswith("rotation/function/function.arn")
        assert rotation["rotation_rules"] == {"automatically_after_days": 30}
    for secret in cart.all("aws_secretsmanager_secret"):
        assert "rotation_rules" not in secret


def test_rotation_begins_only_when_the_function_may_be_invoked_and_the_database_is_there(cart: Synthesized) -> None:
    before = cart.primary.the("aws_secretsmanager_secret_rotation").depends_on
    assert {"rotation/function/secrets-manager", "database-credentials/version", "database/instance-0"} <= set(before)
    assert cart.world.the("aws_secretsmanager_secret_rotation").depends_on == ["credentials/version"]


def test_only_secrets_manager_invokes_the_function_for_the_systems_own_secrets(cart: Synthesized) -> None:
    for stack in cart.regional:
        permission = stack.by_path("rotation/function/secrets-manager")
        assert permission["principal"] == "secretsmanager.amazonaws.com"
        assert permission["source_arn"].endswith("secret:/globecart-prod/database/*")


def test_the_function_may_rotate_the_systems_two_secrets_and_no_other(cart: Synthesized) -> None:
    for stack in cart.regional:
        allowed = stack.by_path("rotation/function/role/rotate-credentials").statements()["Rotate"]
        assert [each.rsplit("secret:", 1)[1] for each in allowed["Resource"]] == [
            "/globecart-prod/database/credentials-??????",
            "/globecart-prod/database/master-??????",
        ]


def test_one_rotation_runs_at_a_time_next_to_the_database_in_every_region(cart: Synthesized) -> None:
    for stack in cart.regional:
        function = stack.by_path("rotation/function/function")
        assert function["reserved_concurrent_executions"] == 1
        assert function["vpc_config"]["subnet_ids"] == ["network/private-0.id", "network/private-1.id"]
        assert stack.by_path("database/security-group/from-rotation")["from_port"] == 5432
        assert stack.by_path("endpoints/secretsmanager")["vpc_endpoint_type"] == "Interface"


def test_terraform_sends_the_first_password_once_and_never_again(cart: Synthesized) -> None:
    versions = [
        cart.primary.the("aws_secretsmanager_secret_version"),
        cart.world.the("aws_secretsmanager_secret_version"),
    ]
    for version in versions:
        assert version["secret_string_wo_version"] == 1
        assert "secret_string" not in version
    assert cart.primary.the("aws_rds_cluster")["master_password_wo_version"] == 1


def test_what_the_function_is_told_holds_no_secret(cart: Synthesized) -> None:
    for stack in cart.regional:
        told = stack.by_path("rotation/function/function")["environment"]["variables"]
        assert told == {
            "MASTER_SECRET": "/globecart-prod/database/master",
            "DATABASE_NAME": "cart",
            "APPLICATION_ROLE": "application",
            "ENDPOINT_PARAMETERS": "/globecart-prod/database/writer-endpoint,/globecart-prod/database/endpoint",
            "GRACE_SECONDS": "172800",
        }


def test_the_firewall_is_before_every_way_in_and_blocks(cart: Synthesized) -> None:
    for stack in cart.regional:
        assert stack.the("aws_wafv2_web_acl_association")["resource_arn"] == "load-balancer/load-balancer.arn"
        first, *managed = stack.the("aws_wafv2_web_acl")["rule"]
        assert first["action"] == {"block": {}}
        assert first["statement"]["rate_based_statement"]["limit"] == 2000
        names = [rule["statement"]["managed_rule_group_statement"]["name"] for rule in managed]
        assert names == list(Firewall().groups)
        assert {str(rule["override_action"]) for rule in managed} == {"{'none': {}}"}


def test_requests_are_logged_without_credentials_into_a_bucket_that_waf_accepts(cart: Synthesized) -> None:
    for stack in cart.regional:
        logging = stack.the("aws_wafv2_web_acl_logging_configuration")
        assert logging["log_destination_configs"] == ["firewall/logs/bucket.arn"]
        assert [field["single_header"]["name"] for field in logging["redacted_fields"]] == [
            "authorization",
            "cookie",
            "x-api-key",
        ]
        assert logging.depends_on == ["firewall/logs/policy"]
        assert stack.by_path("firewall/logs/bucket")["bucket"].startswith("aws-waf-logs-globecart-prod-")
        deliver = stack.by_path("firewall/logs/policy").statements()["FirewallLogs"]
        assert only([deliver["Action"]]) == "s3:PutObject"
        assert "aws:SourceAccount" in deliver["Condition"]["StringEquals"]
