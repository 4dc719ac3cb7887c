"""Figures come from what clients, the machine and the dark switch noted."""

from __future__ import annotations

import pytest

from lifeboat.drill.measure import measure, outages, tally
from lifeboat.drill.record import Story
from tests.lifeboat.drill.stories import AWAY, HOME, call, run, story, write


def test_each_phase_is_measured_from_the_loss_on() -> None:
    found = measure(story(), factor=1)
    assert (found.detection, found.decision, found.opening, found.failover) == (4.0, 2.0, 14.0, 14.5)
    assert (found.rto, found.rto_on_aws) == (22.5, 22.5)


def test_what_was_faster_than_on_aws_is_added_to_the_recovery_time() -> None:
    assert measure(story(), factor=5).rto_on_aws == 22.5 + (30 + 60) * 0.8


def test_the_overhead_is_the_machine_without_its_waits() -> None:
    assert measure(story(), factor=1).overhead == 14.5 - 5.0


def test_a_planned_failover_is_measured_by_the_outage_of_writes() -> None:
    told = story(moments=[], runs=[run(mode="planned")])
    found = measure(told, factor=1)
    assert found.detection is None
    assert found.rto == 24.0


def test_lost_writes_are_counted_and_the_oldest_of_them_is_the_rpo() -> None:
    attempts = [write(5.0, HOME, key="old"), write(9.0, HOME, key="young"), write(32.0, AWAY)]
    told = story(attempts=attempts, runs=[run(missing_orders=("old", "young"), missing_rows=("row",))])
    found = measure(told, factor=1)
    assert (found.lost_orders, found.lost_rows, found.rpo) == (2, 1, 4.5)
    assert found.returned_orders == 2
    told.missing_in_the_end = ("old",)
    assert measure(told, factor=1).returned_orders == 1


@pytest.mark.parametrize(
    ("caller", "region", "counted"),
    [
        ("test", HOME, True),
        ("operator", HOME, True),
        ("drill", HOME, False),
        ("terraform", HOME, False),
        (f"function-{HOME}", HOME, False),
        (f"function-{AWAY}", HOME, True),
    ],
)
def test_only_calls_of_the_recovery_count_and_of_functions_that_live_elsewhere(
    caller: str, region: str, *, counted: bool
) -> None:
    assert bool(measure(story(calls=[call(caller, region)]), factor=1).recovery_calls) is counted


@pytest.mark.parametrize(
    ("at", "region", "counted"),
    [(16.0, HOME, 0), (25.0, HOME, 1), (25.0, AWAY, 1), (35.0, HOME, 1), (35.0, AWAY, 0)],
)
def test_a_write_while_tiers_are_promoted_or_in_the_old_region_later_is_a_conflict(
    at: float, region: str, counted: int
) -> None:
    told = story(attempts=[write(at, region)])
    assert measure(told, factor=1).conflicts == counted


def test_the_old_region_may_write_again_after_the_failback_began() -> None:
    back = run(name="failback", to=HOME, mode="planned", began=45.0, opened=50.0, ended=51.0, steps=())
    told = story(runs=[run(), back], attempts=[write(52.0, HOME), write(46.0, AWAY)])
    assert measure(told, factor=1).conflicts == 0


def test_an_outage_lasts_from_one_success_to_the_next_and_only_where_something_failed() -> None:
    attempts = [write(1.0, HOME), write(9.0, HOME), write(10.0, HOME, status=0), write(20.0, AWAY)]
    assert list(outages(attempts)) == [11.0]
    assert list(outages([write(1.0, HOME, status=0), write(3.0, HOME, status=0)])) == [2.5]
    assert list(outages([])) == []


def test_refusals_are_counted_by_what_clients_were_told() -> None:
    found = tally(story().attempts, "write")
    assert (found.tried, found.acknowledged, found.refused) == (5, 3, {"FENCED": 1, "no answer": 1})


def test_a_story_without_a_loss_or_a_failover_has_no_recovery() -> None:
    quiet = Story(began=0, primary=HOME, standby=AWAY, attempts=[write(1.0, HOME)])
    found = measure(quiet, factor=5)
    assert (found.rto, found.rto_on_aws, found.detection, found.failover, found.rpo) == (None, None, None, None, 0.0)
