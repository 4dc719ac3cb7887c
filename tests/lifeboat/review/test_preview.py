"""The plan that a pull request would cause: real Terraform, the real provider, an embedded AWS."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lifeboat.api_logging import ROLE
from lifeboat.cli import cli
from lifeboat.failure import Failure
from lifeboat.report.json_ import read
from lifeboat.report.model import Action, Report
from lifeboat.review.cache import Cache
from lifeboat.review.preview import Runner, preview
from lifeboat.review.surroundings import local_override, needed, objections
from lifeboat.stacks import Stack, read_stacks
from tests.lifeboat.conftest import executable
from tests.lifeboat.review.scratch import EDGE, REGION, repository, stacks, write

Json = Any
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
def test_equal_revisions_deploy_nothing(first: Result, place: Path) -> None:
    assert first.exit_code == 3
    same = run(place, "main", "main", "--plan")
    assert (same.exit_code, same.stderr) == (0, "")


def out(folder: Path, found: dict[str, Json]) -> Path:
    folder.mkdir(parents=True)
    write(folder, found)
    return folder / "synthesized"


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


def test_an_unknown_stack_is_told_with_the_known_ones(tmp_path: Path) -> None:
    side = out(tmp_path / "side", stacks())
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    with pytest.raises(Failure, match=f"--stack: unknown: moon; there are {REGION}, {EDGE}"):
        preview(side, side, ["moon"], cache, print)


ELSEWHERE: list[tuple[str, Json]] = [
    ("null_resource runs programs", {"resource": {"null_resource": {"it": {}}}}),
    ("external runs programs", {"data": {"external": {"it": {"program": ["sh"]}}}}),
    ("aws_vpc.it has a provisioner", {"resource": {"aws_vpc": {"it": {"provisioner": [{"local-exec": {}}]}}}}),
    ("its state lives in gcs", {"terraform": {"backend": {"gcs": {}}}}),
    ("its state lives in HCP Terraform", {"terraform": {"cloud": {}}}),
]


@pytest.mark.parametrize(("why", "content"), ELSEWHERE)
def test_what_would_not_stay_on_the_embedded_aws_is_not_run(tmp_path: Path, why: str, content: Json) -> None:
    base, head = out(tmp_path / "base", stacks()), out(tmp_path / "head", {REGION: content, EDGE: stacks()[EDGE]})
    assert [line for stack in read_stacks(head) for line in objections(stack) if why in line]
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    with pytest.raises(Failure, match="runs nothing that does not stay on the embedded AWS") as caught:
        preview(base, head, [], cache, print)
    assert why in str(caught.value)


def test_states_and_zones_are_there_before_the_stacks(tmp_path: Path) -> None:
    zone = {"data": {"aws_route53_zone": {"z": {"name": "example.com.", "private_zone": False}}}}
    rest = {"resource": {"aws_api_gateway_rest_api": {"api": {"name": "a"}}}}
    found = {REGION: {**stacks()[REGION], **zone, **rest}}
    assert [str(each) for each in needed(read_stacks(out(tmp_path / "side", found)))] == [
        f"API logging role {ROLE} in us-east-1",
        "hosted zone example.com",
        "state bucket shop-state in us-east-1",
    ]


def test_a_state_in_a_file_of_this_machine_is_kept_elsewhere(tmp_path: Path) -> None:
    content = {
        "provider": {"aws": {"region": "us-east-1"}},
        "terraform": {"backend": {"local": {"path": "/home/me/terraform.shop.tfstate"}}},
        "data": {
            "terraform_remote_state": {
                "me": {"backend": "local", "config": {"path": "/home/me/terraform.shop.tfstate"}}
            }
        },
    }
    found = local_override(content, tmp_path)
    path = found["terraform"]["backend"]["local"]["path"]
    assert Path(path).parent == tmp_path
    assert found["data"]["terraform_remote_state"]["me"]["config"]["path"] == path
    assert found["provider"] == {"aws": [{"s3_use_path_style": True, "max_retries": 2}]}


def test_a_plan_is_found_again_for_the_same_contents_alone(tmp_path: Path) -> None:
    one, same = out(tmp_path / "one", stacks()), out(tmp_path / "same", stacks())
    other = out(tmp_path / "other", {**stacks(), REGION: {**stacks()[REGION], "output": {}}})
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    key = cache.key(EDGE, read_stacks(one), read_stacks(one))
    assert key == cache.key(EDGE, read_stacks(same), read_stacks(same))
    assert key != cache.key(EDGE, read_stacks(one), read_stacks(other))
    assert key != Cache(folder=tmp_path, terraform="1.12.0").key(EDGE, read_stacks(one), read_stacks(one))
    assert cache.read(key) is None
    cache.write(key, b"plan")
    assert cache.read(key) == b"plan"


def test_a_stack_whose_neighbour_changed_is_not_equal(tmp_path: Path) -> None:
    one = out(tmp_path / "one", stacks())
    other = out(tmp_path / "other", {**stacks(), REGION: {**stacks()[REGION], "output": {}}})
    old, new = ({stack.name: stack for stack in read_stacks(side)} for side in (one, other))
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    assert [cache.is_equal(EDGE, old, each) for each in (old, new)] == [True, False]
    assert not cache.is_equal(EDGE, {}, new)
    assert json.loads((one / "manifest.json").read_text(encoding="utf-8"))["stacks"][EDGE]["dependencies"] == [REGION]
