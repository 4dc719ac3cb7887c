"""`lifeboat drill` and `lifeboat runbooks` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lifeboat.cli import cli
from lifeboat.drill import commands
from lifeboat.drill.commands import Order, report
from lifeboat.failure import Exit
from lifeboat.runbooks import commands as runbooks
from tests.lifeboat.drill.test_report import act, evidence


def order(folder: Path) -> Order:
    return Order(
        names=(),
        listing=False,
        evidence=folder,
        target="local",
        deploy=False,
        speed=5,
        break_aws=False,
        accounts=(),
        fault_role="",
    )


def test_the_scenarios_can_be_listed_without_anything_deployed() -> None:
    result = CliRunner().invoke(cli, ["drill", "--list", "--scenario", "flapping"])
    assert result.exit_code == 0
    assert result.output.startswith("flapping")


def test_an_unknown_scenario_is_refused_with_those_that_are_known() -> None:
    result = CliRunner().invoke(cli, ["drill", "ecommerce", "--scenario", "no-such"])
    assert result.exit_code == 1
    assert "planned-switchover" in result.output


def test_a_system_without_a_failover_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEBOAT_FOLDER", str(tmp_path))
    monkeypatch.setattr("deployments.system.System.failover_path", None)
    result = CliRunner().invoke(cli, ["drill", "ecommerce", "--suffix", "dev", "--no-deploy"])
    assert result.exit_code == 1
    assert "has no failover to drill" in result.output


def test_without_an_embedded_aws_a_drill_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEBOAT_FOLDER", str(tmp_path))
    result = CliRunner().invoke(cli, ["drill", "ecommerce", "--suffix", "dev", "--no-deploy"])
    assert result.exit_code == 1
    assert "`lifeboat local up` starts it" in result.output


@pytest.mark.parametrize(("lost", "code"), [((), Exit.OK), (("ord-8",), Exit.ERROR)])
def test_the_exit_code_is_the_verdict_and_all_three_files_are_kept(
    tmp_path: Path, lost: tuple[str, ...], code: Exit
) -> None:
    assert report(evidence(act(missing_in_the_end=lost)), order(tmp_path)) is code
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".json", ".md"]


def test_evidence_goes_to_the_workspace_unless_a_folder_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFEBOAT_FOLDER", str(tmp_path))
    assert commands.Order(**{**vars(order(tmp_path)), "evidence": None}).folder == tmp_path / "drills"


def test_runbooks_are_written_once_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runbooks, "written", lambda name, suffix: f"{name} {suffix}\n")
    arguments = ["runbooks", "ecommerce", "--suffix", "prod", "--to", str(tmp_path)]
    checked = CliRunner().invoke(cli, [*arguments, "--check"])
    assert (checked.exit_code, "out of date" in checked.output) == (2, True)
    assert not (tmp_path / "ecommerce.md").exists()
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    assert (tmp_path / "ecommerce.md").read_text(encoding="utf-8") == "ecommerce prod\n"
    again = CliRunner().invoke(cli, [*arguments, "--check"])
    assert (again.exit_code, "up to date" in again.output) == (0, True)
