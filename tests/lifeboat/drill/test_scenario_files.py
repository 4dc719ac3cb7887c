"""Scenario files say what happens and what must hold; a file that cannot be played says why, all at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from deployments.load import FOLDER as DEPLOYMENTS
from deployments.load import load
from deployments.problems import ProblemsError
from lifeboat.drill.direct import lack, ordered
from lifeboat.drill.scenario import known, load_scenarios

GOOD = """
title = "T"
about = "A"
expect.open = "primary"
steps = [{ do = "work", seconds = 1 }]
"""
WANTED = {
    "dark-during-deploy",
    "dark-during-failover",
    "flapping",
    "standby-dark",
    "failover-twice",
    "lag-over-rpo",
    "fencing-impossible",
    "planned-switchover",
    "global-control-planes-dark",
    "database-dark",
    "table-dark",
}


def test_every_scenario_that_ships_can_be_read_and_tells_what_it_is_about() -> None:
    scenarios = load_scenarios([])
    assert len(scenarios) >= 10
    assert {each.name for each in scenarios} >= WANTED
    assert len({each.title for each in scenarios}) == len(scenarios)


def test_all_means_every_scenario_and_names_are_played_once() -> None:
    assert [each.name for each in load_scenarios(["all"])] == known()
    assert [each.name for each in load_scenarios(["flapping", "flapping"])] == ["flapping"]


@pytest.mark.parametrize(
    ("change", "key", "what"),
    [
        (("seconds = 1", "seconds = 0"), "steps.0.work.seconds", "greater than 0"),
        (('do = "work"', 'do = "rest"'), "steps.0", "expected tags"),
        (('expect.open = "primary"', 'expect.open = "moon"'), "expect.open", "'primary', 'standby' or 'global'"),
        (('title = "T"', ""), "title", "is missing"),
        (('about = "A"', 'about = "A"\ncolour = "red"'), "colour", "unknown key"),
        (("steps = [{", 'steps = [{ do = "await" }, {'), "steps.0.name", "no failover of this name"),
        (("steps = [{", 'steps = [{ do = "deployed", expect = "failed" }, {'), "steps.0", "no deploy was begun"),
        (
            ("steps = [{", 'steps = [{ do = "dark", where = "global", service = "rds" }, {'),
            "steps.0.service",
            "go dark together",
        ),
        (
            ("steps = [{", 'steps = [{ do = "dark", where = "primary", service = "x" }, {'),
            "steps.0.dark.service",
            "'x'",
        ),
        (('title = "T"', "title = "), "", "is not readable as TOML"),
    ],
)
def test_a_bad_file_is_named_with_key_and_reason(tmp_path: Path, change: tuple[str, str], key: str, what: str) -> None:
    path = tmp_path / "mine.toml"
    assert change[0] in GOOD
    path.write_text(GOOD.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ProblemsError) as raised:
        load_scenarios([str(path)])
    said = str(raised.value)
    assert f"{path}: {key}" in said
    assert what in said


def test_the_problems_of_all_files_come_at_once_and_unknown_names_list_the_known(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(ProblemsError) as raised:
        load_scenarios([str(path), "no-such"])
    assert len(raised.value.problems) == 5
    assert "found no-such" in str(raised.value)
    assert "planned-switchover" in str(raised.value)


def test_what_a_system_lacks_leaves_a_scenario_out() -> None:
    shop = load(DEPLOYMENTS / "ecommerce.toml", "dev")
    by_name = {each.name: each for each in load_scenarios([])}
    without = partial(lack, shop, databases=False)
    assert without(by_name["table-dark"], deployed=False) == ""
    assert "not deployed by Terraform" in without(by_name["dark-during-deploy"], deployed=False)
    assert without(by_name["dark-during-deploy"], deployed=True) == ""
    assert "has no container" in without(by_name["container-dark"], deployed=True)


def test_containers_with_a_database_have_every_scenario_but_those_of_what_they_lack() -> None:
    cart = load(DEPLOYMENTS / "globecart.toml", "dev")
    left_out = {each.name for each in load_scenarios([]) if lack(cart, each, deployed=True, databases=True)}
    assert left_out == {"table-dark", "bucket-dark", "function-dark"}


def test_orders_in_a_database_that_cannot_be_asked_cannot_be_drilled() -> None:
    cart = load(DEPLOYMENTS / "globecart.toml", "dev")
    reasons = {lack(cart, each, deployed=True, databases=False) for each in load_scenarios(["region-dark", "flapping"])}
    assert reasons == {"the system keeps orders in a database that cannot be asked from here"}


def test_scenarios_are_ordered_so_that_few_failbacks_are_needed() -> None:
    scenarios = load_scenarios([])
    order = ordered(scenarios)
    assert sorted(each.name for each in order) == sorted(each.name for each in scenarios)

    def failbacks(played: list[str]) -> int:
        by_name, at_home, count = {each.name: each for each in scenarios}, True, 0
        for name in played:
            scenario = by_name[name]
            if scenario.from_described_primary and not at_home:
                count, at_home = count + 1, True
            at_home = at_home == (scenario.expect.open == "primary")
        return count

    assert failbacks([each.name for each in order]) <= failbacks([each.name for each in scenarios])
