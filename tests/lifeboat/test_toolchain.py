from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lifeboat.failure import Failure
from lifeboat.toolchain import check_tools
from lifeboat.workspace import Workspace

NODE = "#!/bin/sh\necho v20.20.2\n"


def terraform(said: str) -> str:
    return f"#!/bin/sh\necho '{said}'\n"


def test_tools_that_are_there_and_new_enough_pass(tools: Workspace) -> None:
    check_tools(tools.project, os.environ)
    assert (tools.project / "node_modules" / ".bin" / "cdktf").exists()


def test_everything_that_is_missing_is_told_at_once(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        check_tools(workspace.project, {"PATH": str(tmp_path)})
    assert str(caught.value).splitlines() == [
        "terraform is not on the PATH: install Terraform 1.11 or newer"
        " (https://developer.hashicorp.com/terraform/install)",
        "node is not on the PATH: install Node 20 or newer (https://nodejs.org)",
        "the cdktf command is not installed in node_modules: run `make setup`",
    ]


@pytest.mark.parametrize(
    ("tool", "script", "message"),
    [
        ("terraform", terraform('{"terraform_version": "1.10.5"}'), "terraform is 1.10.5, which is older than 1.11"),
        ("terraform", terraform('{"terraform_version": "new"}'), "terraform does not tell its version"),
        ("terraform", terraform("no json"), "terraform does not tell its version"),
        ("terraform", "not a script", "terraform is not on the PATH"),
        ("node", "#!/bin/sh\necho v18.19.0\n", "node is 18.19.0, which is older than 20.0: install Node 20"),
    ],
)
def test_a_tool_that_is_too_old_or_strange_is_told_with_what_to_do(
    tools: Workspace, put: Callable[[str, str], Path], tool: str, script: str, message: str
) -> None:
    put(tool, script)
    with pytest.raises(Failure, match=message):
        check_tools(tools.project, os.environ)
