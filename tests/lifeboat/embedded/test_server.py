"""The process: how it starts, what it tells about itself, how it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lifeboat.local.embedded import launch
from lifeboat.local.embedded.gaps import all_gaps
from tests.lifeboat.embedded.aws import Aws, eventually
from tests.lifeboat.embedded.functions import TRUST

SERVER = [sys.executable, "-m", "lifeboat.local.embedded.server"]


def test_a_taken_port_is_named_in_one_line_and_ends_with_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [*SERVER, "--port", str(port)]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - ours
    assert result.returncode == 1
    assert result.stderr.splitlines() == [f"error: cannot listen on port {port} of 127.0.0.1: Address already in use"]


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_the_ready_file_leads_to_a_listening_server_that_ends_when_told(tmp_path: Path, told: signal.Signals) -> None:
    ready, log = tmp_path / "ready.json", tmp_path / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen([*SERVER, "--ready-file", str(ready)], stdout=output, stderr=output) as process,  # noqa: S603 - ours
    ):
        url = launch.wait_until_ready(process, ready, log)
        told_at_start = json.loads(ready.read_text(encoding="utf-8"))
        buckets = Aws(url)("s3").list_buckets()["Buckets"]
        process.send_signal(told)
        code = process.wait(10)
    assert told_at_start == {"url": url, "port": int(url.rsplit(":", 1)[1]), "pid": process.pid}
    assert buckets == []
    assert code == 0
    assert log.read_text(encoding="utf-8") == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "ready.json"]


def test_health_names_every_gap_filled(embedded_aws: Aws) -> None:
    health = embedded_aws.admin("GET", "health")
    assert health["gaps"] == [gap.name for gap in all_gaps()]
    assert health["moto"] == "5.2.5"


def test_a_state_machine_really_calls_the_apis_it_names(embedded_aws: Aws) -> None:
    iam, states, name = embedded_aws("iam"), embedded_aws("stepfunctions"), embedded_aws.name("machine")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:ssm:putParameter",
        "Parameters": {"Name": f"/{name}", "Value.$": "$.mode", "Type": "String"},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Fence", "States": {"Fence": task}})
    machine = states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input='{"mode": "fenced"}')["executionArn"]

    def finished() -> str:
        status = str(states.describe_execution(executionArn=execution)["status"])
        return "" if status == "RUNNING" else status

    assert eventually(finished) == "SUCCEEDED"
    assert embedded_aws("ssm").get_parameter(Name=f"/{name}")["Parameter"]["Value"] == "fenced"
