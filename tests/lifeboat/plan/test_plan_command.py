from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lifeboat.cli import cli
from tests.lifeboat.plan.plans import DESTROY, UPDATE, content, entry


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["plan", *arguments])


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = tmp_path / "shop.json"
    path.write_bytes(content(entry("aws_s3_bucket.b", DESTROY, {"bucket": "b"})))
    return str(path)


def test_every_form_is_written_and_quiet_prints_the_verdict_alone(plan: str, tmp_path: Path) -> None:
    forms = {form: tmp_path / "out" / f"r.{form}" for form in ("markdown", "json", "sarif", "html")}
    result = run(plan, "--quiet", *(f"--{form}={path}" for form, path in forms.items()))
    assert result.exit_code == 3
    assert result.stdout == "GUARDED, 1 in the way: 1 stack, 1 to destroy\n"
    assert json.loads(forms["json"].read_text())["verdict"] == result.stdout.strip()
    assert json.loads(forms["sarif"].read_text())["runs"][0]["results"][0]["ruleId"] == "data-loss"
    assert forms["html"].read_text().startswith("<!doctype html>")
    assert forms["markdown"].read_text().startswith("<!-- lifeboat:plan -->\n")


def test_a_comment_has_the_name_and_the_size_that_are_asked_for(plan: str, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run(plan, "--name", "prod", "--budget", "1500", "--markdown", str(path))
    assert path.read_text().startswith("<!-- lifeboat:plan:prod -->\n")
    assert len(path.read_bytes()) <= 1500


def test_a_file_that_cannot_be_written_is_told(plan: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run(plan, "--json", str(tmp_path / "file" / "r.json"))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {tmp_path}/file/r.json: cannot be written: ")


@pytest.mark.parametrize("option", ["--save=x", "--stack=x", "--destroy", "--local"])
def test_options_for_plans_that_are_made_now_are_refused_with_plans_that_are_given(plan: str, option: str) -> None:
    result = run(plan, option)
    assert result.exit_code == 1
    assert "are for plans that Terraform makes now" in result.stderr


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--budget", "many"], ["--budget", "-1"]])
def test_a_mistyped_command_is_an_error_and_not_a_change(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 1


def test_without_stacks_and_without_plans_the_way_on_is_told(tmp_path: Path) -> None:
    result = run("--out", str(tmp_path / "none"))
    assert (result.exit_code, result.stderr) == (
        1,
        f"error: {tmp_path}/none holds no synthesized stacks: run `cdktf synth` first\n",
    )


def test_the_embedded_aws_must_run_and_hold_one_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEBOAT_FOLDER", str(tmp_path))
    assert "--local works on one deployment at a time" in run("--local", "--deployment", "all").stderr
    assert "holds no synthesized stacks" in run("--local", "--deployment", "ecommerce").stderr


def test_stacks_are_named_by_their_files_or_by_their_folders(tmp_path: Path) -> None:
    for name in ("a/plan.json", "b/tfplan.json", "c.tfplan.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content(entry("aws_x.x", UPDATE, {"a": 1}, {"a": 2})))
    result = run(*(str(tmp_path / name) for name in ("a/plan.json", "b/tfplan.json", "c.tfplan.json")))
    assert [line.split()[0] for line in result.stdout.splitlines() if line.endswith("1 to update")][:3] == [
        "a",
        "b",
        "c",
    ]
