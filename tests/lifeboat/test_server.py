from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.system import System
from lifeboat.failure import Failure
from lifeboat.local import actions
from lifeboat.local import server as servers
from lifeboat.local.server import EmbeddedAws
from lifeboat.processes import Process, wait_until_gone
from lifeboat.workspace import PROJECT, Workspace, write_json


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose embedded AWS does not outlive the test."""
    space = Workspace(project=PROJECT, folder=tmp_path / "lifeboat")
    yield space
    servers.stop(space)


def on_record(space: Workspace, process: Process) -> None:
    record = {"url": "http://127.0.0.1:9", "port": 9, "process": process.as_record()}
    write_json(space.server_record, record)


DEAD = Process(pid=os.getpid(), born="long ago")


def test_up_twice_starts_one_and_down_ends_it(space: Workspace, said: list[str]) -> None:
    actions.up(space, [], 0, said.append)
    server = servers.running(space)
    actions.up(space, [], 0, said.append)
    actions.up(space, [], server.port, said.append)
    assert servers.running(space) == server
    assert said[1:] == [f"the embedded AWS already runs at {server.url} (process {server.process.pid})"] * 2
    with pytest.raises(Failure, match=f"already runs on port {server.port}: leave `--port` out"):
        actions.up(space, [], server.port + 1, said.append)
    actions.down(space, said.append)
    assert said[-1] == f"the embedded AWS at {server.url} (process {server.process.pid}) has ended"
    assert not server.process.alive
    assert not space.server_record.exists()


def test_a_taken_port_is_one_message_with_what_to_do(space: Workspace, said: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure) as caught:
            actions.up(space, [], port, said.append)
    assert str(caught.value) == (
        f"port {port} is taken by another program: end that program, choose another port with `--port`,"
        " or leave `--port` out to get a free one"
    )
    assert servers.recorded(space) is None


def test_a_server_that_died_is_noticed_and_replaced(space: Workspace, said: list[str]) -> None:
    actions.up(space, [], 0, said.append)
    old = servers.running(space)
    os.kill(old.process.pid, signal.SIGKILL)
    assert wait_until_gone([old.process], 5)
    with pytest.raises(Failure, match="has ended on its own, and everything in it is gone"):
        servers.running(space)
    actions.up(space, [], 0, said.append)
    assert f"the embedded AWS on record (process {old.process.pid}) has ended on its own; starting a new one" in said
    assert servers.running(space).process != old.process


def test_down_says_what_it_found(space: Workspace, said: list[str]) -> None:
    actions.down(space, said.append)
    on_record(space, DEAD)
    actions.down(space, said.append)
    assert said == [
        "the embedded AWS is not running",
        f"the embedded AWS (process {DEAD.pid}) had already ended on its own; its record is removed",
    ]


def test_down_waits_for_nobody_but_refuses_while_a_run_is_under_way(space: Workspace, said: list[str]) -> None:
    record = {"copy": "a-dev", "action": "deploy", "since": "2026-11-20T10:00:00+00:00"}
    write_json(space.run_record("a-dev"), {**record, "process": Process.of(os.getpid()).as_record()})
    with pytest.raises(Failure, match=r"the deploy of a-dev .* is still running: stop it first"):
        actions.down(space, said.append)


def test_without_a_server_every_command_says_how_to_start_one(space: Workspace) -> None:
    with pytest.raises(Failure, match="the embedded AWS is not running; `lifeboat local up` starts it"):
        servers.running(space)


@pytest.mark.parametrize("text", ["", "[]", '{"url": 1}', '{"url": "u", "port": 1}'])
def test_a_broken_record_counts_as_none(space: Workspace, text: str) -> None:
    space.folder.mkdir(parents=True)
    space.server_record.write_text(text)
    assert servers.recorded(space) is None


def test_a_server_that_does_not_start_shows_its_last_words(tmp_path: Path, said: list[str]) -> None:
    space = Workspace(project=tmp_path, folder=tmp_path / "lifeboat")
    with pytest.raises(Failure, match=r"did not start: .*No module named .*; all of it is in lifeboat/logs"):
        actions.up(space, [], 0, said.append)


def test_a_server_that_is_never_ready_is_ended(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SECONDS_TO_START", 0.0)
    with pytest.raises(Failure, match="did not start within 0 s"):
        servers.start(space)
    assert servers.recorded(space) is None


def test_a_process_that_answers_nothing_does_not_count_as_running() -> None:
    own = EmbeddedAws(url="http://127.0.0.1:9", port=9, process=Process.of(os.getpid()))
    assert not own.answers()
    assert not replace(own, process=DEAD).answers()


def test_what_bootstrap_made_is_all_that_an_empty_embedded_aws_holds(
    space: Workspace, system: System, said: list[str]
) -> None:
    actions.up(space, [system], 0, said.append)
    actions.up(space, [], 0, said.append)
    ids = {thing["id"] for thing in servers.running(space).census()}
    assert ids == servers.own(space)
    assert "tiny-state-us-east-1" in ids
    assert len(ids) == 2


def test_the_census_is_a_list_of_things(embedded: EmbeddedAws) -> None:
    assert embedded.answers()
    assert isinstance(embedded.census(), list)
    assert isinstance(json.dumps(embedded.get("health")), str)
