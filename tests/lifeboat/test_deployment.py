from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.system import System
from lifeboat.bootstrap import connect
from lifeboat.failure import Failure
from lifeboat.local import actions
from lifeboat.local import server as servers
from lifeboat.local.context import pointed_at
from lifeboat.local.overrides import FILE
from lifeboat.local.server import EmbeddedAws, Thing
from lifeboat.processes import Process
from lifeboat.workspace import Workspace, write_json

BUCKET, REGION = "tiny-state-us-east-1", "us-east-1"
STATE, LOCK = "tiny-dev/us-east-1.tfstate", "tiny-dev/us-east-1.tfstate.tflock"
DEAD = Process(pid=os.getpid(), born="long ago")


@pytest.fixture
def ready(tools: Workspace, embedded: EmbeddedAws, system: System) -> Iterator[Workspace]:
    """Everything is there for a deploy."""
    actions.up(tools, [system], embedded.port, lambda _: None)
    yield tools
    with pointed_at(embedded.url):
        s3 = connect().s3(REGION)
        for key in (STATE, LOCK, "tiny-pr1/global.tfstate"):
            s3.delete_object(Bucket=BUCKET, Key=key)


def put_object(server: EmbeddedAws, key: str, value: object) -> None:
    with pointed_at(server.url):
        connect().s3(REGION).put_object(Bucket=BUCKET, Key=key, Body=json.dumps(value))


def has_object(server: EmbeddedAws, key: str) -> bool:
    with pointed_at(server.url):
        return "Contents" in connect().s3(REGION).list_objects_v2(Bucket=BUCKET, Prefix=key)


def killed_run(workspace: Workspace, since: str = "2026-11-20T10:00:00+00:00") -> None:
    record = {"copy": "tiny-dev", "action": "deploy", "since": since, "process": DEAD.as_record()}
    write_json(workspace.run_record("tiny-dev"), record)


def lock(created: str) -> dict[str, str]:
    return {"ID": "0f5a", "Who": "ann@laptop", "Operation": "OperationTypeApply", "Created": created}


def test_a_deploy_tells_each_stack_and_writes_the_outputs(ready: Workspace, system: System, said: list[str]) -> None:
    actions.deploy_all(ready, [system], said.append)
    assert said[0] == "deploying tiny-dev"
    assert said[2] == "  tiny-dev-us-east-1: 3 to add, 1 to change, 0 to destroy"
    assert said[3].startswith("  tiny-dev-us-east-1: 3 added, 1 changed in ")
    assert said[4].endswith("its outputs are in .lifeboat/outputs/tiny-dev")
    outputs = ready.outputs("tiny-dev")
    assert sorted(path.name for path in outputs.iterdir()) == ["flat-outputs.json", "outputs.json"]
    assert json.loads((outputs / "flat-outputs.json").read_text())["us_east_1_vpc_id"] == "vpc-1"
    assert (ready.out("tiny-dev") / "stacks" / "tiny-dev-us-east-1" / FILE).exists()
    assert not ready.run_record("tiny-dev").exists()


@pytest.mark.parametrize(
    ("fails", "message"),
    [
        ("exists", "Error: creating KMS Alias (alias/tiny-dev): AlreadyExistsException"),
        ("provider", "Terraform cannot get the AWS provider: it needs the public registry, or a local provider mirror"),
        ("locked", "another run took the lock meanwhile: wait for it"),
        ("many", "and 2 more errors"),
        ("silent", "something else went wrong"),
        ("left-a-lock", "Terraform was killed and left its lock: the next `lifeboat local deploy` cleans up"),
    ],
)
def test_a_failed_deploy_shows_what_matters(  # noqa: PLR0917 fixtures
    ready: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch, fails: str, message: str
) -> None:
    monkeypatch.setenv("FAKE_DEPLOY", fails)
    with pytest.raises(Failure) as caught:
        actions.deploy_all(ready, [system], said.append)
    assert str(caught.value).startswith("the deploy of tiny-dev failed\n\n")
    assert message in str(caught.value)
    assert str(caught.value).endswith("the full log is .lifeboat/logs/tiny-dev-deploy.log")
    assert ready.run_record("tiny-dev").exists() == (fails == "left-a-lock")


def test_a_failed_synthesis_shows_its_last_lines_without_the_spinner(
    ready: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SYNTH", "no such region")
    with pytest.raises(Failure) as caught:
        actions.deploy_all(ready, [system], said.append)
    assert str(caught.value).splitlines() == [
        "synthesis failed:",
        "Traceback: no such region",
        "the full log is .lifeboat/logs/tiny-dev-synth.log",
    ]


def test_a_lock_of_another_run_is_never_broken(
    ready: Workspace, embedded: EmbeddedAws, system: System, said: list[str]
) -> None:
    put_object(embedded, LOCK, lock("2026-11-20T10:01:02Z"))
    with pytest.raises(Failure) as caught:
        actions.deploy_all(ready, [system], said.append)
    assert str(caught.value) == (
        "tiny-dev-us-east-1 is locked by ann@laptop (OperationTypeApply) since 2026-11-20 10:01:02 UTC, lock 0f5a:"
        " wait for that run; if you know that it is gone, free the stack with"
        " `terraform -chdir=.lifeboat/out/tiny-dev/stacks/tiny-dev-us-east-1 force-unlock 0f5a`"
    )
    assert has_object(embedded, LOCK)


def test_the_lock_of_a_killed_run_is_removed_and_the_deploy_goes_on(
    ready: Workspace, embedded: EmbeddedAws, system: System, said: list[str]
) -> None:
    killed_run(ready)
    put_object(embedded, LOCK, lock("2026-11-20T10:01:02Z"))
    actions.deploy_all(ready, [system], said.append)
    assert "was killed; going on from what it left" in said[1]
    assert any(line.endswith("left on tiny-dev-us-east-1") for line in said)
    assert not has_object(embedded, LOCK)


def test_a_lock_older_than_the_killed_run_is_somebody_elses(
    ready: Workspace, embedded: EmbeddedAws, system: System, said: list[str]
) -> None:
    killed_run(ready)
    put_object(embedded, LOCK, lock("2026-11-20T09:59:59Z"))
    with pytest.raises(Failure, match="tiny-dev-us-east-1 is locked by ann@laptop"):
        actions.deploy_all(ready, [system], said.append)
    assert has_object(embedded, LOCK)


def test_orphans_of_a_killed_run_lead_to_an_empty_embedded_aws_once(
    tools: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.up(tools, [system], 0, said.append)
    old = servers.running(tools)
    try:
        killed_run(tools)
        monkeypatch.setenv("FAKE_DEPLOY", "exists-once")
        actions.deploy_all(tools, [system], said.append)
        new = servers.running(tools)
        assert (new.port, new.process != old.process) == (old.port, True)
        assert "  the killed run left resources that no state knows: starting over with an empty embedded AWS" in said
        assert said[-1].startswith("deployed tiny-dev in ")
    finally:
        servers.stop(tools)


def test_orphans_never_cost_another_copy(
    ready: Workspace, embedded: EmbeddedAws, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_run(ready)
    state = {"resources": [{"mode": "managed", "instances": [{}]}]}
    put_object(embedded, "tiny-pr1/global.tfstate", state)
    monkeypatch.setenv("FAKE_DEPLOY", "exists")
    with pytest.raises(Failure, match="starting over would lose tiny-pr1 as well"):
        actions.deploy_all(ready, [system], said.append)
    assert embedded.answers()


def test_an_embedded_aws_that_dies_in_the_middle_is_named(
    tools: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.up(tools, [system], 0, said.append)
    monkeypatch.setenv("FAKE_DEPLOY", "kill-server")
    monkeypatch.setenv("FAKE_RECORD", str(tools.server_record))
    with pytest.raises(Failure, match=r"the embedded AWS \(process \d+, .*\) has ended on its own"):
        actions.deploy_all(tools, [system], said.append)
    servers.stop(tools)


@pytest.mark.parametrize("how", ["alone", "interrupt"])
def test_ctrl_c_lets_terraform_finish_and_the_next_deploy_goes_on(
    ready: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("FAKE_DEPLOY", how)
    press_ctrl_c_when(ready.out("tiny-dev") / "waiting")
    with pytest.raises(Failure, match="the deploy of tiny-dev was stopped; the next one goes on from there"):
        actions.deploy_all(ready, [system], said.append)
    assert not ready.run_record("tiny-dev").exists()
    monkeypatch.delenv("FAKE_DEPLOY")
    actions.deploy_all(ready, [system], said.append)
    assert said[-1].startswith("deployed tiny-dev in ")


def press_ctrl_c_when(waiting: Path) -> None:
    def press() -> None:
        deadline = time.monotonic() + 20
        while not waiting.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


def things(*ids: str) -> list[Thing]:
    return [{"service": "ec2", "region": REGION, "kind": "vpc", "id": each} for each in ids]


def test_a_destroy_uses_what_was_deployed_and_removes_its_outputs(
    ready: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedAws, "census", lambda _: things(*servers.own(ready)))
    actions.deploy_all(ready, [system], said.append)
    monkeypatch.setenv("FAKE_SYNTH", "must not be called")
    actions.destroy_all(ready, [system], said.append)
    assert said[-1].endswith("nothing of it is left")
    assert not ready.outputs("tiny-dev").exists()


def test_a_destroy_without_synthesized_stacks_synthesizes_them(
    ready: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedAws, "census", lambda _: [])
    ready.outputs("tiny-dev").mkdir(parents=True)
    (ready.outputs("tiny-dev") / "mine.txt").touch()
    actions.destroy_all(ready, [system], said.append)
    assert said[1].startswith("  synthesized 1 stacks")
    assert (ready.outputs("tiny-dev") / "mine.txt").exists()


def test_whatever_is_left_after_a_destroy_is_listed(
    ready: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedAws, "census", lambda _: things("vpc-1", BUCKET))
    with pytest.raises(Failure) as caught:
        actions.destroy_all(ready, [system], said.append)
    assert str(caught.value).splitlines() == [
        "tiny-dev is destroyed, but this is left of it:",
        "  ec2 vpc vpc-1 in us-east-1",
    ]


def test_beside_another_copy_only_what_carries_the_name_counts_as_left(
    ready: Workspace, embedded: EmbeddedAws, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_object(embedded, "tiny-pr1/global.tfstate", {"resources": [{"mode": "managed", "instances": [{}]}]})
    monkeypatch.setattr(EmbeddedAws, "census", lambda _: things("vpc-1", "tiny-pr1-orders", "tiny-dev2-orders"))
    actions.destroy_all(ready, [system], said.append)
    assert said[-1].endswith("nothing of it is left")
    monkeypatch.setattr(EmbeddedAws, "census", lambda _: things("vpc-1", "alias/tiny-dev"))
    with pytest.raises(Failure, match="ec2 vpc alias/tiny-dev in us-east-1"):
        actions.destroy_all(ready, [system], said.append)


def test_status_tells_what_runs_where_what_it_took_and_how_to_stop(
    ready: Workspace, embedded: EmbeddedAws, system: System, said: list[str]
) -> None:
    actions.status(ready, said.append)
    assert said[0] == f"the embedded AWS runs at {embedded.url} (process {embedded.process.pid})"
    assert said[1].startswith("databases:    ")
    assert said[2] == "  nothing is deployed"
    actions.deploy_all(ready, [system], lambda _: None)
    put_object(embedded, STATE, {"resources": [{"mode": "managed", "instances": [{}, {}]}]})
    said.clear()
    actions.status(ready, said.append)
    assert said[2].startswith("  tiny-dev: deployed in ")
    assert said[3:5] == [
        "    us-east-1         2 resources",
        "    outputs        .lifeboat/outputs/tiny-dev",
    ]
    assert said[-1] == "stop:         make destroy (this copy), make down (everything)"


def test_status_tells_what_is_under_way(ready: Workspace, said: list[str]) -> None:
    own = Process.of(os.getpid()).as_record()
    record = {"copy": "tiny-dev", "action": "deploy", "since": "2026-11-20T10:00:00+00:00", "process": own}
    write_json(ready.run_record("tiny-dev"), record)
    actions.status(ready, said.append)
    assert said[-1].startswith("under way:    deploy of tiny-dev (process ")
