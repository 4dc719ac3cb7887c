from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deployments.load import known
from lifeboat.bootstrap import connect
from lifeboat.cli import cli
from lifeboat.local.context import pointed_at
from lifeboat.local.server import EmbeddedAws
from lifeboat.workspace import PROJECT, Workspace

BAD = """
name = "Bad"
strategy = "cold"
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No choice and no account from outside reaches a command."""
    for name in ("DEPLOYMENT", "ENVIRONMENT_SUFFIX", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LIFEBOAT_FOLDER", str(tmp_path / "lifeboat"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_list_names_every_deployment_with_its_regions() -> None:
    result = run("list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == known()
    assert "us-east-1 → us-west-2" in result.output


def test_check_without_arguments_checks_every_deployment_in_every_stage() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == len(known())
    assert "deployments/ecommerce.toml: correct for dev, pr*, prod" in result.output


def test_check_prints_all_problems_of_all_files_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(BAD)
    result = run("check", str(tmp_path / "bad.toml"), "ecommerce", "nobody", str(tmp_path / "none.toml"))
    assert result.exit_code == 1
    assert f"error: {tmp_path}/bad.toml: name: " in result.stderr
    assert f"error: {tmp_path}/bad.toml: strategy: " in result.stderr
    assert "error: DEPLOYMENT: unknown deployment (found 'nobody'); allowed: " in result.stderr
    assert f"error: {tmp_path}/none.toml: no such file" in result.stderr
    assert "Traceback" not in result.output


def test_schema_is_printed_or_written(tmp_path: Path) -> None:
    printed = run("schema")
    assert json.loads(printed.stdout)["title"] == "Deployment"
    assert run("schema", "--output", str(tmp_path / "schema.json")).exit_code == 0
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == printed.stdout


def test_outputs_of_any_deploy_are_printed_flat_or_written(tmp_path: Path) -> None:
    (tmp_path / "raw.json").write_text('{"a-us-east-1": {"region": "us-east-1", "vpc_id": "vpc-1"}}')
    result = run("outputs", "--from", str(tmp_path / "raw.json"))
    assert json.loads(result.stdout) == {"us_east_1_region": "us-east-1", "us_east_1_vpc_id": "vpc-1"}
    result = run("outputs", "--from", str(tmp_path / "raw.json"), "--to", str(tmp_path / "out"))
    assert result.stdout == f"2 outputs in {tmp_path / 'out'}\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["flat-outputs.json", "outputs.json"]


def test_a_failure_is_one_message_without_a_traceback(tmp_path: Path) -> None:
    result = run("outputs", "--from", str(tmp_path / "none.json"))
    assert result.exit_code == 1
    assert result.stderr == f"error: {tmp_path}/none.json: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("command", ["deploy", "destroy", "verify", "status", "env"])
def test_every_local_command_says_how_to_start_the_embedded_aws(command: str, tools: Workspace) -> None:
    assert tools.project.exists()
    result = run("local", command)
    assert result.exit_code == 1
    assert result.stderr == "error: the embedded AWS is not running; `lifeboat local up` starts it\n"


def test_an_unknown_deployment_is_refused_with_those_that_exist() -> None:
    result = run("local", "deploy", "--deployment", "shop", "--suffix", "dev")
    assert result.exit_code == 1
    assert (
        result.stderr == f"error: DEPLOYMENT: unknown deployment (found 'shop'); allowed: {', '.join(known())}, all\n"
    )


def test_an_unknown_stage_is_refused_with_those_that_exist() -> None:
    result = run("local", "up", "--deployment", "ecommerce", "--suffix", "live")
    assert result.stderr == "error: ENVIRONMENT_SUFFIX: unknown stage (found 'live'); allowed: dev, pr*, prod\n"


def test_outputs_of_what_is_not_deployed_say_so_and_others_are_printed(tmp_path: Path) -> None:
    result = run("local", "outputs", "--deployment", "ecommerce")
    assert result.stderr == "error: ecommerce-dev has no outputs: run `lifeboat local deploy` first\n"
    folder = tmp_path / "lifeboat" / "outputs" / "ecommerce-dev"
    folder.mkdir(parents=True)
    (folder / "flat-outputs.json").write_text('{"hostname": "shop"}')
    assert json.loads(run("local", "outputs", "--deployment", "ecommerce").stdout) == {"hostname": "shop"}


def test_down_without_a_server_is_no_failure() -> None:
    result = run("local", "down")
    assert (result.exit_code, result.output) == (0, "the embedded AWS is not running\n")


def test_up_bootstraps_and_status_tells(embedded: EmbeddedAws, workspace: Workspace) -> None:
    environment = {"LIFEBOAT_FOLDER": str(workspace.folder)}
    up = CliRunner().invoke(cli, ["local", "up", "--deployment", "ecommerce"], env=environment)
    assert up.exit_code == 0
    assert "state bucket lifeboat-state-us-west-2 in us-west-2" in up.output
    status = CliRunner().invoke(cli, ["local", "status"], env=environment)
    assert embedded.url in status.output


def test_bootstrap_of_a_real_account_wants_to_be_told_so(
    embedded: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pointed_at(embedded.url):
        clients = connect()
        buckets = {region: clients.s3(region) for region in ("us-east-1", "us-west-2")}
    monkeypatch.setattr("lifeboat.bootstrap.connect", lambda: replace(clients, s3=buckets.__getitem__))
    result = run("bootstrap", "--deployment", "ecommerce")
    assert result.exit_code == 3
    assert result.stdout == "account 123456789012\n"
    assert "account 123456789012 is a real one, where this would be made if missing:" in result.stderr
    assert "  state bucket lifeboat-state-us-east-1 in us-east-1" in result.stderr
    dry = run("bootstrap", "--deployment", "ecommerce", "--dry-run")
    assert dry.exit_code == 0
    assert all(line.startswith(("  missing ", "  found ")) for line in dry.stdout.splitlines()[1:])
    done = run("bootstrap", "--deployment", "ecommerce", "--yes")
    assert done.exit_code == 0
    assert "hosted zone example.com" in done.stdout


def test_bootstrap_of_another_endpoint_needs_no_confirmation(embedded: EmbeddedAws) -> None:
    with pointed_at(embedded.url):
        result = run("bootstrap", "--deployment", "ecommerce")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"account 123456789012 at {embedded.url}\n")


def test_env_prepares_cdktf_out_and_prints_nothing_but_shell(
    tools: Workspace, embedded: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "of", classmethod(lambda _: tools))
    result = run("local", "env", "--deployment", "ecommerce", "--suffix", "pr7")
    assert result.exit_code == 0
    assert all(line.startswith(("export ", "unset ")) for line in result.stdout.splitlines())
    assert f"export AWS_ENDPOINT_URL={embedded.url}" in result.stdout
    assert "export ENVIRONMENT_SUFFIX=pr7" in result.stdout
    (stack,) = (tools.project / "cdktf.out" / "stacks").iterdir()
    assert (stack / "lifeboat_local_override.tf.json").exists()
    monkeypatch.setenv("FAKE_SYNTH", "no")
    failed = run("local", "env", "--deployment", "ecommerce", "--suffix", "pr7")
    assert failed.exit_code == 1
    assert failed.stderr.startswith("error: synthesis failed:\n")


@pytest.mark.parametrize("arguments", [["list"], ["check"], ["schema"], ["--help"], ["local", "--help"]])
def test_a_command_that_builds_nothing_starts_at_once(arguments: list[str]) -> None:
    def seconds(*command: str) -> float:
        """Processor time, which other work on the machine does not lengthen as it does the clock's."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], cwd=PROJECT, check=True, capture_output=True)  # noqa: S603 ours
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    took = min(seconds("-m", "lifeboat", *arguments) - seconds("-c", "pass") for _ in range(3))
    assert took < 0.4


def test_the_command_never_loads_cdktf_or_the_stacks() -> None:
    code = (
        "import sys, pkgutil, importlib, lifeboat\n"
        "names = [m.name for m in pkgutil.walk_packages(lifeboat.__path__, 'lifeboat.')]\n"
        "[importlib.import_module(n) for n in names if 'embedded' not in n and not n.endswith('__main__')]\n"
        "print([n for n in ('cdktf', 'stacks', 'constructs_lib') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, capture_output=True, text=True)  # noqa: S603 ours
    assert found.stdout == "[]\n"


def test_the_executable_works_from_any_folder(tmp_path: Path) -> None:
    command = [str(PROJECT / "bin" / "lifeboat"), "list"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 ours
    assert "ecommerce" in done.stdout


def test_the_executable_says_what_to_do_before_set_up(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    copy = tmp_path / "bin" / "lifeboat"
    copy.write_bytes((PROJECT / "bin" / "lifeboat").read_bytes())
    done = subprocess.run(["/bin/sh", str(copy), "list"], capture_output=True, text=True, check=False)  # noqa: S603 ours
    assert done.returncode == 1
    assert done.stderr == f"error: the project is not set up: run `make setup` in {tmp_path}\n"
