"""Figures come from what clients, the machine and the dark switch noted."""

from __future__ import annotations

import pytest
from msgspec import structs

from lifeboat.drill.measure import measure, outages, tally
from lifeboat.drill.record import Attempt, Story, Switched
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


def late(**changes: object) -> Attempt:
    """Place an order in the old region at 52, two seconds after it is back, by an answer of DNS from 45."""
    return structs.replace(write(52.0, HOME), **({"resolved": 45.0} | changes))


HEARD = Switched(at=55.0, region=HOME, active=AWAY)


def test_what_an_old_primary_takes_before_it_heard_is_no_conflict_if_its_client_could_not_know_either() -> None:
    found = measure(story(attempts=[late()], switched=[HEARD]), factor=1)
    assert (found.conflicts, found.unaware_writes) == (0, 1)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"resolved": 51.0}, {}, id="DNS was asked after it was back"),
        pytest.param({"resolved": 0.0}, {}, id="DNS was not asked"),
        pytest.param({"at": 65.5}, {}, id="it had heard long ago"),
        pytest.param({}, {"switched": []}, id="it never heard"),
        pytest.param({}, {"switched": [structs.replace(HEARD, region=AWAY)]}, id="another one heard"),
        pytest.param({}, {"switched": [structs.replace(HEARD, at=12.0)]}, id="it heard of an earlier failover"),
        pytest.param({}, {"switched": [structs.replace(HEARD, active=HOME)]}, id="it was told that it is open"),
        pytest.param({}, {"runs": [run(fence={AWAY: True, HOME: True})]}, id="it had confirmed"),
        pytest.param({"at": 25.0, "until": 25.5}, {}, id="tiers were being promoted"),
        pytest.param({}, {"moments": []}, id="it was never away"),
    ],
)
def test_everything_else_that_it_takes_is_one(changes: dict[str, object], told: dict[str, object]) -> None:
    found = measure(story(**({"attempts": [late(**changes)], "switched": [HEARD]} | told)), factor=1)
    assert (found.conflicts, found.unaware_writes) == (1, 0)


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
