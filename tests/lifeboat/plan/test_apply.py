"""`lifeboat plan --save` and `lifeboat apply` over a `cdktf.out` of two stacks, with real Terraform."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lifeboat.cli import cli
from tests.lifeboat.plan.lab import needs_terraform

pytestmark = needs_terraform
EAST, WEST = "shop-dev-us-east-1", "shop-dev-us-west-2"


class Project:
    """A `cdktf.out` whose second stack reads the outputs of the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plans = folder / "plans"

    def write(self, value: str = "one", **more: Any) -> None:  # noqa: ANN401 further resources of the first stack
        for stack in (EAST, WEST):
            state = {"path": f"../../../{stack}.tfstate"}  # relative, so that a whole project can be copied
            comment = {"metadata": {"path": f"{stack}/thing"}}
            resources = {"a": {"input": value, "triggers_replace": [value], "//": comment}}
            content: dict[str, Any] = {
                "terraform": {"backend": {"local": state}},
                "resource": {"terraform_data": resources | (more if stack == EAST else {})},
                "output": {"id": {"value": "${terraform_data.a.id}"}},
            }
            if stack == WEST:
                source = {"backend": "local", "config": {"path": f"../../../{EAST}.tfstate"}}
                content["data"] = {"terraform_remote_state": {"east": source}}
                content["resource"]["terraform_data"]["a"]["input"] = "${data.terraform_remote_state.east.outputs.id}"
            place = self.folder / "cdktf.out" / "stacks" / stack
            place.mkdir(parents=True, exist_ok=True)
            (place / "cdk.tf.json").write_text(json.dumps(content))
        stacks = {
            name: {"name": name, "dependencies": needs, "workingDirectory": f"stacks/{name}"}
            for name, needs in ((WEST, [EAST]), (EAST, []))
        }
        (self.folder / "cdktf.out" / "manifest.json").write_text(json.dumps({"stacks": stacks}))

    def plan(self, *arguments: str) -> Result:
        out = ["--out", str(self.folder / "cdktf.out")]
        return CliRunner().invoke(cli, ["plan", *out, "--save", str(self.plans), *arguments])

    def apply(self, *arguments: str) -> Result:
        out = ["--out", str(self.folder / "cdktf.out")]
        return CliRunner().invoke(cli, ["apply", str(self.plans), *out, *arguments])

    def digest(self, result: Result) -> str:
        (line,) = [line for line in result.stdout.splitlines() if line.startswith("reviewed plans: ")]
        return line.removeprefix("reviewed plans: ")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("LIFEBOAT_FOLDER", str(tmp_path / "lifeboat"))
    found = Project(tmp_path)
    found.write()
    return found


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both stacks deployed, once."""
    found = Project(tmp_path_factory.mktemp("template"))
    found.write()
    for _ in range(2):
        assert found.plan().exit_code == 2
        assert found.apply().exit_code == 0
    return found.folder


@pytest.fixture
def deployed(project: Project, template: Path) -> Project:
    shutil.copytree(template, project.folder, dirs_exist_ok=True)
    return project


def test_a_first_deploy_goes_on_as_far_as_it_can_and_says_what_must_wait(project: Project) -> None:
    planned = project.plan()
    assert planned.exit_code == 2
    assert f"{WEST} (us-west-2)  cannot be planned before {EAST}" in planned.stdout
    assert "Terraform says: Unable to find remote state" in planned.stdout
    applied = project.apply("--reviewed", project.digest(planned))
    assert applied.exit_code == 0
    assert f"not planned yet, plan again for them: {WEST}" in applied.stdout
    second = project.plan()
    assert f"+ terraform_data.a\n      made by {WEST}/thing" in second.stdout
    assert project.apply().exit_code == 0
    assert project.plan().exit_code == 0


def test_stacks_are_applied_in_the_order_of_their_dependencies(deployed: Project) -> None:
    deployed.write("two")
    planned = deployed.plan()
    assert planned.stdout.index(EAST) < planned.stdout.index(f"{WEST} (us-west-2)")
    applied = deployed.apply()
    assert [line.split(":")[0].strip() for line in applied.stdout.splitlines()[::2]] == [EAST, WEST, "applied"]
    assert f"{WEST} is planned on outputs of {EAST} that change" in planned.stdout


def test_exactly_the_plans_of_the_report_are_applied(deployed: Project) -> None:
    deployed.write("two")
    first = deployed.digest(deployed.plan())
    deployed.write("three")
    second = deployed.digest(deployed.plan())
    refused = deployed.apply("--reviewed", first)
    assert refused.exit_code == 1
    assert f"is not what was reviewed (found {second}); allowed: {first}" in refused.stderr
    assert deployed.apply("--reviewed", second).exit_code == 0


def change_plan(project: Project) -> None:
    path = project.plans / f"{WEST}.tfplan"
    shutil.copyfile(project.plans / f"{EAST}.tfplan", path)


def change_record(project: Project) -> None:
    path = project.plans / "reviewed.json"
    found = json.loads(path.read_text())
    found["stacks"].reverse()
    path.write_text(json.dumps(found))


DIFFERENT: dict[str, tuple[Callable[[Project], object], str]] = {
    "another plan file": (change_plan, f"{WEST}.tfplan: is another plan than the reviewed one"),
    "no plan file": (lambda each: (each.plans / f"{EAST}.tfplan").unlink(), "the reviewed plan file is not there"),
    "one that nobody reviewed": (
        lambda each: (each.plans / "more.tfplan").write_bytes(b""),
        "more.tfplan: is a plan file that nobody reviewed",
    ),
    "other stacks": (lambda each: each.write("three"), f"{EAST}: is not what was planned: synthesize the reviewed"),
    "another archive": (
        lambda each: (each.folder / "cdktf.out/stacks" / EAST / "code.zip").write_bytes(b"x"),
        f"{EAST}: is not what was planned: synthesize the reviewed commit",
    ),
    "another order": (change_record, f"error: {WEST}: is in the wrong order with {EAST}, on which it depends"),
    "a record that is cut short": (
        lambda each: (each.plans / "reviewed.json").write_text("{"),
        "reviewed.json: is not what `lifeboat plan` writes: ",
    ),
    "no record": (lambda each: (each.plans / "reviewed.json").unlink(), "reviewed.json: cannot be read: No such file"),
    "a record of another format": (
        lambda each: (each.plans / "reviewed.json").write_text('{"format":2,"verdict":"","exit_code":2,"stacks":[]}'),
        "reviewed.json: has an unknown format (found 2); allowed: 1",
    ),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_nothing_is_applied_where_anything_is_not_as_it_was_reviewed(deployed: Project, case: str) -> None:
    change, told = DIFFERENT[case]
    deployed.write("two")
    deployed.plan()
    before = {path.name: path.read_bytes() for path in deployed.folder.glob("*.tfstate")}
    change(deployed)
    refused = deployed.apply()
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert {path.name: path.read_bytes() for path in deployed.folder.glob("*.tfstate")} == before


def test_a_stale_plan_is_refused_before_anything_is_applied(deployed: Project) -> None:
    deployed.write("two")
    deployed.plan()
    path = deployed.folder / f"{WEST}.tfstate"  # the second stack: the first one's plan is as good as ever
    state = json.loads(path.read_text())
    serial = state["serial"]
    path.write_text(json.dumps({**state, "serial": serial + 1}))
    before = (deployed.folder / f"{EAST}.tfstate").read_bytes()
    refused = deployed.apply()
    assert refused.exit_code == 1
    assert refused.stderr == (
        f"error: {WEST}: its plan is stale: the state has changed since (found serial {serial + 1});"
        f" allowed: serial {serial}; plan and review again\n"
    )
    assert (deployed.folder / f"{EAST}.tfstate").read_bytes() == before


def test_a_state_of_another_lineage_is_another_state(deployed: Project) -> None:
    deployed.write("two")
    deployed.plan()
    path = deployed.folder / f"{EAST}.tfstate"
    path.write_text(json.dumps({**json.loads(path.read_text()), "lineage": "another"}))
    assert "of another lineage another" in deployed.apply().stderr


def test_the_first_failure_ends_it_and_says_what_is_applied_and_what_is_not(deployed: Project) -> None:
    bad = {"input": 1, "provisioner": [{"local-exec": {"command": "exit 7"}}], "depends_on": ["terraform_data.a"]}
    deployed.write("two", bad=bad)
    deployed.plan()
    failed = deployed.apply()
    assert failed.exit_code == 1
    told = failed.stderr.splitlines()
    assert told[0] == f"error: {EAST} failed; nothing after it was applied"
    assert "exit status 7" in told[1]
    applied, missing = told.index("applied:"), told.index("not applied:")
    assert told[applied + 1 : missing] == [
        f"  {EAST}: terraform_data.a (destroyed)",
        f"  {EAST}: terraform_data.a (created)",
    ]
    assert told[missing + 1 : -1] == [
        f"  {EAST}: terraform_data.bad (failed)",
        f"  {EAST}: what else its plan holds",
        f"  {WEST}: all of it",
    ]
    assert told[-1].startswith("plan and review again, then apply; the full log is ")
    assert deployed.plan().exit_code == 2  # and the next plan goes on from there


def test_what_was_applied_is_not_applied_twice(deployed: Project) -> None:
    deployed.write("two")
    deployed.plan()
    assert deployed.apply().exit_code == 0
    again = deployed.apply()
    assert again.exit_code == 1
    assert "its plan is stale" in again.stderr


def test_guarded_plans_are_not_applied(deployed: Project) -> None:
    deployed.write("two")
    guard = deployed.folder / "guard.toml"
    guard.write_text('data_types = ["terraform_data"]\n')
    assert deployed.plan("--guard", str(guard)).exit_code == 3
    refused = deployed.apply()
    assert refused.exit_code == 3
    assert "these plans must not be applied, their report says: GUARDED, 2 in the way" in refused.stderr


def test_a_destroy_runs_backwards(deployed: Project) -> None:
    planned = deployed.plan("--destroy")
    assert planned.exit_code == 2
    applied = deployed.apply()
    assert applied.exit_code == 0
    assert [line.split(":")[0].strip() for line in applied.stdout.splitlines()[::2]] == [WEST, EAST, "applied"]


def test_plan_files_hold_secrets_and_are_for_nobody_else(project: Project) -> None:
    project.plan()
    assert (project.plans / f"{EAST}.tfplan").stat().st_mode & 0o077 == 0


def test_an_earlier_plan_is_gone_when_a_new_one_cannot_be_made(deployed: Project) -> None:
    deployed.write("two")
    deployed.plan()
    deployed.write("three", bad={"inputs": 1})
    failed = deployed.plan()
    assert failed.exit_code == 1
    assert failed.stderr.splitlines()[-2:] == [
        f"error: {EAST} cannot be planned:",
        '  Extraneous JSON object property: No argument or block type is named "inputs". Did you mean "input"?',
    ]
    assert list(deployed.plans.iterdir()) == []


def test_one_stack_can_be_planned_alone(deployed: Project) -> None:
    deployed.write("two")
    assert deployed.plan("--stack", EAST).stdout.splitlines()[0] == "Terraform plan of 1 stack"
    unknown = deployed.plan("--stack", "nobody")
    assert (unknown.exit_code, unknown.stderr) == (1, f"error: unknown stack nobody; known: {EAST}, {WEST}\n")


def test_a_binary_plan_beside_its_stack_is_shown_by_terraform_and_known_by_its_name(deployed: Project) -> None:
    deployed.write("two")
    deployed.plan()
    out = deployed.folder / "cdktf.out"
    path = out / "stacks" / EAST / "plan.tfplan"
    shutil.copyfile(deployed.plans / f"{EAST}.tfplan", path)
    found = CliRunner().invoke(cli, ["plan", str(path), "--out", str(out)])
    assert found.exit_code == 2
    assert f"{EAST} (us-east-1)  1 to replace, 1 output" in found.stdout
    assert f"made by {EAST}/thing" in found.stdout


def test_a_backend_that_was_moved_is_initialized_again(deployed: Project) -> None:
    stack = deployed.folder / "cdktf.out/stacks" / EAST / "cdk.tf.json"
    content = json.loads(stack.read_text())
    content["terraform"]["backend"]["local"]["path"] = str(deployed.folder / "moved.tfstate")
    stack.write_text(json.dumps(content))
    planned = deployed.plan("--stack", EAST)
    assert "its backend was another one; initializing again" in planned.stderr
    assert planned.exit_code == 2
