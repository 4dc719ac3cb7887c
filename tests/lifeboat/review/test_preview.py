"""The plan that a pull request would cause: real Terraform, the real provider, an embedded AWS."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lifeboat.cli import cli
from lifeboat.failure import Failure
from lifeboat.report.json_ import read
from lifeboat.report.model import Action, Report
from lifeboat.review.preview import Runner
from lifeboat.stacks import Stack, read_stacks
from tests.lifeboat.conftest import executable
from tests.lifeboat.review.scratch import EDGE, REGION, changed, out, repository, stacks

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("preview")


def run(place: Path, *arguments: str) -> Result:
    options = ["--repository", str(place / "repo"), "--snapshots", "snapshots", "--json", str(place / "report.json")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFEBOAT_FOLDER", str(place / "lifeboat"))
        patch.setenv("AWS_PROFILE", "nobody-has-this")
        return CliRunner().invoke(cli, ["review", *arguments, *options])


@pytest.fixture(scope="module")
def first(place: Path) -> Result:
    """A review with its preview, made once."""
    repository(place / "repo")
    return run(place, "main", "change", "--plan")


@pytest.fixture(scope="module")
def report(first: Result, place: Path) -> Report:
    assert first.exit_code == 3, first.output
    return read((place / "report.json").read_text(encoding="utf-8"))


@needs_terraform
def test_the_report_shows_what_would_be_replaced_and_what_forces_it(report: Report) -> None:
    region = next(section for section in report.sections if section.stack == REGION)
    forced = {
        change.address: [each.path for each in change.differences if each.forces_replacement]
        for change in region.changes
        if change.action is Action.REPLACE
    }
    assert forced == {
        "aws_dynamodb_table.orders_table": ["name"],
        "aws_subnet.network_data": ["cidr_block"],
        "aws_network_interface.network_port": ["subnet_id"],
    }
    assert [change.address for change in region.changes if change.action is Action.UPDATE] == [
        "aws_s3_bucket_policy.media_policy"
    ]
    assert "plan preview, on the embedded AWS: 3 to replace, 1 to update" in region.notes


@needs_terraform
def test_what_follows_from_a_change_is_shown_with_its_construct_and_cause(report: Report) -> None:
    region = next(section for section in report.sections if section.stack == REGION)
    port = next(change for change in region.changes if change.address == "aws_network_interface.network_port")
    assert port.construct_path == f"{REGION}/network/port"
    assert "its own lines did not change: it follows from another change" in port.reasons
    assert "subnet_id: aws_subnet.network_data is replaced" in port.reasons
    (finding,) = (each for each in report.findings if each.address == port.address)
    assert (finding.rule, finding.title) == ("replacement", "Terraform would destroy it and create it again")


@needs_terraform
def test_a_stack_that_reads_another_is_planned_on_what_that_would_leave(report: Report) -> None:
    (change,) = next(section for section in report.sections if section.stack == EDGE).changes
    assert (change.address, change.action) == ("aws_ssm_parameter.table", Action.UPDATE)
    assert [(each.path, each.before.text, each.after.text) for each in change.differences] == [
        ("insecure_value", '"shop-dev-orders"', '"shop-dev-purchases"')
    ]


@needs_terraform
def test_what_files_and_plan_both_say_is_told_once(report: Report) -> None:
    told = [(each.rule, each.address) for each in report.findings]
    assert len(told) == len(set(told))
    assert [each.address for each in report.guarded if each.rule == "data-loss"] == ["aws_dynamodb_table.orders_table"]


@needs_terraform
def test_the_same_contents_are_planned_once(first: Result, report: Report, place: Path) -> None:
    assert "plan preview: deploying" in first.stderr
    again = run(place, "main", "change", "--plan")
    assert (again.exit_code, again.stderr) == (3, "plan preview: kept from an earlier run with the same contents\n")
    assert read((place / "report.json").read_text(encoding="utf-8")) == report
    kept = list((place / "lifeboat" / "review").iterdir())
    assert {path.suffix for path in kept} == {".json"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


@needs_terraform
def test_the_working_tree_and_synthesized_folders_give_the_same_plan(report: Report, place: Path) -> None:
    tree = run(place, "main", "--plan")
    assert (tree.exit_code, tree.stderr) == (3, "plan preview: kept from an earlier run with the same contents\n")
    base, head = out(place / "base", stacks()), out(place / "head", changed())
    folders = run(place, str(base), str(head), "--plan")
    assert (folders.exit_code, folders.stderr) == (tree.exit_code, tree.stderr)
    again = read((place / "report.json").read_text(encoding="utf-8"))
    assert [section.changes for section in again.sections] == [section.changes for section in report.sections]


@needs_terraform
def test_equal_revisions_deploy_nothing(first: Result, place: Path) -> None:
    assert first.exit_code == 3
    same = run(place, "main", "main", "--plan")
    assert (same.exit_code, same.stderr) == (0, "")


FAKE = """#!/bin/sh
if [ "$1" = "$FAKE_FAILS" ]; then
  echo '{"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "No '"$1"'", "detail": "because"}}'
  echo "No $1" >&2
  exit 1
fi
[ "$1" = show ] && echo '{"format_version": "1.2", "planned_values": {}}'
exit 0
"""


def runner(tmp_path: Path, fails: str) -> tuple[Runner, Stack]:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    executable(bin_ / "terraform", FAKE)
    environment = {"PATH": f"{bin_}{os.pathsep}/usr/bin{os.pathsep}/bin", "FAKE_FAILS": fails}
    stack = read_stacks(out(tmp_path / "side", stacks()))[0]
    return Runner(folder=tmp_path / "work", environment=environment, say=lambda _: None), stack


@pytest.mark.parametrize("step", ["init", "apply"])
def test_a_base_that_cannot_be_deployed_says_why(tmp_path: Path, step: str) -> None:
    terraform, stack = runner(tmp_path, step)
    with pytest.raises(Failure, match=f"the base's {REGION} cannot be deployed on the embedded AWS:\n *No {step}"):
        terraform.deploy(stack)


@pytest.mark.parametrize(
    ("step", "trouble", "has_plan"),
    [
        ("init", "it cannot be planned:\nNo init", False),
        ("plan", "it cannot be planned:\n  No plan: because", False),
        ("show", "its plan cannot be shown: No show", False),
        ("apply", "it is planned, but cannot be applied on the embedded AWS:\n  No apply: because", True),
        ("nothing", "", True),
    ],
)
def test_a_head_that_cannot_be_planned_says_why(tmp_path: Path, step: str, trouble: str, has_plan: bool) -> None:
    terraform, stack = runner(tmp_path, step)
    plan, told = terraform.plan(stack, apply=True)
    assert (told, plan is not None) == (trouble, has_plan)
