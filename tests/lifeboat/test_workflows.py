"""The CI files: linted where actionlint is at hand, and calling the command as it is."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from lifeboat.cli import cli
from lifeboat.workspace import PROJECT

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
ACTIONLINT = shutil.which("actionlint")
CALL = re.compile(r"bin/lifeboat (plan|apply)((?:[^\n\\|]|\\\n)*)")


@pytest.mark.skipif(ACTIONLINT is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing() -> None:
    assert ACTIONLINT is not None
    done = subprocess.run([ACTIONLINT, *map(str, WORKFLOWS)], capture_output=True, check=False, text=True)  # noqa: S603 a linter on our own files
    assert done.stdout == ""


def test_every_call_of_the_command_uses_options_that_exist() -> None:
    calls = [call for path in WORKFLOWS for call in CALL.findall(path.read_text(encoding="utf-8"))]
    assert {name for name, _ in calls} == {"plan", "apply"}
    for name, arguments in calls:
        known = {option for parameter in cli.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", arguments)) <= known


def test_what_is_applied_is_what_was_approved() -> None:
    text = (PROJECT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
    assert 'bin/lifeboat apply plans --reviewed "$DIGEST"' in text
    assert "cancel-in-progress: false" in text
    artifacts = re.findall(r"upload-artifact@v4\n.*?path: (\S+)", text, re.DOTALL)
    assert artifacts == ["report"]  # never the plan files, which hold secrets


def test_no_workflow_runs_with_more_than_it_needs() -> None:
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"^permissions:\n  contents: read$", text, re.MULTILINE), path.name
        assert "pull_request_target" not in text
        for script in re.findall(r"run: \|\n((?: {10,}.*\n|\n)+)", text):
            assert "${{" not in script, f"{path.name}: an expression in a script can be made to run anything"
