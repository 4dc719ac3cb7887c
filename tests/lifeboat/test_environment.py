from __future__ import annotations

import os
import subprocess
from pathlib import Path

from lifeboat.local.context import pointed_at
from lifeboat.local.environment import child_environment, exports, local_environment

URL = "http://127.0.0.1:4000"
CHOICE = {"DEPLOYMENT": "ecommerce", "ENVIRONMENT_SUFFIX": "dev"}


def test_nothing_that_leads_to_a_real_account_reaches_a_tool() -> None:
    real = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "secret", "TF_WORKSPACE": "other", "HOME": "/home/me"}
    local = local_environment(real, URL)
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "TF_WORKSPACE"} & set(local)
    assert local["HOME"] == "/home/me"
    assert local["AWS_ENDPOINT_URL"] == URL
    assert local["AWS_ACCESS_KEY_ID"] == "test"
    assert local["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert local["TF_CLI_ARGS_init"] == "-backend-config=use_path_style=true"
    assert (local["TF_INPUT"], local["CI"], local["CHECKPOINT_DISABLE"]) == ("0", "1", "1")


def test_a_terraform_configuration_that_does_not_exist_is_dropped(tmp_path: Path) -> None:
    there = tmp_path / "terraformrc"
    there.touch()
    assert child_environment({"TF_CLI_CONFIG_FILE": str(there)})["TF_CLI_CONFIG_FILE"] == str(there)
    assert "TF_CLI_CONFIG_FILE" not in child_environment({"TF_CLI_CONFIG_FILE": str(tmp_path / "none")})


def test_loopback_is_never_asked_of_a_proxy() -> None:
    assert local_environment({"no_proxy": "intranet,127.0.0.1"}, URL)["NO_PROXY"] == "intranet,127.0.0.1,localhost"


def test_a_shell_can_eval_what_env_prints(tmp_path: Path) -> None:
    before = {"AWS_PROFILE": "production", "TF_CLI_CONFIG_FILE": str(tmp_path / "none"), "PATH": os.environ["PATH"]}
    look = 'echo "${AWS_PROFILE-gone} ${TF_CLI_CONFIG_FILE-gone} $AWS_ENDPOINT_URL $ENVIRONMENT_SUFFIX"'
    script = f"{exports(before, URL, CHOICE)}\n{look}"
    said = subprocess.run(["/bin/sh", "-c", script], env=before, capture_output=True, text=True, check=True).stdout  # noqa: S603 what is tested
    assert said == f"gone gone {URL} dev\n"


def test_an_existing_terraform_configuration_is_kept_by_env(tmp_path: Path) -> None:
    (tmp_path / "rc").touch()
    assert "TF_CLI_CONFIG_FILE" not in exports({"TF_CLI_CONFIG_FILE": str(tmp_path / "rc")}, URL, CHOICE)


def test_this_process_is_pointed_at_the_embedded_aws_only_for_a_while() -> None:
    before = dict(os.environ)
    with pointed_at(URL):
        assert os.environ["AWS_ENDPOINT_URL"] == URL
    assert dict(os.environ) == before
