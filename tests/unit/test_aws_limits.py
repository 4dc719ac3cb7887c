"""What AWS would refuse in the middle of a deploy is refused in the description, with the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployments.load import FOLDER, load, read
from deployments.problems import Problem, ProblemsError
from deployments.stages import STAGES, TomlTable, overlay
from tests.unit.toml_text import toml


def refused(folder: Path, changes: TomlTable) -> dict[str, Problem]:
    """Load the reference description with changes; return the problems by key."""
    base = {key: value for key, value in read(FOLDER / "multi_region.toml").items() if key != STAGES}
    path = folder / "system.toml"
    path.write_text(toml(overlay(base, changes)), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load(path, "dev")
    return {problem.key: problem for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("name", "kind"), [("aws-shop", "parameter"), ("ssmshop", "parameter"), ("internal", "load balancer")]
)
def test_names_that_aws_keeps_for_itself_are_refused(tmp_path: Path, name: str, kind: str) -> None:
    assert refused(tmp_path, {"name": name})["name"].what == f"AWS keeps names of a {kind} that start so for itself"


def test_two_hyphens_in_a_row_are_refused_in_names(tmp_path: Path) -> None:
    assert refused(tmp_path, {"name": "a--b"}).keys() == {"name"}


def test_a_key_of_one_attribute_twice_is_refused_in_tables_and_indexes(tmp_path: Path) -> None:
    index: TomlTable = {"partition_key": "x", "sort_key": "x"}
    problems = refused(tmp_path, {"tables": {"orders": {"sort_key": "pk", "indexes": {"by-x": index}}}})
    assert {key: problem.found for key, problem in problems.items()} == {
        "tables.orders.sort_key": "pk",
        "tables.orders.indexes.by-x.sort_key": "x",
    }


def test_an_index_has_a_name_of_three_characters(tmp_path: Path) -> None:
    problem = refused(tmp_path, {"tables": {"orders": {"indexes": {"by": {"partition_key": "x"}}}}})
    assert problem["tables.orders.indexes.by"].allowed == "at least this long: 3"


def test_a_regions_name_fits_into_its_certificate_and_the_host_into_its_label(tmp_path: Path) -> None:
    problems = refused(tmp_path, {"domain": {"host": "h" * 60}})
    assert problems["domain.host"].found.endswith("-dev, 64 characters")
    assert problems["domain"].allowed == "64 characters"
    assert refused(tmp_path, {"domain": {"zone": f"{'z' * 45}.com"}}).keys() == {"domain"}


def test_a_global_database_joins_ten_standbys_and_no_more(tmp_path: Path) -> None:
    regions = [{"name": f"{place}-{number}"} for place in ("us-east", "eu-west") for number in range(6)]
    assert refused(tmp_path, {"regions": regions})["regions"].found == "11 standbys"
    in_one_fewer = refused(tmp_path, {"regions": regions[:-1], "objectives": {"rto_seconds": 1}})
    assert in_one_fewer.keys() == {"objectives.rto_seconds"}


def test_one_region_is_offered_no_strategy_that_needs_two(tmp_path: Path) -> None:
    changes: TomlTable = {"regions": [{"name": "us-east-1"}], "strategy": "backup-restore"}
    assert "strategy" not in refused(tmp_path, changes)["objectives.rto_seconds"].allowed.partition(";")[0]
