"""The local commands, step by step. `commands.py` only reads the command line."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from deployments.system import System
from lifeboat.bootstrap import Clients, bootstrap, connect, wanted
from lifeboat.edge import clean
from lifeboat.edge import connect as connect_edge
from lifeboat.failure import Failure
from lifeboat.local import server as servers
from lifeboat.local.claim import Claim, claimed, read_claim
from lifeboat.local.context import Local, pointed_at
from lifeboat.local.deployment import OrphansError, deploy, destroy
from lifeboat.local.environment import REGION
from lifeboat.local.leftovers import leftovers
from lifeboat.local.states import State, deployed
from lifeboat.local.summary import DEPLOYED, VERIFIED, note, summary
from lifeboat.local.verify import verify
from lifeboat.processes import Process
from lifeboat.toolchain import check_tools
from lifeboat.workspace import Workspace

Say = Callable[[str], None]


@contextmanager
def connected(workspace: Workspace, say: Say) -> Iterator[tuple[Local, Clients]]:
    """Work on the embedded AWS that runs.

    Raises:
        Failure: None does.
    """
    server = servers.running(workspace)
    with pointed_at(server.url):
        yield Local(workspace=workspace, server=server, say=say), connect()


def up(workspace: Workspace, systems: Sequence[System], port: int, say: Say) -> None:
    """Start the embedded AWS unless it runs, then bootstrap.

    Raises:
        Failure: It cannot be started, or it already runs on another port than the one asked for.
    """
    server = servers.recorded(workspace)
    if server and server.answers():
        if port not in {0, server.port}:
            raise Failure(
                f"the embedded AWS already runs on port {server.port}: leave `--port` out to use it,"
                " or end it first with `lifeboat local down`"
            )
        say(f"the embedded AWS already runs at {server.url} (process {server.process.pid})")
    else:
        if server:
            say(f"the embedded AWS on record (process {server.process.pid}) has ended on its own; starting a new one")
            servers.stop(workspace)
        began = time.monotonic()
        server = servers.start(workspace, port)
        took = time.monotonic() - began
        say(f"the embedded AWS runs at {server.url} (process {server.process.pid}), started in {took:.1f} s")
    _bootstrap(workspace, server, systems, say)


def deploy_all(workspace: Workspace, systems: Sequence[System], say: Say) -> None:
    """Deploy every chosen copy.

    Raises:
        Failure: One of them cannot be deployed.
    """
    check_tools(workspace.project, os.environ)
    for system in systems:
        began = time.monotonic()
        copy = system.names.prefix
        say(f"deploying {copy}")
        with claimed(workspace, copy, "deploy", Process.of(os.getpid()), say) as claim:
            try:
                _deploy(workspace, system, claim, say)
            except OrphansError as error:
                _start_over(workspace, system, error, say)
                _deploy(workspace, system, claim, say)
        seconds = time.monotonic() - began
        note(workspace, copy, DEPLOYED, seconds)
        say(f"deployed {copy} in {seconds:.0f} s; its outputs are in {workspace.shown(workspace.outputs(copy))}")


def destroy_all(workspace: Workspace, systems: Sequence[System], say: Say) -> None:
    """Destroy every chosen copy, and see that nothing of it is left.

    Raises:
        Failure: One of them cannot be destroyed, or something is left.
    """
    check_tools(workspace.project, os.environ)
    for system in systems:
        began = time.monotonic()
        copy = system.names.prefix
        say(f"destroying {copy}")
        with connected(workspace, say) as (local, clients):
            with claimed(workspace, copy, "destroy", Process.of(os.getpid()), say) as claim:
                destroy(local, system, claim, clients)
            for thing in clean(system, connect_edge()).deleted:
                say(f"  deleted {thing}, which the destroy left")
            alone = not deployed(clients, REGION)
            left = leftovers(local.server.census(), copy, alone=alone, own=servers.own(workspace))
        if left:
            raise Failure("\n  ".join([f"{copy} is destroyed, but this is left of it:", *left]))
        say(f"destroyed {copy} in {time.monotonic() - began:.0f} s; nothing of it is left")


def verify_all(workspace: Workspace, systems: Sequence[System], say: Say) -> None:
    """Verify every chosen copy.

    Raises:
        Failure: One of them is not as it should be.
    """
    check_tools(workspace.project, os.environ)
    for system in systems:
        began = time.monotonic()
        copy = system.names.prefix
        say(f"verifying {copy}")
        with connected(workspace, say) as (local, _):
            verify(local, system)
        seconds = time.monotonic() - began
        note(workspace, copy, VERIFIED, seconds)
        say(f"verified {copy} in {seconds:.0f} s")


def down(workspace: Workspace, say: Say) -> None:
    """End the embedded AWS, and with it everything that was deployed.

    Raises:
        Failure: A run is working on it.
    """
    _no_run(workspace)
    server = servers.recorded(workspace)
    was_alive = server is not None and server.process.alive
    servers.stop(workspace)
    if server is None:
        say("the embedded AWS is not running")
    elif was_alive:
        say(f"the embedded AWS at {server.url} (process {server.process.pid}) has ended")
    else:
        say(f"the embedded AWS (process {server.process.pid}) had already ended on its own; its record is removed")


def status(workspace: Workspace, say: Say) -> None:
    """Tell what runs and what is deployed.

    Raises:
        Failure: The embedded AWS does not run.
    """
    server = servers.running(workspace)
    for line in summary(workspace, server, copies(workspace, say)):
        say(line)
    for run in runs(workspace):
        say(f"under way:    {run}")


def copies(workspace: Workspace, say: Say) -> list[State]:
    """List what is deployed on the embedded AWS, by state.

    Raises:
        Failure: It does not run.
    """
    with connected(workspace, say) as (_, clients):
        return deployed(clients, REGION)


def runs(workspace: Workspace) -> list[Claim]:
    """List the runs that are under way."""
    found = [read_claim(path) for path in sorted((workspace.folder / "runs").glob("*.json"))]
    return [claim for claim in found if claim and claim.process.alive]


def _deploy(workspace: Workspace, system: System, claim: Claim, say: Say) -> None:
    with connected(workspace, say) as (local, clients):
        deploy(local, system, claim, clients)


def _bootstrap(workspace: Workspace, server: servers.EmbeddedAws, systems: Sequence[System], say: Say) -> None:
    with pointed_at(server.url):
        all_done = bootstrap(connect(), wanted(systems), dry_run=False)
    servers.remember_own(workspace, [done.id for done in all_done])
    for done in all_done:
        say(f"  {done.what} {done.wanted}")


def _start_over(workspace: Workspace, system: System, error: Failure, say: Say) -> None:
    """Begin with an empty embedded AWS, because a killed run left things there that no state knows.

    Raises:
        Failure: Another copy lives there, which would be lost.
    """
    others = sorted({state.copy for state in copies(workspace, say)} - {system.names.prefix})
    if others:
        raise Failure(
            f"{error}\n\nthe killed run left resources that no state knows, and starting over would lose"
            f" {', '.join(others)} as well: when that is fine, `lifeboat local down`, then up and deploy"
        )
    say("  the killed run left resources that no state knows: starting over with an empty embedded AWS")
    old = servers.stop(workspace)
    server = servers.start(workspace, old.port if old else 0)
    _bootstrap(workspace, server, [system], say)


def _no_run(workspace: Workspace) -> None:
    under_way = runs(workspace)
    if under_way:
        raise Failure("\n".join(f"the {claim} is still running: stop it first" for claim in under_way))
