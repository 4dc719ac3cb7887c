"""Objectives are arithmetic: a promise that the design cannot keep is refused, with what would keep it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from deployments.failover.plan import least_rto_seconds
from deployments.load import FOLDER, load, read
from deployments.model import Deployment, Strategy
from deployments.objectives import Budget, budget
from deployments.problems import Problem, ProblemsError
from deployments.stages import STAGES, TomlTable, overlay
from deployments.system import System
from tests.unit.toml_text import toml

SYSTEMS = ("ecommerce", "globecart", "multi_region")
LOOSE: TomlTable = {
    "objectives": {"rto_seconds": 86400, "rpo_seconds": 3600, "decision_seconds": 100},
    "buckets": {"assets": {"rpo_seconds": 3600}},
    "backup": {"every_hours": 1},
}


def description(changes: TomlTable) -> TomlTable:
    base = {key: value for key, value in read(FOLDER / "multi_region.toml").items() if key != STAGES}
    return overlay(overlay(base, LOOSE), changes)


def plan_of(changes: TomlTable) -> Budget:
    return budget(Deployment.model_validate(description(changes)))


def loaded(folder: Path, changes: TomlTable) -> System:
    path = folder / "system.toml"
    path.write_text(toml(description(changes)), encoding="utf-8")
    return load(path, "dev")


def refused(folder: Path, changes: TomlTable) -> dict[str, Problem]:
    """Load a description that is wrong; return the problems by key."""
    with pytest.raises(ProblemsError) as caught:
        loaded(folder, changes)
    assert {problem.where for problem in caught.value.problems} == {str(folder / "system.toml")}
    return {problem.key: problem for problem in caught.value.problems}


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("suffix", ["dev", "pr7", "prod"])
def test_the_projects_own_systems_keep_their_objectives(name: str, suffix: str) -> None:
    assert budget(load(FOLDER / f"{name}.toml", suffix).spec).is_kept


@pytest.mark.parametrize(
    ("strategy", "steps"),
    [
        ("backup-restore", [30, 60, 100, 3600, 7200]),
        ("pilot-light", [30, 60, 100, 600, 120]),
        ("warm-standby", [30, 60, 100, 120]),
        ("active-active", [30, 60, 100, 120]),
    ],
)
def test_recovery_takes_detection_decision_and_the_slowest_tier(strategy: Strategy, steps: list[int]) -> None:
    plan = plan_of({"strategy": strategy})
    assert [step.seconds for step in (*plan.before, *plan.longest.steps)] == steps
    assert plan.seconds == sum(steps)
    assert plan.longest.tier == "database"
    assert max(recovery.seconds for recovery in plan.recoveries) == plan.longest.seconds


def test_an_instance_in_the_pilot_light_saves_the_time_to_add_one() -> None:
    without = plan_of({"strategy": "pilot-light"})
    running = plan_of({"strategy": "pilot-light", "database": {"standby_instances": 1}})
    assert without.seconds - running.seconds == 600


def test_nobody_decides_where_every_region_serves_and_no_database_has_one_writer() -> None:
    table = description({"strategy": "active-active"})
    plan = budget(Deployment.model_validate({key: value for key, value in table.items() if key != "database"}))
    assert [step.name for step in plan.before] == ["detect: health checks", "detect: resolvers' caches"]
    assert plan.seconds == 90


@pytest.mark.parametrize("strategy", get_args(Strategy))
def test_an_rto_is_kept_down_to_the_second_and_refused_one_below(tmp_path: Path, strategy: str) -> None:
    needed = least_rto_seconds(Deployment.model_validate(description({"strategy": strategy})))
    system = loaded(tmp_path, {"strategy": strategy, "objectives": {"rto_seconds": needed}})
    assert system.spec.objectives.rto_seconds == needed
    problem = refused(tmp_path, {"strategy": strategy, "objectives": {"rto_seconds": needed - 1}})
    assert problem.keys() == {"objectives.rto_seconds"}
    assert problem["objectives.rto_seconds"].found == str(needed - 1)
    assert problem["objectives.rto_seconds"].allowed.startswith(f"at least {needed}, or ")


def test_a_refused_rto_shows_its_arithmetic_and_the_strategies_that_would_keep_it(tmp_path: Path) -> None:
    problem = refused(tmp_path, {"strategy": "pilot-light", "objectives": {"rto_seconds": 400}})
    told = problem["objectives.rto_seconds"]
    assert (
        "detect: health checks 30 + detect: resolvers' caches 60 + decide: a person 100"
        " + add the first instance 600 + promote the secondary 120 = 910 s, with database the slowest tier"
    ) in told.what
    assert told.allowed == "at least 910, or strategy warm-standby or active-active"


@pytest.mark.parametrize(("tier", "least"), [("database", 20), ("tables.orders", 5), ("buckets.assets", 900)])
def test_an_rpo_is_kept_down_to_what_replication_promises_and_refused_below(
    tmp_path: Path, tier: str, least: int
) -> None:
    def own(seconds: int) -> TomlTable:
        kind, _, name = tier.partition(".")
        return {kind: {name: {"rpo_seconds": seconds}} if name else {"rpo_seconds": seconds}}

    assert loaded(tmp_path, own(least)).spec.objectives.rpo_seconds == 3600
    problem = refused(tmp_path, own(least - 1))
    assert problem.keys() == {f"{tier}.rpo_seconds"}
    assert (problem[f"{tier}.rpo_seconds"].found, problem[f"{tier}.rpo_seconds"].allowed) == (
        str(least - 1),
        f"at least {least}",
    )


def test_stores_without_an_rpo_of_their_own_are_held_to_the_systems(tmp_path: Path) -> None:
    problems = refused(tmp_path, {"objectives": {"rpo_seconds": 4}})
    assert problems.keys() == {"database.rpo_seconds", "tables.orders.rpo_seconds"}
    assert {problem.found for problem in problems.values()} == {"4, from objectives.rpo_seconds"}


def test_every_tier_of_backup_restore_may_lose_what_lies_between_two_backups() -> None:
    losses = plan_of({"strategy": "backup-restore"}).losses
    assert {loss.tier: loss.reachable for loss in losses} == {
        "database": 3600,
        "tables.orders": 3600,
        "buckets.assets": 3600,
    }


EVERYTHING_WRONG: TomlTable = {
    "strategy": "pilot-light",
    "objectives": {"rto_seconds": 600, "rpo_seconds": 60},
    "domain": {"zone": "", "host": "app"},
    "regions": [{"name": "us-east-1"}, {"name": "us-west-2"}, {"name": "us-west-2"}],
    "database": {"engine_version": "16.0", "instance_class": "db.t4g.medium"},
    "buckets": {"assets": {"rpo_seconds": 60}},
}


def everything_wrong() -> TomlTable:
    """Return a description with every fault that several regions can have, the zone left out."""
    table = description(EVERYTHING_WRONG)
    table["domain"] = {"host": "app"}
    return table


WHAT_IS_TOLD = {
    "domain.zone": ("is missing", "", "Public Route 53 hosted zone, such as example.com."),
    "regions": ("us-west-2 is listed 2 times", "us-west-2", "each region once"),
    "objectives.rto_seconds": ("the design takes longer to recover", "600", "strategy warm-standby or active-active"),
    "database.instance_class": ("needs memory-optimised instances", "db.t4g.medium", "db.r or db.x"),
    "database.engine_version": ("cannot be in a Global Database", "16.0", "16.1 or newer"),
    "buckets.assets.rpo_seconds": ("cannot reach this RPO", "60", "at least 900"),
}
"""By key: parts of what is wrong, what was found, what is allowed."""


def test_everything_that_is_wrong_is_told_at_once_with_file_key_found_and_allowed(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(toml(everything_wrong()), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load(path, "dev")
    problems = {problem.key: problem for problem in caught.value.problems}
    assert problems.keys() == WHAT_IS_TOLD.keys()
    for key, (what, found, allowed) in WHAT_IS_TOLD.items():
        assert what in problems[key].what, key
        assert problems[key].found == found, key
        assert allowed in problems[key].allowed, key
        assert str(problems[key]).startswith(f"{path}: {key}: "), key


def test_a_strategy_that_the_objectives_rule_out_names_those_that_are_not(tmp_path: Path) -> None:
    problems = refused(tmp_path, {"strategy": "backup-restore", "objectives": {"rto_seconds": 1800, "rpo_seconds": 60}})
    assert problems.keys() == {"objectives.rto_seconds", "database.rpo_seconds", "tables.orders.rpo_seconds"}
    assert problems["objectives.rto_seconds"].allowed == (
        "at least 10990, or strategy pilot-light or warm-standby or active-active"
    )
    assert "backups are taken every 1 h (backup.every_hours)" in problems["database.rpo_seconds"].what


def test_no_region_is_told_with_the_key_and_what_else_is_wrong(tmp_path: Path) -> None:
    problems = refused(tmp_path, {"regions": [], "buckets": {"assets": {"rpo_seconds": 1}}})
    assert problems.keys() == {"regions", "buckets.assets.rpo_seconds"}
    assert "at least 1 item" in problems["regions"].what
    assert problems["regions"].found in {"[]", "()"}


def test_one_region_cannot_have_a_standby_strategy(tmp_path: Path) -> None:
    problems = refused(tmp_path, {"regions": [{"name": "us-east-1"}], "strategy": "warm-standby"})
    assert problems["strategy"].found == "warm-standby with one region"
    assert problems["strategy"].allowed == "backup-restore, or a second region"


@pytest.mark.parametrize("instance_class", ["db.t3.medium", "db.t4g.large", "db.m6g.large", "db.c6gd.large"])
def test_a_class_that_a_global_database_refuses_may_stand_alone(tmp_path: Path, instance_class: str) -> None:
    changes: TomlTable = {"database": {"instance_class": instance_class}}
    assert refused(tmp_path, changes).keys() == {"database.instance_class"}
    alone = loaded(tmp_path, {**changes, "strategy": "backup-restore"})
    assert not alone.has_global_database


@pytest.mark.parametrize("version", ["12.9", "13.5", "14.2", "15.1", "16.0", "17.3", "18.1"])
def test_a_version_that_a_global_database_refuses_lists_those_that_it_takes(tmp_path: Path, version: str) -> None:
    problems = refused(tmp_path, {"database": {"engine_version": version}})
    assert problems.keys() == {"database.engine_version"}
    assert problems["database.engine_version"].found == version
    assert "14.3 or newer" in problems["database.engine_version"].allowed


def test_an_instance_and_a_cache_are_part_of_the_arithmetic() -> None:
    plan = budget(load(FOLDER / "healthcare.toml", "dev").spec)
    recoveries = {recovery.tier: [step.name for step in recovery.steps] for recovery in plan.recoveries}
    assert recoveries["instance"] == ["restore from the copy"]
    assert recoveries["cache"] == ["apply the regional stack", "create the cache"]
    assert plan.longest.tier == "instance"
    (loss,) = plan.losses
    assert (loss.tier, loss.reachable, loss.is_kept) == ("instance", 3600, True)


def test_containers_and_files_are_part_of_the_arithmetic() -> None:
    plan = budget(load(FOLDER / "globecart.toml", "prod").spec)
    assert {recovery.tier: recovery.seconds for recovery in plan.recoveries} == {
        "database": 120,
        "cache": 0,
        "container": 180,
        "file_system": 300,
        "traffic": 0,
    }
    assert (plan.longest.tier, plan.seconds, plan.is_kept) == ("file_system", 510, True)
    assert {loss.tier: (loss.objective, loss.reachable) for loss in plan.losses} == {
        "database": (60, 20),
        "file_system": (900, 900),
    }


def test_containers_and_files_come_back_from_copies_in_backup_restore() -> None:
    spec = load(FOLDER / "globecart.toml", "dev").spec
    plan = budget(spec, "backup-restore")
    steps = {recovery.tier: [step.name for step in recovery.steps] for recovery in plan.recoveries}
    assert steps["container"] == ["apply the regional stack", "start tasks"]
    assert steps["file_system"] == ["apply the regional stack", "restore from the copy"]
    assert [
        recovery.steps for recovery in budget(spec, "active-active").recoveries if recovery.tier == "container"
    ] == [()]
