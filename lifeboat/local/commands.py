"""`lifeboat local ...`: what the command line says, handed to `actions`."""

from __future__ import annotations

import json
import os

import click

from lifeboat.failure import Failure
from lifeboat.options import choice_options, chosen
from lifeboat.workspace import Workspace

# ruff: noqa: PLC0415 - boto3 and pydantic are loaded by the command that needs them, so that all others start at once


@click.group()
def local() -> None:
    """Deploy onto the embedded AWS: no account, no network."""


@local.command()
@choice_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1. Absent: a free one.")
def up(deployment: str | None, suffix: str | None, port: int) -> None:
    """Start the embedded AWS, and make the state buckets and the zone in it."""
    from lifeboat.local import actions

    actions.up(Workspace.of(), chosen(deployment, suffix), port, click.echo)


@local.command()
@choice_options
def deploy(deployment: str | None, suffix: str | None) -> None:
    """Synthesize and deploy; go on from where an interrupted run stopped."""
    from lifeboat.local import actions

    actions.deploy_all(Workspace.of(), chosen(deployment, suffix), click.echo)


@local.command()
@choice_options
def verify(deployment: str | None, suffix: str | None) -> None:
    """See that a second plan is empty (else exit code 2), then run the integration tests."""
    from lifeboat.local import actions

    actions.verify_all(Workspace.of(), chosen(deployment, suffix), click.echo)


@local.command()
@choice_options
def destroy(deployment: str | None, suffix: str | None) -> None:
    """Destroy, and see that nothing is left."""
    from lifeboat.local import actions

    actions.destroy_all(Workspace.of(), chosen(deployment, suffix), click.echo)


@local.command()
def down() -> None:
    """End the embedded AWS and forget everything in it."""
    from lifeboat.local import actions

    actions.down(Workspace.of(), click.echo)


@local.command()
def status() -> None:
    """Tell what runs, where, and what is deployed."""
    from lifeboat.local import actions

    actions.status(Workspace.of(), click.echo)


@local.command()
@choice_options
def outputs(deployment: str | None, suffix: str | None) -> None:
    """Print the flat outputs of what is deployed."""
    from lifeboat.outputs import FLAT, read_flat

    workspace = Workspace.of()
    flat: dict[str, object] = {}
    for system in chosen(deployment, suffix):
        path = workspace.outputs(system.names.prefix) / FLAT
        if not path.exists():
            raise Failure(f"{system.names.prefix} has no outputs: run `lifeboat local deploy` first")
        flat |= read_flat(path)
    click.echo(json.dumps(flat, indent=2))


@local.command()
@choice_options
def env(deployment: str | None, suffix: str | None) -> None:
    """Print shell lines that point your own cdktf and Terraform here: eval "$(lifeboat local env)"."""
    from lifeboat.local import environment, server
    from lifeboat.local.plain import chosen_variables, prepare

    workspace = Workspace.of()
    found = server.running(workspace)
    systems = chosen(deployment, suffix)
    prepare(workspace, systems)
    click.echo(environment.exports(os.environ, found.url, chosen_variables(systems)))
