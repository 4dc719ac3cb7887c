"""Bad descriptions: each problem names file, key, what was found and what is allowed, and all are told at once."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from deployments.load import load, load_every_stage, read, shown
from deployments.problems import Problem, ProblemsError
from tests.unit.bad_containers import CONTAINER_CASES
from tests.unit.bad_descriptions import CASES, EAST, Edit, drop, put
from tests.unit.bad_stores import STORE_CASES
from tests.unit.toml_text import toml
from tests.unit.variants import ECOMMERCE

ALL_CASES = CASES | STORE_CASES | CONTAINER_CASES


def problems_of(folder: Path, *edits: Edit, suffix: str = "dev") -> list[Problem]:
    """Return what is wrong with the real file after the edits."""
    table = copy.deepcopy(read(ECOMMERCE))
    for edit in edits:
        edit(table)
    file = folder / "shop.toml"
    file.write_text(toml(table), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load(file, suffix)
    assert {problem.where for problem in caught.value.problems} == {str(file)}
    return list(caught.value.problems)


@pytest.mark.parametrize("case", ALL_CASES)
def test_a_problem_names_key_finding_and_what_is_allowed(tmp_path: Path, case: str) -> None:
    edits, key, what, found, allowed = ALL_CASES[case]
    told = [problem for problem in problems_of(tmp_path, *edits) if problem.key == key]
    assert len(told) == 1
    assert what in told[0].what
    assert told[0].found.startswith(found)
    assert allowed in told[0].allowed


def test_backup_and_restore_without_backups_is_refused(tmp_path: Path) -> None:
    edits = [put("strategy", "backup-restore"), drop("backup"), put("database.standby_instances", 1)]
    told = {problem.key: problem.what for problem in problems_of(tmp_path, *edits)}
    assert told["strategy"] == "backup-restore restores from backups"
    assert told["database.standby_instances"] == "backup-restore runs nothing in a standby"
    assert told["database.rpo_seconds"].endswith("backups are taken every 24 h (backup.every_hours)")


def test_several_problems_are_told_in_one_run(tmp_path: Path) -> None:
    edits = [
        put("database.bogus", 1),
        put("network.zones", 9),
        put("regions", [EAST, EAST]),
        put("database.min_acu", 0),
        put("database.rpo_seconds", 10),
    ]
    told = {problem.key for problem in problems_of(tmp_path, *edits)}
    assert told >= {"database.bogus", "network.zones", "regions", "database.min_acu", "database.rpo_seconds"}


def test_a_problem_is_told_once(tmp_path: Path) -> None:
    told = problems_of(tmp_path, put("database.min_acu", 0), put("network.zones", 9))
    assert len(told) == len(set(told)) == 2


def test_the_stage_is_blamed_for_what_the_stage_says(tmp_path: Path) -> None:
    told = problems_of(tmp_path, put("stages.prod.database.min_acu", 0), suffix="prod")
    assert [problem.key for problem in told] == ["stages.prod.database.min_acu"]


def test_the_base_is_blamed_for_what_the_base_says(tmp_path: Path) -> None:
    told = problems_of(tmp_path, put("network.zones", 9), suffix="prod")
    assert [problem.key for problem in told] == ["network.zones"]


def test_a_suffix_that_breaks_awss_limits_is_told_with_the_resource_and_its_limit(tmp_path: Path) -> None:
    told = problems_of(tmp_path, suffix="pr12345678901234")
    assert [problem.what for problem in told] == [
        f"names of a {kind} would not fit into AWS's limit of 32 characters"
        for kind in ("load balancer", "target group")
    ]
    assert {problem.found for problem in told} == {"prefix 'ecommerce-pr12345678901234' with 26 characters"}
    assert {problem.allowed for problem in told} == {"at most 25 characters for name and suffix together"}


@pytest.mark.parametrize("suffix", ["Prod", "pr_1", "-pr1", "pr1-", "pr1-health", "pr 1", "p" * 21, "", "prö"])
def test_a_suffix_that_cannot_be_part_of_names_is_refused(suffix: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        load(ECOMMERCE, suffix)
    assert [problem for problem in caught.value.problems if problem.where == "ENVIRONMENT_SUFFIX"] == [
        Problem(
            where="ENVIRONMENT_SUFFIX",
            what="cannot be part of AWS names",
            found=repr(suffix),
            allowed="1 to 20 lower-case letters and digits",
        )
    ]


def test_an_unknown_stage_lists_those_that_the_file_knows() -> None:
    with pytest.raises(ProblemsError) as caught:
        load(ECOMMERCE, "staging")
    assert "unknown stage (found 'staging'); allowed: dev, pr*, prod" in str(caught.value)


@pytest.mark.parametrize("stages", [3, {"dev": 1}, ["dev"]])
def test_stages_that_are_no_tables_are_refused(tmp_path: Path, stages: object) -> None:
    told = problems_of(tmp_path, put("stages", stages))
    assert told[0].key in {"stages", "stages.dev"}
    assert (told[0].what, told[0].allowed) == ("a stage is a table of changes", "[stages.<suffix or pattern>]")


def test_invalid_toml_is_told_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text("name = 'a'\nstrategy = \n", encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load(file, "dev")
    assert str(caught.value) == f"error: {file}: is not valid TOML (found Invalid value (at line 2, column 12))"


def test_a_file_that_is_not_text_is_told_with_the_byte(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_bytes(b'name = "\xff"')
    with pytest.raises(ProblemsError) as caught:
        load(file, "dev")
    assert str(caught.value) == f"error: {file}: is not UTF-8 text (found byte 8)"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "absent.toml"
    with pytest.raises(ProblemsError) as caught:
        load(file, "dev")
    assert str(caught.value) == f"error: {file}: no such file; allowed: an existing TOML file"


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        load(tmp_path, "dev")
    assert str(caught.value) == f"error: {tmp_path}: cannot be read (found Is a directory)"


def test_files_of_the_project_are_named_relative_to_it(tmp_path: Path) -> None:
    assert shown(ECOMMERCE) == "deployments/ecommerce.toml"
    assert shown(tmp_path / "shop.toml") == str(tmp_path / "shop.toml")


def test_every_stage_is_checked_at_once(tmp_path: Path) -> None:
    table = copy.deepcopy(read(ECOMMERCE))
    put("stages.prod.database.min_acu", 0)(table)
    put("stages.dev.network", {"zones": 9})(table)
    put("name", "Shop_1")(table)
    file = tmp_path / "shop.toml"
    file.write_text(toml(table), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load_every_stage(file)
    told = [problem.key for problem in caught.value.problems]
    assert sorted(told) == ["name", "stages.dev.network.zones", "stages.prod.database.min_acu"]


def test_every_stage_of_the_real_file_is_free_of_problems() -> None:
    systems = load_every_stage(ECOMMERCE)
    assert {stage: (system.suffix, system.spec.protected) for stage, system in systems.items()} == {
        "dev": ("dev", False),
        "pr*": ("pr1", False),
        "prod": ("prod", True),
    }


def test_a_file_without_stages_takes_any_suffix(tmp_path: Path) -> None:
    table = {key: value for key, value in read(ECOMMERCE).items() if key != "stages"}
    file = tmp_path / "shop.toml"
    file.write_text(toml(table), encoding="utf-8")
    assert load(file, "anything").suffix == "anything"
    assert list(load_every_stage(file)) == ["*"]
