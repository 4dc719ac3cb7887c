"""Outputs: every resource is found from them alone, and stacks agree with their providers and their state."""

from __future__ import annotations

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized

REGIONAL = {
    "region",
    "vpc_id",
    "public_subnet_ids",
    "private_subnet_ids",
    "data_subnet_ids",
    "key_arn",
    "alarm_topic_arn",
    "alarm_names",
    "log_bucket_name",
    "parameter_prefix",
    "bucket_assets_name",
    "database_cluster_identifier",
    "database_endpoint",
    "database_reader_endpoint",
    "database_security_group_id",
    "function_name",
    "dead_letter_queue_url",
    "load_balancer_arn",
    "load_balancer_dns_name",
    "target_group_arn",
    "regional_hostname",
    "backup_vault_name",
    "backup_plan_id",
}
WRITER = {"global_cluster_identifier", "global_writer_endpoint", "database_master_secret_arn"}
GLOBAL = {
    "hostname",
    "dashboard_name",
    "regions",
    "alarm_names",
    "table_orders_name",
    "database_credentials_secret_arn",
    "hosted_zone_id",
    "health_check_ids",
    "health_alarm_names",
    "health_alarm_topic_arn",
}


def test_both_regions_put_out_the_same_names(either: Synthesized) -> None:
    assert set(either.standby.outputs) >= REGIONAL
    assert set(either.primary.outputs) >= REGIONAL | WRITER
    assert set(either.primary.outputs) - set(either.standby.outputs) == WRITER


def test_the_global_stack_puts_out_what_joins_the_regions(either: Synthesized) -> None:
    assert set(either.world.outputs) >= GLOBAL
    assert either.world.output("regions") == ["us-east-1", "us-west-2"]


@pytest.mark.parametrize("name", ["dev", "prod", "three-regions", "bare", "healthcare-dev", "cache-cluster"])
def test_no_output_is_empty_by_construction(synthesized: Synthesize, name: str) -> None:
    may_be_empty = {"alarm_names"} if name == "bare" else set()
    for stack in synthesized(name).stacks.values():
        empty = {key for key, value in stack.outputs.items() if value in ("", None, [], {})}
        assert empty <= may_be_empty, stack.place


def test_outputs_lead_to_resources_of_their_own_stack(dev: Synthesized) -> None:
    assert dev.primary.output("database_endpoint") == "database/cluster.endpoint"
    assert dev.primary.output("global_writer_endpoint") == "global-database/cluster.endpoint"
    assert dev.standby.output("bucket_assets_name") == "bucket-assets/bucket.bucket"
    assert dev.world.output("health_check_ids") == {
        region: f"records/health-{region}.id" for region in ("us-east-1", "us-west-2")
    }


def test_state_lies_encrypted_and_locked_in_the_region_it_describes(either: Synthesized) -> None:
    for place, stack in either.stacks.items():
        home = "us-west-2" if place == "global" else place  # the global state outlives the primary region
        assert stack.json["terraform"]["backend"] == {
            "s3": {
                "bucket": f"lifeboat-state-{home}",
                "key": f"{either.system.names.prefix}/{place}.tfstate",
                "region": home,
                "encrypt": True,
                "use_lockfile": True,
            }
        }


def test_a_regional_stack_calls_no_other_region(either: Synthesized) -> None:
    for stack in either.regional:
        assert [provider["region"] for provider in stack.providers.values()] == [stack.place]


def test_a_regional_stack_reads_no_other_stacks_state(either: Synthesized) -> None:
    for stack in either.regional:
        assert "terraform_remote_state" not in stack.json["data"]


def test_the_global_stack_reaches_every_region(synthesized: Synthesize) -> None:
    providers = synthesized("three-regions").world.providers
    assert {name: each["region"] for name, each in providers.items()} == {
        "aws": "eu-central-1",
        "aws.eu-west-1": "eu-west-1",
        "aws.eu-north-1": "eu-north-1",
        "aws.us-east-1": "us-east-1",  # where Route 53 keeps the metrics of health checks
    }


def test_credentials_of_a_region_come_from_its_own_sts(either: Synthesized) -> None:
    for stack in either.stacks.values():
        for provider in stack.providers.values():
            assert provider["sts_region"] == provider["region"]


def test_provider_and_terraform_versions_are_pinned(either: Synthesized) -> None:
    for stack in either.stacks.values():
        terraform = stack.json["terraform"]
        assert terraform["required_providers"] == {"aws": {"source": "aws", "version": "5.100.0"}}
        assert terraform["required_version"] == ">= 1.11"
