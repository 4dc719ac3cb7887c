"""Before a bucket is asked: the nearest region first, the other one after it, whichever is configured first."""

from __future__ import annotations

import json

import pytest

from functions.edge_origin import handler
from functions.edge_origin.logic import failover_metric, route
from functions.edge_origin.places import PLACES, by_distance, kilometres
from lifeboat.local.embedded.viewer.headers import violations
from tests.functions.edge_events import CONTENT, Event, origin_request

HERE = {"us-west-2": "us-west-2", "us-west-1": "us-west-2", "us-east-2": "us-east-1", "eu-central-1": "us-east-1"}
"""Where code runs, and which of the two regions is nearer."""


def request(turn: int, origins: dict[str, str] | None = None) -> Event:
    found: Event = origin_request(turn, origins=origins)["Records"][0]["cf"]["request"]
    return found


@pytest.mark.parametrize(("here", "nearest"), HERE.items())
def test_the_nearest_region_is_asked_first_and_the_other_one_second(here: str, nearest: str) -> None:
    other = next(region for region in CONTENT if region != nearest)
    for turn, region in ((1, nearest), (2, other)):
        sent, is_failover = route(request(turn), here)
        origin = sent["origin"]["s3"]
        assert (origin["domainName"], origin["region"]) == (CONTENT[region], region)
        assert sent["headers"]["host"] == [{"key": "Host", "value": CONTENT[region]}]
        assert is_failover is (turn == 2)


def test_the_two_turns_never_ask_the_same_region() -> None:
    for here in [*PLACES, "xx-nowhere-1"]:
        asked = {route(request(turn), here)[0]["origin"]["s3"]["region"] for turn in (1, 2)}
        assert asked == set(CONTENT), here


def test_of_three_regions_the_two_nearest_are_asked() -> None:
    origins = CONTENT | {"eu-west-1": "eu.s3.eu-west-1.amazonaws.com"}
    asked = [route(request(turn, origins), "eu-central-1")[0]["origin"]["s3"]["region"] for turn in (1, 2)]
    assert asked == ["eu-west-1", "us-east-1"]


def test_only_host_and_origin_change_and_no_read_only_header_does() -> None:
    before = request(1)
    after, _ = route(request(1), "us-east-1")
    assert {key for key in after if after[key] != before[key]} == {"headers", "origin"}
    assert {name for name in after["headers"] if after["headers"][name] != before["headers"][name]} == {"host"}
    assert list(violations("origin-request", before["headers"], after["headers"])) == []
    own = after["origin"]["s3"]
    assert own["customHeaders"] == before["origin"]["s3"]["customHeaders"]
    assert set(own["customHeaders"]) & set(after["headers"]) == set()  # CloudFront refuses a header in both


@pytest.mark.parametrize(
    "origin",
    [
        {"custom": {"domainName": "example.com", "customHeaders": {}}},
        {"s3": {"domainName": "b.s3.amazonaws.com", "customHeaders": {}}},
        {"s3": {"domainName": "b.s3.amazonaws.com", "customHeaders": {"x-lifeboat-turn": [{"value": "3"}]}}},
    ],
)
def test_an_origin_that_is_none_of_ours_is_left_alone(origin: Event) -> None:
    before = request(1) | {"origin": origin}
    assert route(before, "us-east-1") == (before, False)


def test_the_handler_counts_a_failover_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    handler.handle(origin_request(1), None)
    assert capsys.readouterr().out == ""
    handler.handle(origin_request(2, "/page.html"), None)
    line = json.loads(capsys.readouterr().out)
    assert (line["OriginFailovers"], line["Distribution"], line["to"]) == (1, "EDFDVBD6EXAMPLE", "us-west-2")
    assert line["uri"] == "/page.html"
    assert line["_aws"]["Timestamp"] > 1_600_000_000_000


def test_the_metric_is_written_as_cloudwatch_reads_it() -> None:
    (rule,) = failover_metric("E1", request(2), 5)["_aws"]["CloudWatchMetrics"]
    assert rule == {
        "Namespace": "Lifeboat/Edge",
        "Dimensions": [["Distribution"]],
        "Metrics": [{"Name": "OriginFailovers", "Unit": "Count"}],
    }


def test_distances_are_those_of_the_ground() -> None:
    assert kilometres("us-east-1", "us-west-2") == pytest.approx(3600, rel=0.1)
    assert kilometres("eu-west-1", "us-east-1") == pytest.approx(5400, rel=0.1)


def test_a_region_of_unknown_place_is_near_itself_and_else_last() -> None:
    assert by_distance("xx-new-1", ["us-east-1", "xx-new-1"]) == ["xx-new-1", "us-east-1"]
    assert by_distance("us-east-1", ["xx-new-1", "us-west-2"]) == ["us-west-2", "xx-new-1"]
    assert by_distance("xx-new-1", ["us-west-2", "us-east-1"]) == ["us-west-2", "us-east-1"]
