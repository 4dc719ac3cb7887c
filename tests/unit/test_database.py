"""The Global Database: it exists, its members join, it survives a failover's aftermath, and nobody loses a write."""

from __future__ import annotations

import json

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Resource, Synthesized
from tests.unit.variants import only


def settings(group: Resource) -> dict[str, str]:
    return {each["name"]: each["value"] for each in group["parameter"]}


def test_the_global_cluster_is_made_once_beside_the_first_writer(either: Synthesized) -> None:
    cluster = only(either.all("aws_rds_global_cluster"))
    assert cluster.stack is either.primary
    assert cluster["global_cluster_identifier"] == either.system.names.of("global cluster")
    assert cluster["engine"] == "aurora-postgresql"
    assert cluster["storage_encrypted"] is True


def test_the_writer_joins_the_global_cluster_by_reference(either: Synthesized) -> None:
    assert either.primary.the("aws_rds_cluster")["global_cluster_identifier"] == "global-database/cluster.id"


def test_the_standby_is_a_real_cluster_that_joins_the_global_cluster_by_its_agreed_name(either: Synthesized) -> None:
    agreed = either.primary.the("aws_rds_global_cluster")["global_cluster_identifier"]
    standby = either.standby.the("aws_rds_cluster")
    assert standby["global_cluster_identifier"] == agreed
    assert len(either.standby.all("aws_rds_cluster_instance")) == 1


def test_the_standby_is_deployed_after_the_global_cluster_it_joins(dev: Synthesized) -> None:
    stacks = json.loads((dev.folder / "manifest.json").read_text(encoding="utf-8"))["stacks"]
    primary, standby = dev.primary.file.parent.name, dev.standby.file.parent.name
    assert stacks[standby]["dependencies"] == [primary]
    assert stacks[primary]["dependencies"] == []
    assert sorted(stacks[dev.world.file.parent.name]["dependencies"]) == sorted([primary, standby])


def test_the_standby_has_no_credentials_and_no_database_name(either: Synthesized) -> None:
    standby = either.standby.the("aws_rds_cluster")
    given = {"master_username", "master_password", "master_password_wo", "manage_master_user_password", "database_name"}
    assert given & set(standby) == set()


def test_all_members_run_the_same_engine_version(either: Synthesized) -> None:
    members = [*either.all("aws_rds_cluster"), *either.all("aws_rds_global_cluster")]
    assert {member["engine_version"] for member in members} == {"16.8"}


def test_members_ignore_what_a_failover_changes_behind_terraforms_back(either: Synthesized) -> None:
    for cluster in either.all("aws_rds_cluster"):
        ignored = set(cluster["lifecycle"]["ignore_changes"])
        assert ignored >= {"global_cluster_identifier", "replication_source_identifier"}, cluster


def test_every_member_is_encrypted_with_its_own_regions_key(either: Synthesized) -> None:
    for cluster in either.all("aws_rds_cluster"):
        assert (cluster["storage_encrypted"], cluster["kms_key_id"]) == (True, "key/key.arn"), cluster
    for instance in either.all("aws_rds_cluster_instance"):
        assert instance["performance_insights_kms_key_id"] == "key/key.arn", instance


def test_the_parameters_of_all_members_are_equal(either: Synthesized) -> None:
    for type_ in ("aws_rds_cluster_parameter_group", "aws_db_parameter_group"):
        primary, standby = either.primary.the(type_), either.standby.the(type_)
        assert settings(primary) == settings(standby)
        assert primary["family"] == standby["family"] == "aurora-postgresql16"


def test_connections_without_tls_are_refused(either: Synthesized) -> None:
    for stack in either.regional:
        assert settings(stack.the("aws_rds_cluster_parameter_group"))["rds.force_ssl"] == "1"
        assert stack.the("aws_rds_cluster")["db_cluster_parameter_group_name"] == "database/parameters.name"


def test_the_writer_stops_rather_than_exceed_the_rpo(dev: Synthesized, synthesized: Synthesize) -> None:
    for stack in dev.regional:
        assert settings(stack.the("aws_rds_cluster_parameter_group"))["rds.global_db_rpo"] == "60"
    own = synthesized("roomy-database").primary.the("aws_rds_cluster_parameter_group")
    assert settings(own)["rds.global_db_rpo"] == "120"


def test_the_database_is_reached_from_the_application_alone(either: Synthesized) -> None:
    for stack in either.regional:
        rules = stack.all("aws_vpc_security_group_ingress_rule")
        into = only([rule for rule in rules if rule["security_group_id"] == "database/security-group/group.id"])
        assert into["referenced_security_group_id"] == "service/security-group/group.id"
        assert (into["from_port"], into["to_port"], into["ip_protocol"]) == (5432, 5432, "tcp")
        assert stack.the("aws_rds_cluster")["vpc_security_group_ids"] == ["database/security-group/group.id"]


def test_the_database_lies_in_the_data_subnets_and_is_never_public(either: Synthesized) -> None:
    for stack in either.regional:
        subnets = stack.the("aws_db_subnet_group")["subnet_ids"]
        assert subnets == [f"network/data-{zone}.id" for zone in range(3)]
        assert stack.the("aws_rds_cluster")["db_subnet_group_name"] == "database/subnet-group.name"
        assert {each["publicly_accessible"] for each in stack.all("aws_rds_cluster_instance")} == {False}


def test_continuous_backup_runs_in_the_standby_too(dev: Synthesized, prod: Synthesized) -> None:
    for deployed, days in ((dev, 14), (prod, 35)):
        assert [stack.the("aws_rds_cluster")["backup_retention_period"] for stack in deployed.regional] == [days, days]


def test_the_serverless_range_is_equal_in_both_regions_so_that_the_standby_can_take_the_load(prod: Synthesized) -> None:
    ranges = [stack.the("aws_rds_cluster")["serverlessv2_scaling_configuration"] for stack in prod.regional]
    assert ranges == [{"min_capacity": 2, "max_capacity": 16}] * 2


@pytest.mark.parametrize(
    ("name", "instances"),
    [("dev", [2, 1]), ("pilot-light", [2, 0]), ("active-active", [2, 2]), ("backup-restore", [2])],
)
def test_the_strategy_decides_how_many_instances_the_standby_runs(
    synthesized: Synthesize, name: str, instances: list[int]
) -> None:
    regions = [stack for stack in synthesized(name).regional if stack.all("aws_rds_cluster")]
    assert [len(stack.all("aws_rds_cluster_instance")) for stack in regions] == instances


def test_provisioned_instances_have_the_class_of_the_file_and_no_serverless_range(synthesized: Synthesize) -> None:
    for stack in synthesized("provisioned").regional:
        assert {each["instance_class"] for each in stack.all("aws_rds_cluster_instance")} == {"db.r6g.large"}
        assert "serverlessv2_scaling_configuration" not in stack.the("aws_rds_cluster")


def test_failover_inside_a_region_goes_to_the_readers_in_order(dev: Synthesized) -> None:
    assert [each["promotion_tier"] for each in dev.primary.all("aws_rds_cluster_instance")] == [0, 1]


def test_the_application_finds_the_writer_by_the_name_that_follows_it(either: Synthesized) -> None:
    written = {
        parameter.region: parameter["insecure_value"]
        for parameter in either.world.all("aws_ssm_parameter")
        if parameter["name"].endswith("/database/writer-endpoint")
    }
    assert written == dict.fromkeys(["us-east-1", "us-west-2"], "us-east-1:global-database/cluster.endpoint")


def test_logs_of_the_database_have_an_end_and_a_key(either: Synthesized) -> None:
    for stack in either.regional:
        group = stack.by_path("database/log-group")
        assert (group["retention_in_days"], group["kms_key_id"]) == (90, "key/key.arn")
        cluster = stack.the("aws_rds_cluster")
        assert group["name"] == f"/aws/rds/cluster/{cluster['cluster_identifier']}/postgresql"
        assert cluster.depends_on == ["database/log-group"]
