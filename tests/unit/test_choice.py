"""What is meant: the environment first, then cdktf's context, and no silent default."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deployments.choice import chosen_names, chosen_suffix, chosen_systems, context
from deployments.load import known, path_of
from deployments.problems import Problem, ProblemsError


def project(folder: Path, content: object) -> Path:
    (folder / "cdktf.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_deployment_answers_to_its_systems_own_name() -> None:
    assert path_of("multi-region") == path_of("multi_region")


def test_the_environment_wins_over_the_context(tmp_path: Path) -> None:
    where = project(tmp_path, {"context": {"deployment": "a", "environmentSuffix": "dev"}})
    environment = {"DEPLOYMENT": "b", "ENVIRONMENT_SUFFIX": "pr1"}
    assert (chosen_names(environment, where), chosen_suffix(environment, where)) == (["b"], "pr1")


def test_the_context_of_the_command_line_wins_over_the_projects(tmp_path: Path) -> None:
    where = project(tmp_path, {"context": {"deployment": "a", "environmentSuffix": "dev"}})
    passed = {"CDKTF_CONTEXT_JSON": json.dumps({"deployment": "b", "environmentSuffix": "prod"})}
    assert (chosen_names(passed, where), chosen_suffix(passed, where)) == (["b"], "prod")
    assert (chosen_names({}, where), chosen_suffix({}, where)) == (["a"], "dev")


@pytest.mark.parametrize("text", ["a b", "a,b", " a , b,a\n", "a b a"])
def test_several_names_are_taken_once_each_in_order(tmp_path: Path, text: str) -> None:
    assert chosen_names({"DEPLOYMENT": text}, tmp_path) == ["a", "b"]


def test_all_stands_for_every_deployment_of_the_project(tmp_path: Path) -> None:
    assert chosen_names({"DEPLOYMENT": "all"}, tmp_path) == known()
    assert "ecommerce" in known()


def test_no_suffix_is_an_error_and_not_dev(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        chosen_suffix({}, project(tmp_path, {"context": {}}))
    assert caught.value.problems == (
        Problem(where="ENVIRONMENT_SUFFIX", what="is not set", allowed="a stage of the deployment, such as dev"),
    )


def test_no_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="DEPLOYMENT: names no deployment; allowed: "):
        chosen_names({}, project(tmp_path, {}))


@pytest.mark.parametrize(("content", "found"), [("{", "line 1"), ("[]", ""), ('{"context": 3}', "int")])
def test_a_project_file_that_is_no_object_is_told(tmp_path: Path, content: str, found: str) -> None:
    (tmp_path / "cdktf.json").write_text(content, encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"cdktf\.json: is not a JSON object") as caught:
        context({}, tmp_path)
    assert found in str(caught.value)


def test_a_missing_project_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match=r"cdktf\.json: is not a JSON object"):
        context({}, tmp_path)


def test_problems_of_every_deployment_are_collected_and_each_is_told_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        chosen_systems({"DEPLOYMENT": "ecommerce nowhere never", "ENVIRONMENT_SUFFIX": "staging"})
    assert [(problem.where, problem.found) for problem in caught.value.problems] == [
        ("ENVIRONMENT_SUFFIX", "'staging'"),
        ("DEPLOYMENT", "'nowhere'"),
        ("DEPLOYMENT", "'never'"),
    ]


def test_systems_come_in_the_order_asked_for() -> None:
    systems = chosen_systems({"DEPLOYMENT": "ecommerce", "ENVIRONMENT_SUFFIX": "pr7"})
    assert [(system.spec.name, system.suffix) for system in systems] == [("ecommerce", "pr7")]
