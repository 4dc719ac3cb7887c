"""The RDS instance: over two zones, closed, observed, its password nowhere; and a place to restore it to elsewhere."""

from __future__ import annotations

import json

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Resource, Synthesized
from tests.unit.variants import only

PLACE = "instance-place"


@pytest.fixture(scope="session", params=["healthcare-dev", "healthcare-prod"])
def either(synthesized: Synthesize, request: pytest.FixtureRequest) -> Synthesized:
    return synthesized(str(request.param))


def instance(system: Synthesized) -> Resource:
    return system.primary.the("aws_db_instance")


def test_the_primary_has_the_only_instance_with_a_standby_in_another_zone(either: Synthesized) -> None:
    assert only(either.all("aws_db_instance")).stack is either.primary
    assert (instance(either)["engine"], instance(either)["multi_az"]) == ("postgres", True)


def test_the_instance_is_encrypted_with_its_regions_key_and_never_public(either: Synthesized) -> None:
    found = instance(either)
    assert (found["storage_encrypted"], found["kms_key_id"]) == (True, "key/key.arn")
    assert found["performance_insights_kms_key_id"] == "key/key.arn"
    assert found["publicly_accessible"] is False
    subnets = either.primary.by_path(f"{PLACE}/subnet-group")["subnet_ids"]
    assert subnets == [f"network/data-{zone}.id" for zone in range(3)]
    assert found["db_subnet_group_name"] == f"{PLACE}/subnet-group.name"


def test_connections_without_tls_are_refused_wherever_the_instance_may_run(either: Synthesized) -> None:
    for stack in either.regional:
        group = stack.the("aws_db_parameter_group")
        assert {one["name"]: one["value"] for one in group["parameter"]}["rds.force_ssl"] == "1"
        assert group["family"] == "postgres16"
    assert instance(either)["parameter_group_name"] == f"{PLACE}/parameters.name"


def test_the_log_never_repeats_what_a_statement_carried(either: Synthesized) -> None:
    for stack in either.regional:
        settings = {one["name"]: one["value"] for one in stack.the("aws_db_parameter_group")["parameter"]}
        assert settings["log_parameter_max_length"] == settings["log_parameter_max_length_on_error"] == "0"


def test_the_password_goes_from_secrets_manager_to_the_instance_write_only(either: Synthesized) -> None:
    found = instance(either)
    assert "password" not in found
    assert found["password_wo"].startswith("jsondecode(ephemeral.aws_secretsmanager_secret_version.database")
    assert found["username"] == "lifeboat"
    assert either.world.by_path("credentials/secret")["replica"][0]["region"] == either.standby.place


def test_the_instance_is_observed(either: Synthesized) -> None:
    found = instance(either)
    assert found["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]
    assert (found["monitoring_interval"], found["performance_insights_enabled"]) == (60, True)
    assert found["monitoring_role_arn"] == "instance/monitoring/role.arn"
    assert set(found.depends_on) == {f"{PLACE}/log-postgresql", f"{PLACE}/log-upgrade"}


def test_only_the_application_reaches_the_instance(either: Synthesized) -> None:
    rules = either.primary.all("aws_vpc_security_group_ingress_rule")
    into = only([rule for rule in rules if rule["security_group_id"] == f"{PLACE}/security-group/group.id"])
    assert into["referenced_security_group_id"] == "service/security-group/group.id"
    assert (into["from_port"], into["to_port"], into["ip_protocol"]) == (5432, 5432, "tcp")
    assert instance(either)["vpc_security_group_ids"] == [f"{PLACE}/security-group/group.id"]


def test_terraform_leaves_to_aws_backup_what_continuous_backup_takes_over(either: Synthesized) -> None:
    assert set(instance(either)["lifecycle"]["ignore_changes"]) == {"backup_retention_period", "backup_window"}


def test_production_is_protected_and_a_throw_away_environment_is_not(synthesized: Synthesize) -> None:
    prod, dev = (instance(synthesized(f"healthcare-{stage}")) for stage in ("prod", "dev"))
    assert (prod["deletion_protection"], prod["skip_final_snapshot"]) == (True, False)
    assert prod["final_snapshot_identifier"] == "healthcare-prod-final"
    assert (prod["delete_automated_backups"], prod["apply_immediately"]) == (False, False)
    assert (dev["deletion_protection"], dev["skip_final_snapshot"]) == (False, True)


def test_a_standby_has_the_whole_place_for_a_restored_instance_and_no_compute(either: Synthesized) -> None:
    here = {each.path for each in either.standby.resources if each.path.startswith(PLACE)}
    there = {each.path for each in either.primary.resources if each.path.startswith(PLACE)}
    assert here == {path for path in there if "from-" not in path}
    compute = {"aws_db_instance", "aws_lambda_function", "aws_elasticache_replication_group", "aws_nat_gateway"}
    assert {each.type for each in either.standby.resources} & compute == set()


def test_a_restore_finds_everything_it_needs_in_the_standbys_outputs(either: Synthesized) -> None:
    outputs = either.standby.outputs
    assert outputs["instance_subnet_group_name"] == f"{PLACE}/subnet-group.name"
    assert outputs["instance_parameter_group_name"] == f"{PLACE}/parameters.name"
    assert outputs["instance_security_group_id"] == f"{PLACE}/security-group/group.id"
    assert outputs["backup_role_arn"] == "backup/role/role.arn"
    assert outputs["backup_vault_name"] == "backup/vault.name"


def test_the_instance_is_backed_up_every_hour_continuously_and_into_the_other_region(either: Synthesized) -> None:
    rules = {rule["rule_name"]: rule for rule in either.primary.the("aws_backup_plan")["rule"]}
    assert rules["scheduled"]["schedule"] == "cron(0 0/1 * * ? *)"
    assert f":backup:{either.standby.place}:" in only(rules["scheduled"]["copy_action"])["destination_vault_arn"]
    assert rules["continuous"]["enable_continuous_backup"] is True
    assert either.primary.the("aws_backup_selection")["resources"] == ["instance/instance.arn"]


def test_the_lock_accepts_everything_that_the_plan_keeps(either: Synthesized) -> None:
    for stack in either.regional:
        lock = stack.the("aws_backup_vault_lock_configuration")
        days = [rule["lifecycle"]["delete_after"] for rule in stack.the("aws_backup_plan")["rule"]]
        assert all(lock["min_retention_days"] <= each <= lock["max_retention_days"] for each in days)


def test_silence_of_the_backups_is_told(either: Synthesized) -> None:
    alarm = either.primary.by_path("backup/alarm-backup-overdue")
    assert (alarm["metric_name"], alarm["comparison_operator"]) == ("NumberOfBackupJobsCompleted", "LessThanThreshold")
    assert (alarm["period"], alarm["treat_missing_data"]) == (3600, "breaching")


def test_copies_are_restored_every_month_in_the_standby_to_see_that_it_works(either: Synthesized) -> None:
    for stack in either.regional:
        plan = stack.the("aws_backup_restore_testing_plan")
        assert plan["schedule_expression"] == "cron(0 6 1 * ? *)"
        assert only(plan["recovery_point_selection"])["include_vaults"] == ["backup/vault.arn"]
        selection = stack.the("aws_backup_restore_testing_selection")
        assert (selection["protected_resource_type"], selection["iam_role_arn"]) == ("RDS", "backup/role/role.arn")
        settings = selection["restore_metadata_overrides"]
        assert settings["dbSubnetGroupName"] == f"{PLACE}/subnet-group.name"
        groups = json.loads(settings["vpcSecurityGroupIds"])
        assert [stack.resolve(group) for group in groups] == [f"{PLACE}/security-group/group.id"] or groups == [
            f"${{{PLACE}/security-group/group.id}}"
        ]
        assert stack.by_path("backup/alarm-backup-restore-failed")["threshold"] == 0


def test_health_is_answered_without_a_backend_and_everything_else_by_the_function(either: Synthesized) -> None:
    document = json.loads(either.primary.the("aws_api_gateway_rest_api").raw["body"])
    kinds = {
        (path, method): operation["x-amazon-apigateway-integration"]["type"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert kinds.pop(("/health", "get")) == "mock"
    assert set(kinds.values()) == {"aws_proxy"}
    mock = document["paths"]["/health"]["get"]["x-amazon-apigateway-integration"]
    # Both in the one document that is imported: the answer can never be made before its integration.
    assert mock["responses"]["default"] == {
        "statusCode": "200",
        "responseTemplates": {"application/json": '{"status": "ok"}'},
    }


def test_the_function_is_told_where_the_instance_is_and_which_secret_opens_it(either: Synthesized) -> None:
    function = either.primary.the("aws_lambda_function")
    variables = function["environment"]["variables"]
    assert variables["DATABASE_HOST"] == "instance/instance.address"
    assert variables["DATABASE_SECRET"] == either.world.by_path("credentials/secret")["name"]


def test_a_standby_has_nothing_that_the_primary_lacks(either: Synthesized) -> None:
    here, there = ({each.address for each in stack.resources} for stack in (either.standby, either.primary))
    assert here - there == set()


def test_first_builds_had_34_resources_and_this_has_no_fewer(either: Synthesized) -> None:
    assert len(either.everywhere) >= 34
    assert len({each.type for each in either.everywhere}) >= 34
