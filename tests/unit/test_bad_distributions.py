"""Bad input about delivery from the edge: each problem with key, finding and what is allowed, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployments.load import load, read
from deployments.problems import Problem, ProblemsError
from deployments.stages import STAGES, TomlTable, overlay
from tests.unit.bad_distributions import CASES
from tests.unit.toml_text import toml
from tests.unit.variants import EDGE

GROUPS = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesNoSuchRuleSet"]


def problems_of(folder: Path, changes: TomlTable, *, without: str = "") -> dict[str, list[Problem]]:
    """Return what is wrong with the real file after the changes, by key."""
    base = {key: value for key, value in read(EDGE).items() if key != STAGES}
    base["distribution"].pop(without, None)
    file = folder / "edge.toml"
    file.write_text(toml(overlay(base, changes)), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load(file, "dev")
    assert {problem.where for problem in caught.value.problems} == {str(file)}
    found: dict[str, list[Problem]] = {}
    for problem in caught.value.problems:
        found.setdefault(problem.key, []).append(problem)
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_problem_names_key_finding_and_what_is_allowed(tmp_path: Path, case: str) -> None:
    changes, key, what, found, allowed = CASES[case]
    (told,) = problems_of(tmp_path, {"distribution": changes})[key]
    assert what in told.what
    assert told.found.startswith(found)
    assert allowed in told.allowed


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    changes = {
        "aliases": ["www.example.org"],
        "failover_codes": [418],
        "buckets": ["content", "content"],
        "viewer_request": {"environment": {"A": "1"}, "timeout_seconds": 9},
    }
    told = problems_of(tmp_path, {"distribution": changes, "firewall": {"groups": GROUPS}})
    assert set(told) == {
        "distribution.aliases.0",
        "distribution.failover_codes",
        "distribution.buckets",
        "distribution.path_function",
        "distribution.viewer_request.environment",
        "distribution.viewer_request.timeout_seconds",
        "firewall.groups.1",
    }


def test_a_rule_group_that_aws_does_not_have_is_told_with_those_it_has(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path, {"firewall": {"groups": GROUPS}})["firewall.groups.1"]
    assert told.found == "'AWSManagedRulesNoSuchRuleSet'"
    assert "'AWSManagedRulesCommonRuleSet'" in told.allowed


def test_what_the_service_keeps_is_not_published(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path, {"service": {"bucket": "content"}})["distribution.buckets"]
    assert (told.found, told.what) == ("content", "would publish what the service keeps (service.bucket)")


def test_variants_without_code_that_assigns_them_are_refused(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path, {}, without="viewer_request")["distribution.variants"]
    assert told.allowed == "[distribution.viewer_request]"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"regions": [{"name": "us-east-1"}]}, "1 region"),
        ({"strategy": "backup-restore", "backup": {"every_hours": 1}}, "strategy backup-restore"),
    ],
)
def test_a_distribution_without_a_second_bucket_to_fail_over_to_is_refused(
    tmp_path: Path, changes: TomlTable, found: str
) -> None:
    assert [problem.found for problem in problems_of(tmp_path, changes)["distribution"]] == [found]


def test_an_objective_that_the_records_cannot_keep_is_refused(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path, {"objectives": {"rto_seconds": 45}})["objectives.rto_seconds"]
    assert "detect: health checks 30 + detect: resolvers' caches 20 = 50 s, with service the slowest tier" in told.what
    assert told.allowed.startswith("at least 50")


def test_an_origin_group_that_is_too_patient_for_the_objective_is_refused(tmp_path: Path) -> None:
    slow = {"connection_attempts": 3, "connection_seconds": 10}
    changes = {"distribution": slow, "objectives": {"rto_seconds": 59}}
    (told,) = problems_of(tmp_path, changes)["objectives.rto_seconds"]
    assert "origin group: connecting 30 + origin group: no answer 30 = 60 s, with content the slowest tier" in told.what
