"""Plans of real Terraform: one in which everything happens, and those that need a state of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lifeboat.failure import Exit
from lifeboat.plan.allowances import Guards
from lifeboat.plan.inspect import Planned, inspect
from lifeboat.plan.read import parse_plan
from lifeboat.report.model import Action, Change, Known, Report, Severity
from lifeboat.report.output import FORMATS, render
from tests.lifeboat.plan.lab import Lab, needs_terraform
from tests.lifeboat.plan.plans import only

pytestmark = needs_terraform
CREATED_FIRST = "the new one is created before the old one is destroyed"


def changes(report: Report) -> dict[str, Change]:
    return {change.address.removeprefix("terraform_data."): change for change in report.sections[0].changes}


def inspected(content: bytes) -> Report:
    return inspect([Planned(stack="lab", plan=parse_plan(content, "lab"))], Guards())


@pytest.mark.parametrize(
    ("name", "action", "reasons"),
    [
        ("forced", Action.REPLACE, ["cannot be changed in place: triggers_replace", CREATED_FIRST]),
        (
            "first",
            Action.REPLACE,
            [
                "cannot be changed in place: triggers_replace",
                "triggers_replace: terraform_data.forced is replaced",
                CREATED_FIRST,
            ],
        ),
        ("by_trigger", Action.REPLACE, ["what its replace_triggered_by names changes"]),
        ("asked", Action.REPLACE, ["its replacement was asked for (-replace)"]),
        ("tainted", Action.REPLACE, ["it is tainted: an earlier apply did not finish creating it"]),
        ("gone", Action.DESTROY, ["it is no longer in the configuration"]),
        ("counted[1]", Action.DESTROY, ["count is now smaller than its index"]),
        ('keyed["b`|<i>"]', Action.DESTROY, ["for_each no longer has its key"]),
        ("single", Action.DESTROY, ["count or for_each was added to or taken from it"]),
        ("new_name", Action.MOVE, []),
        ("new_and_changed", Action.UPDATE, []),
        ("let_go", Action.FORGET, ["it is no longer in the configuration"]),
        ("imported", Action.IMPORT, []),
        ("fresh", Action.CREATE, []),
    ],
)
def test_every_action_is_told_with_its_true_reason(
    everything: Report, name: str, action: Action, reasons: list[str]
) -> None:
    change = changes(everything)[name]
    assert change.action is action
    assert list(change.reasons) == reasons


def test_resources_that_move_or_are_imported_say_from_where(everything: Report) -> None:
    found = changes(everything)
    assert found["new_name"].previous_address == "terraform_data.old_name"
    assert found["new_and_changed"].previous_address == "terraform_data.old_and_changed"
    assert found["imported"].import_id == "from-elsewhere"
    assert everything.counts[Action.MOVE] == 2
    assert everything.counts[Action.IMPORT] == 1


def test_what_forces_a_replacement_is_marked_in_the_differences_and_comes_first(everything: Report) -> None:
    first, *others = changes(everything)["forced"].differences
    assert (first.path, first.before.text, first.after.text) == ("triggers_replace.engine", '"16"', '"15"')
    assert first.forces_replacement
    assert not any(each.forces_replacement for each in others)


def test_a_document_is_compared_statement_by_statement(everything: Report) -> None:
    found = {each.path: each for each in changes(everything)["policy"].differences if each.path.startswith("input")}
    assert sorted(found) == ['input.Statement["Open"]', 'input.Statement["Read"].Action[]']
    assert found['input.Statement["Read"].Action[]'].after.text == '"s3:PutObject"'
    assert json.loads(found['input.Statement["Open"]'].after.text)["Action"] == "*"


def test_lists_show_what_differs_and_not_what_moved(everything: Report) -> None:
    found = {each.path: each for each in changes(everything)["changing"].differences}
    assert (found["input.deep.list[0]"].before.text, found["input.deep.list[0]"].after.text) == ('"a"', '"c"')
    assert found["output"].after.known is Known.UNKNOWN


def test_what_is_known_only_after_the_apply_is_named(everything: Report) -> None:
    assert changes(everything)["fresh"].after_apply == ("id", "output")


def test_outputs_data_sources_and_what_stays_are_told(everything: Report) -> None:
    section = everything.sections[0]
    assert [(each.address, each.action) for each in section.outputs] == [
        ("changing", Action.UPDATE),
        ("removed", Action.DESTROY),
        ("secret", Action.UPDATE),
    ]
    assert section.reads == ("data.terraform_remote_state.late",)
    assert section.unchanged == 3


def test_a_condition_that_does_not_hold_is_a_finding(everything: Report) -> None:
    (finding,) = everything.findings
    assert (finding.severity, finding.rule, finding.address) == (Severity.MEDIUM, "check-failed", "check.health")
    assert finding.evidence == "it is not well"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("secret", ["correct-horse", "battery-staple", "not-marked-at-all"])
def test_no_secret_is_in_any_output_wherever_terraform_lost_its_mark(
    everything: Report, everything_shown: bytes, form: str, secret: str
) -> None:
    assert secret.encode() in everything_shown  # Terraform writes it in the clear
    assert secret not in render(everything, form, budget=0)


def test_a_secret_that_changes_is_a_difference_without_its_values(everything: Report) -> None:
    found = {each.path: each for each in changes(everything)["secretive"].differences}
    for path in ('input.users["root"].login', "input.map.inner.login"):
        assert found[path].before.known is found[path].after.known is Known.SECRET


def test_the_verdict_counts_everything_in_one_line(everything: Report) -> None:
    assert everything.exit_code is Exit.CHANGES
    assert everything.verdict == (
        "Changes: 1 stack, 5 to destroy, 5 to replace, 5 to update, 2 to create, 1 to import, 2 to move, 1 to forget,"
        " 3 changed outputs"
    )


def test_an_empty_plan_ends_with_0(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    text = 'resource "terraform_data" "a" { input = 1 }\n'
    lab.apply(text)
    report = inspected(lab.show(lab.plan(text)))
    assert report.exit_code is Exit.OK
    assert report.verdict == "No changes: 1 stack"


def test_a_plan_that_only_reads_data_sources_ends_with_0(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.apply('output "x" { value = 1 }\n')
    text = 'data "terraform_remote_state" "own" {\n  backend = "local"\n  config = { path = "terraform.tfstate" }\n}\n'
    report = inspected(lab.show(lab.plan(text + 'output "x" { value = 1 }\n')))
    assert report.exit_code is Exit.OK


def test_a_plan_in_which_terraform_stopped_is_an_error_whatever_else_it_says(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    text = (
        'resource "terraform_data" "ok" { input = 1 }\n'
        'resource "terraform_data" "bad" {\n  input = 1\n  lifecycle {\n    precondition {\n'
        '      condition = terraform_data.ok.input == 2\n      error_message = "two is wanted"\n    }\n  }\n}\n'
    )
    report = inspected(lab.show(lab.plan(text, check=False)))
    assert report.exit_code is Exit.ERROR
    assert report.verdict.startswith("ERROR, a plan is incomplete: ")
    assert {finding.rule for finding in report.findings} == {"plan-errored", "check-failed"}


def test_what_a_failed_replacement_left_behind_is_told_apart(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    text = 'resource "terraform_data" "a" { input = 1 }\n'
    lab.apply(text)
    with edited_state(lab) as state:  # as Terraform leaves it when the old object cannot be destroyed
        instances = state["resources"][0]["instances"]
        instances.append({**instances[0], "deposed": "abcdef01"})
    change = only(inspected(lab.show(lab.plan(text))).sections[0].changes)
    assert (change.action, change.address, change.deposed) == (Action.DESTROY, "terraform_data.a", "abcdef01")


def test_a_state_of_an_older_provider_that_lacks_attributes_changes_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    text = 'resource "terraform_data" "a" { input = 1 }\n'
    lab.apply(text)
    with edited_state(lab) as state:
        del state["resources"][0]["instances"][0]["attributes"]["triggers_replace"]
    assert inspected(lab.show(lab.plan(text))).exit_code is Exit.OK


@contextmanager
def edited_state(lab: Lab) -> Iterator[dict[str, Any]]:
    path = lab.folder / "terraform.tfstate"
    state = json.loads(path.read_text())
    yield state
    path.write_text(json.dumps(state))
