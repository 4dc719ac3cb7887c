"""The dashboard: one page, in a region that outlives the primary, with the promises drawn in."""

from __future__ import annotations

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Json, Synthesized
from tests.unit.variants import only


def widgets(deployed: Synthesized) -> dict[str, Json]:
    """Return the graphs by title."""
    body = deployed.world.the("aws_cloudwatch_dashboard").parsed("dashboard_body")
    return {each["properties"]["title"]: each["properties"] for each in body["widgets"] if each["type"] == "metric"}


def regions_of(widget: Json) -> list[str]:
    return [line[-1]["region"] for line in widget["metrics"]]


def test_the_dashboard_is_made_in_a_standby_region(either: Synthesized) -> None:
    assert either.world.the("aws_cloudwatch_dashboard").region == "us-west-2"


def test_replication_lag_is_drawn_against_the_rpo_for_every_store(either: Synthesized) -> None:
    shown = widgets(either)
    limits = {title: only(each["annotations"]["horizontal"]) for title, each in shown.items() if "annotations" in each}
    assert limits == {
        "Database: standby behind the writer (ms)": {"label": "RPO", "value": 60_000},
        "Table orders: replication latency (ms)": {"label": "RPO", "value": 60_000},
        "Bucket assets: replication latency (s)": {"label": "RPO", "value": 900},
    }


def test_both_directions_of_replication_are_drawn(dev: Synthesized) -> None:
    shown = widgets(dev)
    for title in ("Table orders: replication latency (ms)", "Bucket assets: replication latency (s)"):
        assert regions_of(shown[title]) == ["us-east-1", "us-west-2"]


def test_regions_are_drawn_side_by_side(dev: Synthesized) -> None:
    shown = widgets(dev)
    for title in ("Requests by region", "Who is primary: commits by region", "Slowest requests by region (p99, ms)"):
        assert regions_of(shown[title]) == ["us-east-1", "us-west-2"]


def test_the_heading_states_the_strategy_and_the_objectives(dev: Synthesized) -> None:
    body = dev.world.the("aws_cloudwatch_dashboard").parsed("dashboard_body")
    heading = body["widgets"][0]["properties"]["markdown"]
    for stated in ("ecommerce-dev", "warm-standby", "**us-east-1**", "us-west-2", "RTO 900 s", "RPO 60 s"):
        assert stated in heading


def test_no_two_graphs_lie_on_top_of_each_other(dev: Synthesized) -> None:
    body = dev.world.the("aws_cloudwatch_dashboard").parsed("dashboard_body")
    places = [(each["x"], each["y"]) for each in body["widgets"]]
    assert len(places) == len(set(places)) >= 8


def test_graphs_without_anything_to_show_are_left_out(synthesized: Synthesize) -> None:
    assert widgets(synthesized("bare")) == {}


def test_a_system_that_recovers_from_backups_shows_which_failed_and_what_its_stores_bear(
    synthesized: Synthesize,
) -> None:
    shown = widgets(synthesized("healthcare-dev"))
    failed = shown["Backups: failed jobs by region"]
    assert {(line[-1]["region"], line[1]) for line in failed["metrics"]} == {
        (region, f"NumberOf{job}JobsFailed")
        for region in ("eu-west-1", "eu-central-1")
        for job in ("Backup", "Copy", "Restore")
    }
    assert regions_of(shown["Instance: CPU (%)"]) == ["eu-west-1"]
    assert [line[3] for line in shown["Cache: evictions by node"]["metrics"]] == [
        "healthcare-dev-001",
        "healthcare-dev-002",
    ]
