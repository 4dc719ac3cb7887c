"""What is no plan, and a guard file that is no guard file: one message each, exit code 1, nothing written."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deployments.problems import ProblemsError
from lifeboat.cli import cli
from lifeboat.plan import read
from lifeboat.plan.allowances import Guards, read_guards
from tests.lifeboat.plan.plans import TODAY, content

STATE = b'{"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "outputs": {}, "resources": []}'
SHOWN_STATE = b'{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}}'


def binary() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tfplan", b"")
    return file.getvalue()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["plan", *arguments])


CASES = {
    "empty": (b"  \n", "is empty"),
    "not JSON": (b"Terraform will perform the following actions:", "is not JSON: "),
    "cut short": (content()[:40], "is cut short in the middle of the JSON"),
    "a list": (b"[]", "is JSON, but not shaped like a plan: Expected `object`, got `array`"),
    "some other JSON": (b'{"hello": 1}', "is JSON, but no plan: it has no format_version"),
    "a state file": (STATE, "is a state, not a plan"),
    "a state as Terraform shows it": (SHOWN_STATE, "is a state, not a plan"),
    "UTF-16": ("{}".encode("utf-16"), "is UTF-16, as a shell on Windows writes it"),
    "not UTF-8": (b'{"format_version": "\xff"}', "is not JSON: "),
    "values of the wrong type": (
        b'{"format_version": "1.2", "resource_changes": [{"address": 1}]}',
        "is JSON, but not shaped like a plan: Expected `str`, got `int` - at `$.resource_changes[0].address`",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_plan_is_told_in_one_message_and_nothing_is_written(case: str, tmp_path: Path) -> None:
    given, told = CASES[case]
    (tmp_path / "x.json").write_bytes(given)
    result = run(str(tmp_path / "x.json"), "--markdown", str(tmp_path / "r.md"))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {tmp_path}/x.json: {told}")
    assert "terraform show -json" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "r.md").exists()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.json"))
    assert (result.exit_code, result.stderr[:80]) == (1, f"error: {tmp_path}/none.json: cannot be read: No such"[:80])


def test_a_binary_plan_needs_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.tfplan").write_bytes(binary())
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run(str(tmp_path / "x.tfplan"))
    assert result.exit_code == 1
    assert "is a binary plan, and terraform is not on the PATH to show it" in result.stderr


def test_a_binary_plan_that_terraform_does_not_accept_is_told_with_its_words(
    tmp_path: Path, put: Callable[[str, str], Path]
) -> None:
    put("terraform", "#!/bin/sh\necho 'Error: plan of a newer\n  Terraform' >&2\nexit 1\n")
    (tmp_path / "x.tfplan").write_bytes(binary())
    result = run(str(tmp_path / "x.tfplan"))
    assert result.exit_code == 1
    assert "terraform show does not accept it: Error: plan of a newer Terraform" in result.stderr


@pytest.mark.parametrize("version", ["2.0", "99.1", ""])
def test_an_unknown_format_is_read_as_far_as_it_is_known_and_that_is_said(version: str, tmp_path: Path) -> None:
    later = {"format_version": version, "invented_later": {"a": [1]}, "planned_values": {}}
    entry = {"address": "a.b", "change": {"actions": ["create"], "invented_later": 1}, "invented_later": 2}
    (tmp_path / "x.json").write_text(json.dumps({**later, "resource_changes": [entry]}))
    result = run(str(tmp_path / "x.json"))
    assert result.exit_code == 2
    assert f"format {version} of the plan is not known here: what is known of it was read" in result.output
    assert "+ a.b" in result.output


def test_the_oldest_format_with_neither_marks_nor_paths_is_read(tmp_path: Path) -> None:
    change = {"actions": ["delete", "create"], "before": {"a": 1}, "after": {"a": 2}, "after_unknown": {}}
    old = {"format_version": "0.1", "planned_values": {}, "resource_changes": [{"address": "a.b", "change": change}]}
    (tmp_path / "x.json").write_text(json.dumps(old))
    result = run(str(tmp_path / "x.json"))
    assert result.exit_code == 2
    assert "a: 1 → 2" in result.output
    assert "not known here" not in result.output


def test_an_action_that_nobody_knows_yet_is_no_silence(tmp_path: Path) -> None:
    entry = {"address": "a.b", "change": {"actions": ["transmogrify"], "before": {}, "after": {}}}
    (tmp_path / "x.json").write_bytes(content(entry))
    result = run(str(tmp_path / "x.json"))
    assert result.exit_code == 2
    assert "nobody here knows what Terraform would do to a.b [action-unknown]" in result.output
    assert "Terraform's actions: transmogrify" in result.output


def test_two_plans_of_one_stack_are_refused_with_both_names(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shop.json").write_bytes(content())
    result = run(str(tmp_path / "one/shop.json"), str(tmp_path / "two/shop.json"))
    assert result.exit_code == 1
    assert f"{tmp_path}/two/shop.json: is a second plan of one stack (found shop, also {tmp_path}/one" in result.stderr
    told_apart = run(f"a={tmp_path}/one/shop.json", f"b={tmp_path}/two/shop.json")
    assert (told_apart.exit_code, told_apart.output.splitlines()[-1]) == (0, "No changes: 2 stacks")


def test_a_plan_is_read_from_standard_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(content())

    monkeypatch.setattr("sys.stdin", Input())
    assert read.read_plan("-").format_version == "1.2"


ALLOWED = '[[allow]]\naddress = "a.b"\nreason = "moved elsewhere"\nexpires = 2026-11-20\n'
GUARD_CASES = {
    "not TOML": ("[[allow", "is not TOML: "),
    "an unknown key": (
        "one_region = true",
        "one_region: unknown key; allowed: one_region_at_a_time, data_types, allow",
    ),
    "a value of another type": (
        'one_region_at_a_time = "yes"',
        "one_region_at_a_time: has the wrong type (found 'yes'); allowed: true or false",
    ),
    "a type that is no text": ("data_types = [1]", "data_types[0]: is no type (found 1); allowed: a text"),
    "an allowance that is no table": ("allow = [1]", "allow[0]: is no table (found 1); allowed: [[allow]]"),
    "no address": (ALLOWED.replace('address = "a.b"\n', ""), "allow[0].address: is missing; allowed: a text"),
    "no reason": (ALLOWED.replace('reason = "moved elsewhere"\n', ""), "allow[0].reason: is missing; allowed: a text"),
    "no day": (ALLOWED.replace("expires = 2026-11-20\n", ""), "allow[0].expires: is missing; allowed: a date, such as"),
    "a day as a text": (ALLOWED.replace("2026-11-20", '"2026-11-20"'), "allow[0].expires: has the wrong type (found "),
    "a moment for a day": (
        ALLOWED.replace("2026-11-20", "2026-11-20T01:02:03"),
        "allow[0].expires: has the wrong type",
    ),
    "a reason that says nothing": (ALLOWED.replace("moved elsewhere", "ok"), "allow[0].reason: says too little for a"),
    "an unknown rule": (ALLOWED + 'rule = "all"\n', "allow[0].rule: unknown rule (found 'all'); allowed: data-loss, "),
    "an allowance that has expired": (
        ALLOWED.replace("11-20", "11-19"),
        "allow[0].expires: the allowance of a.b has expired (found 2026-11-19); allowed: take it out, or",
    ),
}


@pytest.mark.parametrize("case", GUARD_CASES)
def test_a_guard_file_that_is_wrong_is_told_with_file_and_key(case: str, tmp_path: Path) -> None:
    given, told = GUARD_CASES[case]
    path = tmp_path / "guard.toml"
    path.write_text(given)
    with pytest.raises(ProblemsError) as error:
        read_guards(path, TODAY)
    assert str(error.value).startswith(f"error: {path}: {told}")


def test_everything_that_is_wrong_with_a_guard_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "guard.toml"
    path.write_text('x = 1\n[[allow]]\naddress = 1\n[[allow]]\nreason = "r"\n')
    with pytest.raises(ProblemsError) as error:
        read_guards(path, TODAY)
    keys = [problem.key for problem in error.value.problems]
    assert keys == [
        "x",
        "allow[0].address",
        "allow[0].reason",
        "allow[0].expires",
        "allow[1].address",
        "allow[1].expires",
    ]


def test_an_allowance_counts_through_its_last_day(tmp_path: Path) -> None:
    path = tmp_path / "guard.toml"
    path.write_text("one_region_at_a_time = true\n" + ALLOWED)
    found = read_guards(path, TODAY)
    assert (found.one_region_at_a_time, found.allowances[0].expires, found.allowances[0].rule) == (
        True,
        TODAY,
        "data-loss",
    )


def test_without_a_guard_file_nothing_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_guards(None, TODAY) == Guards()
    Path("lifeboat-guard.toml").write_text(ALLOWED)
    assert len(read_guards(None, TODAY).allowances) == 1
    with pytest.raises(ProblemsError, match="cannot be read: No such file"):
        read_guards(tmp_path / "none.toml", TODAY)


def test_an_expired_allowance_ends_the_command_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(content())
    (tmp_path / "guard.toml").write_text(ALLOWED.replace("2026-11-20", "2020-01-01"))
    result = run(str(tmp_path / "x.json"), "--guard", str(tmp_path / "guard.toml"), "--json", str(tmp_path / "r.json"))
    assert result.exit_code == 1
    assert "has expired" in result.stderr
    assert not (tmp_path / "r.json").exists()
