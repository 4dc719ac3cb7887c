"""The number of regions is one line each: what must hold for one, two, three and six of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations, permutations

import pytest

from deployments.addressing import plan_vpcs
from deployments.failover.links import HUBS
from deployments.load import FOLDER, read
from deployments.rules import check
from deployments.stages import STAGES, TomlTable, overlay
from deployments.system import build_system
from deployments.validation import validate
from tests.unit.alarm_metrics import dimensions, metrics
from tests.unit.dns_answers import answer, health_checks, names
from tests.unit.strategy_differences import strangers
from tests.unit.synthesized import Json, Resource, Synthesized, synthesize
from tests.unit.test_parity import (
    DIFFERENT_ARGUMENTS,
    DIFFERENT_IN_A_HUB,
    MORE_IN_A_HUB,
    MORE_IN_THE_PRIMARY,
    ONLY_IN_THE_PRIMARY,
    differences,
    neutral,
    unexplained,
)

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2", "sa-east-1")
SEVERAL = (2, 3, 6)
ALONE: TomlTable = {
    "strategy": "backup-restore",
    "objectives": {"rto_seconds": 86400, "rpo_seconds": 3600},
    "buckets": {"assets": {"rpo_seconds": 3600}},
    "backup": {"every_hours": 1},
}
"""One region has no standby; what it promises, backups must keep."""

Spread = Callable[[int], Synthesized]


@pytest.fixture(scope="session")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Spread:
    """Give the reference system in its first so many regions."""

    @cache
    def over(count: int) -> Synthesized:
        base = {key: value for key, value in read(FOLDER / "multi_region.toml").items() if key != STAGES}
        changes: TomlTable = {"regions": [{"name": name} for name in REGIONS[:count]]} | (ALONE if count == 1 else {})
        spec, problems = validate(overlay(base, changes))
        assert spec is not None, problems
        assert [*problems, *check(spec), *plan_vpcs(spec.regions, spec.network)[1]] == []
        return synthesize(build_system(spec, "dev"), tmp_path_factory.mktemp(f"regions-{count}"))

    return over


@pytest.fixture(params=SEVERAL)
def several(spread: Spread, request: pytest.FixtureRequest) -> Synthesized:
    """Two, three and six regions in turn."""
    return spread(int(request.param))


@pytest.fixture
def alone(spread: Spread) -> Synthesized:
    """One region, without a standby."""
    return spread(1)


def ways(deployed: Synthesized) -> set[tuple[str, str]]:
    """Return every direction in which something is replicated."""
    return set(permutations(names(deployed), 2))


def test_any_two_regions_have_the_same_addresses_except_for_the_list(several: Synthesized) -> None:
    first, hubs = several.primary, several.regional[:HUBS]
    for one, other in combinations(several.regional, 2):
        here, there = neutral(one).keys(), neutral(other).keys()
        allowed = [ONLY_IN_THE_PRIMARY, MORE_IN_THE_PRIMARY] if one is first else []
        allowed += [MORE_IN_A_HUB] if one in hubs and other not in hubs else []
        assert there - here == set(), other
        assert unexplained(here - there, *allowed) == set(), (one.place, other.place)
        assert allowed or here == there, (one.place, other.place)


def test_any_two_regions_arguments_differ_only_where_the_list_says_why(several: Synthesized) -> None:
    hubs = several.regional[:HUBS] if len(several.regional) > HUBS + 1 else []
    for one, other in combinations(several.regional, 2):
        lists = [DIFFERENT_ARGUMENTS, *([DIFFERENT_IN_A_HUB] if one in hubs else [])]
        assert unexplained(set(differences(one, other)), *lists) == set(), (one.place, other.place)


def test_a_region_more_changes_nothing_of_the_regions_that_are_there(spread: Spread) -> None:
    few, many = spread(3), spread(6)
    for place in names(few)[:2]:  # the third one's backups had gone to the first; now they go on to the fourth
        assert [each.raw for each in strangers(few.stacks[place])] == [
            each.raw for each in strangers(many.stacks[place])
        ]


def test_standbys_wait_for_the_primary_alone_and_the_global_stack_for_all(several: Synthesized) -> None:
    manifest = json.loads((several.folder / "manifest.json").read_text(encoding="utf-8"))
    after = {name: set(stack["dependencies"]) for name, stack in manifest["stacks"].items()}
    stack, regions = several.system.names.stack, names(several)
    primary, *standbys = [stack(name) for name in regions]
    assert after == {primary: set(), **{name: {primary} for name in standbys}, stack("global"): {primary, *standbys}}


def test_address_ranges_of_regions_do_not_overlap(several: Synthesized) -> None:
    ranges = [plan.vpc for plan in several.system.regions]
    assert not [pair for pair in combinations(ranges, 2) if pair[0].overlaps(pair[1])]
    assert [stack.the("aws_vpc")["cidr_block"] for stack in several.regional] == [str(each) for each in ranges]


def test_whichever_regions_are_healthy_the_first_of_them_in_priority_order_answers(several: Synthesized) -> None:
    regions = names(several)
    for size in range(1, len(regions) + 1):
        for healthy in combinations(regions, size):
            assert answer(several, several.system.hostname, set(healthy)) == healthy[0], healthy


def test_a_region_that_comes_back_gets_no_clients_while_its_successor_says_that_it_is_unaware(
    several: Synthesized,
) -> None:
    host, regions = several.system.hostname, names(several)
    for back, heir in combinations(regions, 2):
        assert answer(several, host, {back, heir}, {heir}) == heir, (back, heir)
        assert answer(several, host, {back}, {heir}) == back, "an heir that is gone keeps nobody away"
        assert answer(several, host, {back, heir}, {back}) == back, "nor does one that was replaced itself"


def test_every_region_has_a_health_check_and_every_failover_record_one_too(several: Synthesized) -> None:
    checks = several.world.all("aws_route53_health_check")
    asked = [check["fqdn"] for check in checks if check["type"] == "HTTPS"]
    assert sorted(asked) == sorted(several.system.regional_hostname(name) for name in names(several))
    records = several.world.all("aws_route53_record")
    assert len(records) == 2 * (len(names(several)) - 1)
    assert {record["health_check_id"] for record in records} <= health_checks(several, set(), set()).keys()
    assert all(record["alias"]["evaluate_target_health"] is True for record in records)


def test_a_table_has_a_replica_in_every_other_region_with_that_regions_key(several: Synthesized) -> None:
    primary, *standbys = names(several)
    table = several.world.the("aws_dynamodb_table")
    assert table.region == primary
    assert {each["region_name"]: each["kms_key_arn"] for each in table["replica"]} == {
        name: f"{name}:key/key.arn" for name in standbys
    }


def replication_rules(deployed: Synthesized) -> Iterator[tuple[Resource, Json]]:
    for each in deployed.world.all("aws_s3_bucket_replication_configuration"):
        for rule in each["rule"]:
            yield each, rule


def test_replication_rules_span_every_ordered_pair_of_regions(several: Synthesized) -> None:
    found = []
    for source, rule in replication_rules(several):
        target = rule["id"].removeprefix("to-")
        found.append((source.region, target))
        destination = rule["destination"]
        assert source["bucket"].startswith(f"{source.region}:bucket-assets/bucket.")
        assert destination["bucket"] == f"{target}:bucket-assets/bucket.arn"
        assert destination["encryption_configuration"]["replica_kms_key_id"] == f"{target}:key/key.arn"
    assert len(found) == len(set(found))
    assert set(found) == ways(several)


def test_replication_rules_of_one_bucket_have_priorities_of_their_own(several: Synthesized) -> None:
    for source in several.world.all("aws_s3_bucket_replication_configuration"):
        priorities = [rule["priority"] for rule in source["rule"]]
        assert len(set(priorities)) == len(priorities) == len(names(several)) - 1


@pytest.mark.parametrize(
    ("path", "metric"),
    [
        ("table-orders/{0}/alarm-table-orders-lag", "ReplicationLatency"),
        ("bucket-assets-{0}/alarm-bucket-assets-lag", "ReplicationLatency"),
        ("bucket-assets-{0}/alarm-bucket-assets-failed", "OperationsFailedReplication"),
    ],
)
def test_the_worst_of_all_directions_alarms_the_source_region(several: Synthesized, path: str, metric: str) -> None:
    for source in names(several):
        alarm = several.world.by_path(path.format(source))
        assert alarm.region == source
        assert {each["metric_name"] for each in metrics(alarm)} == {metric}
        assert alarm["alarm_actions"] == [f"{source}:alarms/topic.arn"]
        targets = [target for start, target in ways(several) if start == source]
        watched = [json.dumps(each) for each in dimensions(alarm)]
        assert len(watched) == len(targets)
        assert all(any(target in each for each in watched) for target in targets)
        if len(targets) > 1:
            (worst,) = (query for query in alarm["metric_query"] if query.get("return_data"))
            assert worst["expression"] == "MAX(METRICS())"
            assert alarm["comparison_operator"] == "GreaterThanThreshold"


def test_every_region_watches_its_lag_behind_the_writer(several: Synthesized) -> None:
    for stack in several.regional:
        alarm = stack.by_path("database/alarm-database-rpo-lag")
        assert alarm["alarm_actions"] == ["alarms/topic.arn"]


def dashboard_labels(deployed: Synthesized) -> dict[str, list[str]]:
    body = deployed.world.the("aws_cloudwatch_dashboard").parsed("dashboard_body")
    return {
        widget["properties"]["title"]: [line[-1]["label"] for line in widget["properties"]["metrics"]]
        for widget in body["widgets"]
        if widget["type"] == "metric"
    }


def test_the_dashboard_shows_every_region_and_every_direction(several: Synthesized) -> None:
    labels = dashboard_labels(several)
    arrows = {f"{source} → {target}" for source, target in ways(several)}
    for title in (
        "Who is healthy (1) and gets traffic first",
        "Requests by region",
        "Who is primary: commits by region",
    ):
        assert labels[title] == names(several), title
    for title in ("Table orders: replication latency (ms)", "Bucket assets: replication latency (s)"):
        assert set(labels[title]) == arrows, title
        assert len(labels[title]) == len(arrows), title


def test_backups_are_copied_around_the_regions_so_that_each_keeps_anothers(several: Synthesized) -> None:
    regions = names(several)
    for stack, target in zip(several.regional, [*regions[1:], regions[0]], strict=True):
        (rule,) = stack.the("aws_backup_plan")["rule"]
        (copy,) = rule["copy_action"]
        assert f":backup:{target}:" in copy["destination_vault_arn"], stack.place


def test_the_credentials_are_in_every_region_under_its_own_key(several: Synthesized) -> None:
    secret = several.world.the("aws_secretsmanager_secret")
    primary, *standbys = names(several)
    assert (secret.region, secret["kms_key_id"]) == (primary, f"{primary}:key/key.arn")
    assert {each["region"]: each["kms_key_id"] for each in secret["replica"]} == {
        name: f"{name}:key/key.arn" for name in standbys
    }


def test_the_global_stack_lives_in_the_first_standby_and_names_the_regions_in_order(several: Synthesized) -> None:
    assert several.world.output("regions") == names(several)
    assert several.world.json["terraform"]["backend"]["s3"]["region"] == names(several)[1]
    assert {each["region"] for each in several.world.providers.values()} == {*names(several), "us-east-1"}


def test_one_region_has_no_global_database_no_replicas_and_nothing_to_fail_over_to(alone: Synthesized) -> None:
    assert alone.stacks.keys() == {REGIONS[0], "global"}
    assert alone.primary.all("aws_rds_global_cluster") == []
    assert "global_cluster_identifier" not in alone.primary.the("aws_rds_cluster")
    assert alone.world.the("aws_dynamodb_table")["replica"] == []
    assert alone.world.all("aws_s3_bucket_replication_configuration") == []
    assert "replica" not in alone.world.the("aws_secretsmanager_secret") or (
        alone.world.the("aws_secretsmanager_secret")["replica"] == []
    )
    (record,) = alone.world.all("aws_route53_record")
    assert record["name"] == alone.system.hostname
    assert "failover_routing_policy" not in record


def test_one_region_is_protected_by_backups_that_stay_in_it(alone: Synthesized) -> None:
    (rule,) = alone.primary.the("aws_backup_plan")["rule"]
    assert not rule.get("copy_action")
    assert rule["target_vault_name"] == f"{alone.primary.the('aws_backup_vault').path}.name"
    assert alone.primary.the("aws_backup_vault_lock_configuration")
    protected = alone.primary.the("aws_backup_selection")["resources"]
    assert {"database/cluster.arn", "bucket-assets/bucket.arn"} < set(protected)
    assert len(protected) == 3
