"""`docs/strategies.md` held to the synthesized JSON: changing the word changes what its table says, nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from deployments.addressing import plan_vpcs
from deployments.load import FOLDER, read
from deployments.model import Strategy
from deployments.rules import check
from deployments.stages import STAGES, TomlTable, overlay
from deployments.system import build_system
from deployments.validation import validate
from tests.unit.stack_differences import appearing, changed
from tests.unit.strategy_differences import (
    FIRST_INSTANCE,
    LED_PAST,
    PRIMARY,
    STANDBY,
    UNAWARE,
    interfaces,
    restored_to_replicated,
    table_of_the_docs,
    without_machines,
    without_succession,
)
from tests.unit.synthesized import Synthesized, synthesize

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
SYSTEMS = ("ecommerce", "multi_region")
RELAXED: TomlTable = {
    "objectives": {"rto_seconds": 86400, "rpo_seconds": 3600},
    "buckets": {"assets": {"rpo_seconds": 3600}},
    "backup": {"every_hours": 1},
}
"""Promises that every strategy keeps, so that the word is all that differs."""
Told = Callable[[str, str], Synthesized]

INSTANCES = {"pilot-light": 0, "warm-standby": 1, "active-active": 2}
CONCURRENCY = {"pilot-light": 0, "warm-standby": 10, "active-active": 50}
DASHBOARD = "aws_cloudwatch_dashboard dashboard/dashboard dashboard_body"
RECORDS = {
    PRIMARY: f"aws_route53_record records/record-{PRIMARY}",
    STANDBY: f"aws_route53_record records/record-{STANDBY}",
}


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Give a system's stacks by its name and the word in its file."""

    @cache
    def of(name: str, strategy: str) -> Synthesized:
        base = {key: value for key, value in read(FOLDER / f"{name}.toml").items() if key != STAGES}
        spec, problems = validate(overlay(base, {**RELAXED, "strategy": strategy}))
        assert spec is not None, problems
        assert [*problems, *check(spec), *plan_vpcs(spec.regions, spec.network)[1]] == []
        return synthesize(build_system(spec, "dev"), tmp_path_factory.mktemp(f"{name}-{strategy}"))

    return of


def test_the_table_speaks_of_every_strategy() -> None:
    table = table_of_the_docs()
    assert {tuple(row) for row in table.values()} == {STRATEGIES}
    assert set(table) == {
        "Standby database",
        "Standby RDS instance",
        "Standby cache",
        "Standby application",
        "Tables",
        "Buckets",
        "Interface endpoints, NAT in the standby",
        "Backups",
        "Records",
        "Writes",
    }


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_standby_runs_the_numbers_of_the_table(told: Told, system: str, strategy: str) -> None:
    table, standby = table_of_the_docs(), told(system, strategy).standby
    clusters, functions = standby.all("aws_rds_cluster"), standby.all("aws_lambda_function")
    instances = len(standby.all("aws_rds_cluster_instance"))
    said = {"instances": 2, **dict.fromkeys(("no", "none"), 0)}  # as many as the primary
    words = re.sub(r"\W+", " ", table["Standby database"][strategy]).split()
    assert len(clusters) == (0 if words == ["none"] else 1)
    number = next((word for word in words if word in said or word.isdigit()), "none")
    assert instances == (said[number] if number in said else int(number))
    full = told(system, strategy).primary.the("aws_lambda_function")["reserved_concurrent_executions"]
    expected = {
        "none": [],
        "there, concurrency 0": [0],
        "there, a fifth of the concurrency": [full // 5],
        "there, full concurrency": [full],
    }
    assert [each["reserved_concurrent_executions"] for each in functions] == (
        expected[table["Standby application"][strategy]]
    )


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_stores_and_records_are_those_of_the_table(told: Told, system: str, strategy: str) -> None:
    table, deployed = table_of_the_docs(), told(system, strategy)
    replicas = [each["region_name"] for each in deployed.world.the("aws_dynamodb_table")["replica"]]
    assert replicas == {"primary only": [], "replicated": [STANDBY]}[table["Tables"][strategy]]
    ways = [each.region for each in deployed.world.all("aws_s3_bucket_replication_configuration")]
    assert sorted(ways) == {"primary only": [], "replicated both ways": [PRIMARY, STANDBY]}[table["Buckets"][strategy]]
    policies = {
        policy: each[policy]
        for each in deployed.world.all("aws_route53_record")
        for policy in ("failover_routing_policy", "latency_routing_policy")
        if policy in each
    }
    said = {
        "the primary's only": set(),
        "failover": {"failover_routing_policy"},
        "latency, with health checks": {"latency_routing_policy"},
    }
    assert policies.keys() == said[table["Records"][strategy]]
    said_of_endpoints = table["Interface endpoints, NAT in the standby"][strategy]
    expected: set[str] = {"none": set(), "as the primary": interfaces(deployed.primary)}[said_of_endpoints]
    assert interfaces(deployed.standby) == expected


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_copies_the_primarys_backups_to_the_standbys_locked_vault(
    told: Told, system: str, strategy: str
) -> None:
    deployed = told(system, strategy)
    (rule,) = deployed.primary.the("aws_backup_plan")["rule"]
    (copy,) = rule["copy_action"]
    ours, theirs = (stack.the("aws_backup_vault") for stack in (deployed.primary, deployed.standby))
    assert f":backup:{STANDBY}:" in copy["destination_vault_arn"]
    assert copy["destination_vault_arn"].endswith(f":backup-vault:${{{ours.path}.name}}")
    assert ours["name"] == theirs["name"]
    lock = deployed.standby.the("aws_backup_vault_lock_configuration")
    assert lock["backup_vault_name"] == f"{theirs.path}.name"
    protected = set(deployed.primary.the("aws_backup_selection")["resources"])
    assert protected > {"database/cluster.arn", "bucket-assets/bucket.arn"}
    assert any(each.endswith(":table/" + deployed.system.names.of("table", "orders")) for each in protected)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("strategy", [strategy for strategy in STRATEGIES if strategy != "backup-restore"])
def test_leaving_backup_restore_adds_the_standby_and_what_joins_the_regions(
    told: Told, system: str, strategy: str
) -> None:
    before, after = told(system, "backup-restore"), told(system, strategy)
    expected = restored_to_replicated(system, strategy)
    instances = range(INSTANCES[strategy])
    expected[STANDBY]["appears"] |= {f"aws_rds_cluster_instance database/instance-{index}" for index in instances}
    for region in (PRIMARY, STANDBY):
        expected[region]["appears"] |= set() if INSTANCES[strategy] else FIRST_INSTANCE
    assert appearing(before, after) == expected


@pytest.mark.parametrize("system", SYSTEMS)
def test_leaving_backup_restore_changes_nothing_of_the_primary_but_what_joins_it(told: Told, system: str) -> None:
    before, after = told(system, "backup-restore"), told(system, "pilot-light")
    found = changed(before.primary, after.primary)
    alone, joined = found.pop("aws_rds_cluster_parameter_group database/parameters parameter")
    assert [each for each in joined if each not in alone] == [
        {"name": "rds.global_db_rpo", "value": "3600", "apply_method": "immediate"}
    ]
    told_of = found.pop("aws_lambda_function service/function environment")
    assert [each["variables"].get("UNAWARE_REGION_PARAMETER") for each in told_of] == [
        None, after.primary.by_path("parameters/failover-unaware")["name"]
    ]  # fmt: skip
    assert found == {
        "aws_rds_cluster database/cluster global_cluster_identifier": (None, "global-database/cluster.id"),
    }
    assert changed(before.standby, after.standby) == {}
    replica = {
        "region_name": STANDBY,
        "kms_key_arn": f"{STANDBY}:key/key.arn",
        "point_in_time_recovery": True,
        "propagate_tags": True,
    }
    found = changed(before.world, after.world)
    assert found.pop(DASHBOARD)
    assert found == {
        "aws_dynamodb_table table-orders/table replica": ([], [replica]),
        # Alone, the primary is asked whether it can serve; with somebody behind it, also whether clients belong there.
        f"aws_route53_health_check records/health-{PRIMARY} resource_path": ("/health", "/health?for=clients"),
    }


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("before", "after"), list(pairwise(INSTANCES)))
def test_a_stronger_standby_differs_in_its_instances_alone(told: Told, system: str, before: str, after: str) -> None:
    instances = {
        f"aws_rds_cluster_instance database/instance-{index}" for index in range(INSTANCES[before], INSTANCES[after])
    }
    # Where all take writes, no region replaces another.
    unaware, led_past = (UNAWARE, LED_PAST) if after == "active-active" else (set(), set())
    not_needed = unaware | (set() if INSTANCES[before] else FIRST_INSTANCE)
    assert appearing(told(system, before), told(system, after)) == {
        PRIMARY: {"appears": set(), "vanishes": not_needed},
        STANDBY: {"appears": instances, "vanishes": not_needed},
        "global": {"appears": set(), "vanishes": led_past},
    }


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_warm_standby_differs_from_a_pilot_light_in_concurrency_alone(told: Told, system: str) -> None:
    before, after = told(system, "pilot-light"), told(system, "warm-standby")
    assert without_machines(changed(before.primary, after.primary)) == {}
    assert without_machines(changed(before.standby, after.standby)) == {
        "aws_lambda_function service/function reserved_concurrent_executions": (0, 10),
    }
    assert changed(before.world, after.world).keys() == {DASHBOARD}


@pytest.mark.parametrize("system", SYSTEMS)
def test_active_active_differs_from_a_warm_standby_in_concurrency_records_and_who_writes(
    told: Told, system: str
) -> None:
    before, after = told(system, "warm-standby"), told(system, "active-active")
    writes = {"aws_ssm_parameter parameters/active-region insecure_value": (PRIMARY, "all")}
    assert without_succession(changed(before.primary, after.primary)) == writes
    found = without_succession(changed(before.standby, after.standby))
    kept = {"ignore_changes": ["reserved_concurrent_executions"]}  # at full size a failover scales nothing
    assert found.pop("aws_lambda_function service/function lifecycle") == (kept, None)
    assert found == {
        **writes,
        "aws_lambda_function service/function reserved_concurrent_executions": (10, 50),
    }
    found = changed(before.world, after.world)
    assert found.pop(DASHBOARD)
    assert found == {
        f"{RECORDS[PRIMARY]} failover_routing_policy": ({"type": "PRIMARY"}, None),
        f"{RECORDS[PRIMARY]} latency_routing_policy": (None, {"region": PRIMARY}),
        f"{RECORDS[STANDBY]} failover_routing_policy": ({"type": "SECONDARY"}, None),
        f"{RECORDS[STANDBY]} latency_routing_policy": (None, {"region": STANDBY}),
        f"{RECORDS[PRIMARY]} health_check_id": (f"records/leads-{PRIMARY}.id", f"records/health-{PRIMARY}.id"),
        # Clients belong to the nearest region there, whoever is open.
        f"aws_route53_health_check records/health-{PRIMARY} resource_path": ("/health?for=clients", "/health"),
    }


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("before", "after"), list(pairwise(INSTANCES)))
def test_the_dashboard_differs_in_the_word_alone(told: Told, system: str, before: str, after: str) -> None:
    bodies = [
        json.dumps(told(system, word).world.the("aws_cloudwatch_dashboard").parsed("dashboard_body")).replace(
            word, "WORD"
        )
        for word in (before, after)
    ]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_region_takes_writes_as_the_table_says(told: Told, system: str, strategy: str) -> None:
    said = table_of_the_docs()["Writes"][strategy]
    active = "all" if said.startswith("tables and buckets everywhere") else PRIMARY
    for stack in told(system, strategy).regional:
        assert stack.by_path("parameters/active-region")["insecure_value"] == active


def test_nat_gateways_stand_where_code_runs_and_nowhere_else(tmp_path: Path) -> None:
    for strategy, gateways in {"backup-restore": 0, "pilot-light": 3}.items():
        base = {key: value for key, value in read(FOLDER / "ecommerce.toml").items() if key != STAGES}
        spec, _ = validate(overlay(base, {**RELAXED, "strategy": strategy, "network": {"nat": "per-zone"}}))
        assert spec is not None
        deployed = synthesize(build_system(spec, "dev"), tmp_path / strategy)
        assert len(deployed.primary.all("aws_nat_gateway")) == 3
        assert len(deployed.standby.all("aws_nat_gateway")) == gateways
