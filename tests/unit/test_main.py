"""`main.py` as a program: what it prints, what it returns, and that it writes nothing when something is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
QUIET = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20"}
"""As in the Makefile: what is read here is what `main.py` says, not what the bindings think of this machine's Node."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of what `main.py` needs to find out that the input is wrong."""
    for name in ("main.py", "cdktf.json"):
        shutil.copy2(PROJECT / name, tmp_path)
    for room in ("deployments", "constructs_lib"):
        shutil.copytree(PROJECT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    cleaned = {key: value for key, value in os.environ.items() if not key.startswith(("CDKTF_", "DEPLOYMENT", "ENV"))}
    return subprocess.run(  # noqa: S603 our own program
        [sys.executable, "-B", str(project / "main.py")],
        env=cleaned | QUIET | environment,
        cwd=project.parent,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DEPLOYMENT": "shop"}, "error: DEPLOYMENT: unknown deployment (found 'shop'); allowed: "),
        ({"DEPLOYMENT": ","}, "error: DEPLOYMENT: names no deployment; allowed: "),
        (
            {"ENVIRONMENT_SUFFIX": "staging"},
            "error: ENVIRONMENT_SUFFIX: unknown stage (found 'staging'); allowed: dev, pr*, prod\n",
        ),
        ({"CDKTF_CONTEXT_JSON": "{"}, "error: CDKTF_CONTEXT_JSON: is not a JSON object (found "),
        ({"CDKTF_CONTEXT_JSON": "[]"}, "error: CDKTF_CONTEXT_JSON: is not a JSON object (found list)\n"),
        ({"CDKTF_CONTEXT_JSON": "{}"}, "error: ENVIRONMENT_SUFFIX: is not set; allowed: a stage"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(project: Path, environment: dict[str, str], told: str) -> None:
    before = sorted(project.rglob("*"))
    result = run(project, **environment)
    assert result.returncode == 1
    assert result.stderr.startswith(told)
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert sorted(project.rglob("*")) == before


def test_the_known_deployments_are_listed(project: Path) -> None:
    (project / "deployments" / "another.toml").write_text("", encoding="utf-8")
    told = run(project, DEPLOYMENT="shop").stderr
    assert "another, ecommerce" in told
    assert told.endswith(", all\n")


def test_problems_of_all_deployments_are_told_at_once(project: Path) -> None:
    for name in ("one", "two"):
        (project / "deployments" / f"{name}.toml").write_text("strategy = \n", encoding="utf-8")
    result = run(project, DEPLOYMENT="one two,missing")
    assert result.returncode == 1
    assert result.stderr.splitlines()[:2] == [
        f"error: deployments/{name}.toml: is not valid TOML (found Invalid value (at line 1, column 12))"
        for name in ("one", "two")
    ]
    assert "unknown deployment (found 'missing')" in result.stderr.splitlines()[2]


def test_wrong_input_is_told_before_the_provider_is_loaded(project: Path) -> None:
    """The copy has no stacks: a run that got as far would end in a traceback."""
    assert "ModuleNotFoundError" not in run(project, DEPLOYMENT="shop").stderr
    assert "ModuleNotFoundError" in run(project).stderr
