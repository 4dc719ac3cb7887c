"""The command line. Every command imports what it needs when it runs, so that all of them start at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from deployments.problems import ProblemsError
from lifeboat.drill.commands import drill
from lifeboat.edge import edge
from lifeboat.evidence.command import evidence
from lifeboat.failover.commands import failback, failover, status
from lifeboat.failure import Exit, Failure
from lifeboat.local.commands import local
from lifeboat.objectives import objectives
from lifeboat.options import choice_options, chosen
from lifeboat.plan.commands import apply, plan
from lifeboat.preflight.command import preflight
from lifeboat.reconcile.commands import reconcile
from lifeboat.restore.command import restore
from lifeboat.review.command import review
from lifeboat.runbooks.commands import runbooks

Command = TypeVar("Command", bound=Callable[..., Any])


class Commands(click.Group):
    """A group that turns failures into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 click's own signature
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            error.show()
            ctx.exit(Exit.ERROR)  # click's own 2 means changes here, and CI would go on
        except ProblemsError as error:
            click.echo(str(error), err=True)
            ctx.exit(Exit.ERROR)
        except Failure as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Deploy, verify and drill systems that survive the loss of a region."""


cli.add_command(local)
cli.add_command(failover)
cli.add_command(failback)
cli.add_command(status)
cli.add_command(preflight)
cli.add_command(drill)
cli.add_command(runbooks)
cli.add_command(reconcile)
cli.add_command(objectives)
cli.add_command(evidence)
cli.add_command(restore)
cli.add_command(edge)
cli.add_command(review)
cli.add_command(plan)
cli.add_command(apply)


@cli.command()
@click.option("--of", type=click.Choice(["deployment", "report"]), default="deployment", help="Of what.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file. Absent: print.")
def schema(of: str, output: Path | None) -> None:
    """Print the JSON Schema of a deployment's file, for editors, or of a report in JSON."""
    if of == "report":
        from lifeboat.report.json_ import schema_text as text  # noqa: PLC0415 msgspec is not everybody's need
    else:
        from lifeboat.schema import text  # noqa: PLC0415 pydantic is not everybody's need

    if output:
        output.write_text(text(), encoding="utf-8")
    else:
        click.echo(text(), nl=False)


@cli.command()
@click.argument("files", nargs=-1, metavar="[FILE|NAME]...")
def check(files: tuple[str, ...]) -> None:
    """Check descriptions, every stage of them. None given: all known deployments."""
    from lifeboat.check import check_all  # noqa: PLC0415 pydantic is not everybody's need

    for line in check_all(files):
        click.echo(line)


@cli.command("list")
def list_() -> None:
    """List the deployments of this project."""
    from lifeboat.check import known_deployments  # noqa: PLC0415 pydantic is not everybody's need

    for line in known_deployments():
        click.echo(line)


@cli.command()
@choice_options
@click.option("--dry-run", is_flag=True, help="Only tell what is missing.")
@click.option("--yes", is_flag=True, help="Do it on a real account.")
def bootstrap(deployment: str | None, suffix: str | None, *, dry_run: bool, yes: bool) -> None:
    """Make what Terraform needs first: state buckets and the hosted zone. Safe to repeat."""
    from lifeboat import bootstrap as boot  # noqa: PLC0415 boto3 is not everybody's need

    things = boot.wanted(chosen(deployment, suffix))
    clients = boot.connect()
    number = boot.account(clients)
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    click.echo(f"account {number}" + (f" at {endpoint}" if endpoint else ""))
    if not (endpoint or dry_run or yes):
        listed = "\n".join(f"  {thing}" for thing in things)
        raise Failure(
            f"account {number} is a real one, where this would be made if missing:\n{listed}\nsay so with --yes",
            Exit.GUARDED,
        )
    for done in boot.bootstrap(clients, things, dry_run=dry_run):
        click.echo(f"  {done.what} {done.wanted}")


@cli.command()
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="What `cdktf deploy --outputs-file` wrote.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for outputs.json and flat-outputs.json. Absent: print the flat ones.",
)
def outputs(source: Path, folder: Path | None) -> None:
    """Write the outputs of a deploy, nested by stack and flat."""
    import json  # noqa: PLC0415 only here

    from lifeboat.outputs import flatten, read_outputs, write_outputs  # noqa: PLC0415 only here

    found = read_outputs(source)
    if folder:
        click.echo(f"{len(write_outputs(found, folder))} outputs in {folder}")
    else:
        click.echo(json.dumps(flatten(found), indent=2))
