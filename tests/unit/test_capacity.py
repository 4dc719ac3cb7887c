"""Capacity: the word in the file becomes numbers in one place."""

from __future__ import annotations

import pytest

from deployments.capacity import Capacity, capacity
from deployments.model import Deployment
from deployments.stages import TomlTable
from deployments.validation import validate
from tests.unit.variants import BARE, described


def spec(changes: TomlTable, *, without: tuple[str, ...] = ()) -> Deployment:
    found, problems = validate(described(changes, without=without))
    assert problems == []
    assert found is not None
    return found


def numbers(found: Capacity) -> tuple[bool, int, bool, int, bool]:
    return found.database, found.database_instances, found.service, found.concurrency, found.replicas


FULL = (True, 2, True, 50, True)


@pytest.mark.parametrize(
    ("strategy", "standby"),
    [
        ("backup-restore", (False, 0, False, 0, False)),
        ("pilot-light", (True, 0, True, 0, True)),
        ("warm-standby", (True, 1, True, 10, True)),
        ("active-active", FULL),
    ],
)
def test_the_strategy_decides_what_a_standby_runs(strategy: str, standby: tuple[bool, int, bool, int, bool]) -> None:
    described_ = spec({"strategy": strategy})
    assert numbers(capacity(described_, primary=True)) == FULL
    assert numbers(capacity(described_, primary=False)) == standby


def test_a_number_in_the_file_wins_over_the_strategy() -> None:
    described_ = spec({"database": {"standby_instances": 3}, "service": {"standby_concurrency": 7}})
    standby = capacity(described_, primary=False)
    assert (standby.database_instances, standby.concurrency) == (3, 7)
    assert numbers(capacity(described_, primary=True)) == FULL


def test_a_warm_standby_serves_at_least_one_request() -> None:
    assert capacity(spec({"service": {"concurrency": 3}}), primary=False).concurrency == 1


@pytest.mark.parametrize("primary", [True, False])
def test_absent_tiers_run_nowhere(*, primary: bool) -> None:
    assert numbers(capacity(spec({}, without=BARE), primary=primary)) == (False, 0, False, 0, True)


CONTAINER = {"container": {"image": "sha256:" + 64 * "a", "min_tasks": 10, "max_tasks": 20}, "registry": {}}


@pytest.mark.parametrize(
    ("strategy", "tasks"), [("backup-restore", 0), ("pilot-light", 0), ("warm-standby", 2), ("active-active", 10)]
)
def test_the_strategy_decides_how_many_tasks_a_standby_runs(strategy: str, tasks: int) -> None:
    described_ = spec(CONTAINER | {"strategy": strategy}, without=("service",))
    primary, standby = (capacity(described_, primary=primary) for primary in (True, False))
    assert (primary.service, primary.tasks, primary.concurrency) == (True, 10, 0)
    assert (standby.service, standby.tasks) == (strategy != "backup-restore", tasks)


def test_the_files_number_of_tasks_wins_over_the_strategy() -> None:
    more = {"container": {**CONTAINER["container"], "standby_tasks": 7}}
    assert capacity(spec(CONTAINER | more, without=("service",)), primary=False).tasks == 7
