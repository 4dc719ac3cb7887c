"""More ways between regions than one alarm may ask for metrics: the number of alarms stays what it is for a few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from constructs_lib.alarms import Alarm, worst_of
from tests.bench.growth import reference_system
from tests.unit.synthesized import Synthesized, synthesize

LATE = Alarm(name="lag", means="Late.", namespace="AWS/S3", metric="ReplicationLatency", threshold=1)


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The reference system in twelve regions: eleven ways out of each."""
    return synthesize(reference_system(12), tmp_path_factory.mktemp("twelve"))


def test_where_there_is_nothing_to_watch_there_is_no_alarm() -> None:
    assert worst_of(LATE, []) == []


@pytest.mark.parametrize("targets", [1, 2, 10])
def test_an_alarm_asks_for_each_metric_as_long_as_aws_allows(targets: int) -> None:
    (row,) = worst_of(LATE, [{"RuleId": str(number)} for number in range(targets)])
    assert [each["RuleId"] for each in (row.dimensions, *row.others)] == [str(number) for number in range(targets)]
    assert row.query == ""


@pytest.mark.parametrize(
    ("statistic", "function"), [("Maximum", "MAX"), ("Average", "MAX"), ("p99", "MAX"), ("Sum", "SUM")]
)
def test_for_more_metrics_it_asks_with_a_query(statistic: str, function: str) -> None:
    ways = [{"SourceBucket": "mine", "RuleId": str(number)} for number in range(11)]
    (row,) = worst_of(replace(LATE, statistic=statistic), ways)
    asked, _, source = row.query.partition(" FROM ")
    assert asked == f"SELECT {function}(ReplicationLatency)"
    assert source == "SCHEMA(\"AWS/S3\", RuleId, SourceBucket) WHERE SourceBucket = 'mine'"
    assert (row.name, row.others) == ("lag", ())


def test_a_region_has_the_same_alarms_beside_one_other_and_beside_eleven(
    twelve: Synthesized, tmp_path_factory: pytest.TempPathFactory
) -> None:
    two = synthesize(reference_system(2), tmp_path_factory.mktemp("two"))
    found = [
        {alarm["alarm_name"] for alarm in deployed.all("aws_cloudwatch_metric_alarm") if alarm.region == "us-west-2"}
        for deployed in (two, twelve)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("bucket-assets-{0}/alarm-bucket-assets-lag", "SourceBucket = '${{{0}:bucket-assets/bucket.bucket}}'"),
        ("bucket-assets-{0}/alarm-bucket-assets-failed", "SourceBucket = '${{{0}:bucket-assets/bucket.bucket}}'"),
        ("table-orders/{0}/alarm-table-orders-lag", "TableName = 'multi-region-dev-orders'"),
    ],
)
def test_every_way_out_of_a_region_is_watched_by_one_query(twelve: Synthesized, path: str, where: str) -> None:
    for plan in twelve.system.regions:
        alarm = twelve.world.by_path(path.format(plan.name))
        (query,) = alarm["metric_query"]
        assert query["expression"].endswith(f" WHERE {where.format(plan.name)}")
        assert (query["return_data"], query["period"]) == (True, 60)
        assert alarm.region == plan.name
