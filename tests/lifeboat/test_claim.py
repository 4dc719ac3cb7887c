from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifeboat.failure import Failure
from lifeboat.local import claim as claims
from lifeboat.local.claim import Claim, claimed, read_claim, settle
from lifeboat.processes import Process
from lifeboat.workspace import Workspace

OWN = Process.of(os.getpid())
DEAD = Process(pid=os.getpid(), born="long ago")
SINCE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def record(workspace: Workspace, process: Process, child: Process | None = None) -> Claim:
    path = workspace.run_record("shop-dev")
    path.parent.mkdir(parents=True, exist_ok=True)
    claim = Claim(path=path, copy="shop-dev", action="deploy", process=process, since=SINCE)
    path.write_text(json.dumps(claim.as_record()))
    if child:
        claim.begin(child)
    return claim


def test_a_claim_is_on_record_while_it_lasts(workspace: Workspace) -> None:
    path = workspace.run_record("shop-dev")
    with claimed(workspace, "shop-dev", "deploy", OWN, print) as claim:
        claim.begin(OWN)
        found = read_claim(path)
        assert found
        assert (found.copy, found.action, found.process, found.child) == ("shop-dev", "deploy", OWN, OWN)
        assert claim.after is None
    assert not path.exists()


def test_a_claim_that_has_to_be_cleaned_up_after_stays_on_record(workspace: Workspace) -> None:
    with claimed(workspace, "shop-dev", "deploy", OWN, print) as claim:
        claim.keep = True
    assert workspace.run_record("shop-dev").exists()


def test_a_copy_that_another_run_works_on_is_refused_with_who_and_when(workspace: Workspace) -> None:
    record(workspace, OWN)
    message = f"deploy of shop-dev .process {OWN.pid}, since 2026-11-20 10:00:00 UTC. is still running: wait for it"
    with pytest.raises(Failure, match=message), claimed(workspace, "shop-dev", "destroy", OWN, print):
        pass
    assert workspace.run_record("shop-dev").exists()


def test_another_copy_is_not_held_up(workspace: Workspace) -> None:
    record(workspace, OWN)
    with claimed(workspace, "shop-pr1", "deploy", OWN, print) as claim:
        assert claim.copy == "shop-pr1"


def test_a_run_that_was_killed_is_handed_to_the_next_one(workspace: Workspace) -> None:
    record(workspace, DEAD)
    with claimed(workspace, "shop-dev", "deploy", OWN, print) as claim:
        assert claim.after
        assert claim.after.process == DEAD
        assert claim.after.since == SINCE


def test_of_two_runs_that_begin_at_once_one_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    record(workspace, OWN)
    monkeypatch.setattr(claims, "read_claim", lambda _: None)
    with (
        pytest.raises(Failure, match="another run has just begun"),
        claimed(workspace, "shop-dev", "deploy", OWN, print),
    ):
        pass


def test_half_a_record_is_no_claim(workspace: Workspace) -> None:
    path = workspace.run_record("shop-dev")
    path.parent.mkdir(parents=True)
    path.write_text('{"copy": "shop-')
    assert read_claim(path) is None


def test_what_still_works_for_a_killed_run_may_save_its_state(
    workspace: Workspace, put: Callable[[str, str], Path], tmp_path: Path, said: list[str]
) -> None:
    waiting, saved = tmp_path / "waiting", tmp_path / "saved"
    put("terraform", f"#!/bin/sh\ntrap ': > {saved}; exit 1' INT\n: > {waiting}\nwhile :; do sleep 0.05; done\n")
    script = "import subprocess; subprocess.run(['terraform'], start_new_session=True)"
    child = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)  # noqa: S603 the test's own
    while not waiting.exists():
        time.sleep(0.02)
    settle(record(workspace, DEAD, Process.of(child.pid)), said.append)
    assert saved.exists()
    assert said == ["  its Terraform still runs: waiting until it has saved its state"]
    child.wait()


def test_what_does_not_stop_is_killed(workspace: Workspace, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "SECONDS_TO_SAVE", 0.2)
    monkeypatch.setattr(claims, "SECONDS_TO_END", 0.2)
    script = (
        "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; print(1, flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)  # noqa: S603 the test's own
    assert child.stdout
    child.stdout.readline()
    settle(record(workspace, DEAD, Process.of(child.pid)), said.append)
    assert child.wait() == -9
    child.stdout.close()


def test_a_killed_run_whose_tools_are_gone_needs_no_waiting(workspace: Workspace) -> None:
    dead = record(workspace, DEAD, DEAD)
    settle(dead, print)
    assert not dead.process.alive
