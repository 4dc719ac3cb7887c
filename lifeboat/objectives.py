"""`lifeboat objectives`: the arithmetic behind the objectives, for people who decide whether it convinces them."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from deployments.model import Deployment
    from deployments.objectives import Budget, Step, TierLoss, TierRecovery

WIDTH = 78
SECONDS_COLUMN = 44
FILE_SUFFIX = ".toml"


@click.command()
@click.argument("deployment", required=False)
@click.option("--suffix", help="Environment suffix. Absent: ENVIRONMENT_SUFFIX, else cdktf.json.")
def objectives(deployment: str | None, suffix: str | None) -> None:
    """Show step by step whether RTO and RPO can be kept.

    DEPLOYMENT is a deployment's name, `all`, or a TOML file. Absent: DEPLOYMENT, else what cdktf.json says. Ends with 1
    where an objective cannot be kept; the message then says what would keep it.
    """
    from deployments.choice import chosen_suffix  # noqa: PLC0415 pydantic is not everybody's need

    chosen = suffix or chosen_suffix(os.environ)
    problems: list[Problem] = []
    for index, path in enumerate(_paths(deployment)):
        try:
            spec, refused = described(path, chosen)
        except ProblemsError as error:
            refused = error
        else:
            click.echo(("\n" if index else "") + "\n".join(report(spec, chosen)))
        problems += refused.problems if refused else ()
    if problems:
        raise ProblemsError(dict.fromkeys(problems))


def described(path: Path, suffix: str) -> tuple[Deployment, ProblemsError | None]:
    """Read a description even where it cannot be built: a broken promise is what its arithmetic explains.

    Args:
        path: The TOML file.
        suffix: Environment suffix; chooses the stage.

    Returns:
        The description, and what stands in the way of building it. None: nothing does.

    Raises:
        ProblemsError: A value has the wrong type or range, so that there is nothing to reckon with.
    """
    from deployments.load import load, read  # noqa: PLC0415 pydantic is not everybody's need
    from deployments.stages import STAGES, overlay, stage_of  # noqa: PLC0415 with the above
    from deployments.validation import validate  # noqa: PLC0415 with the above

    try:
        return load(path, suffix).spec, None
    except ProblemsError as error:
        table = read(path)
        base = {key: value for key, value in table.items() if key != STAGES}
        stages = table.get(STAGES, {})
        stage = stage_of(suffix, list(stages)) if isinstance(stages, dict) else None
        changes = stages[stage] if stage else {}
        spec, wrong = validate(overlay(base, changes)) if isinstance(changes, dict) else (None, [])
        if spec is None or wrong:
            raise
        return spec, error


def report(spec: Deployment, suffix: str) -> Iterator[str]:
    """Yield the lines for one system, at most 80 columns wide."""
    from deployments.objectives import budget  # noqa: PLC0415 pydantic is not everybody's need

    plan = budget(spec)
    regions = ", ".join(region.name for region in spec.regions)
    yield from textwrap.wrap(f"{spec.name} ({suffix}): {spec.strategy} in {regions}", WIDTH)
    yield ""
    yield f"RTO {duration(plan.rto_seconds)}"
    for step in plan.before:
        yield _counted(f"  {step.name}", step.seconds)
    yield "  then the tiers, side by side" if plan.before else "  the tiers, side by side"
    for recovery in plan.recoveries:
        yield from _recovery(recovery, is_longest=recovery is plan.longest)
    yield from _longest_path(plan)
    if plan.losses:
        yield ""
        yield "RPO"
    for loss in plan.losses:
        yield from _loss(loss)


def duration(seconds: int) -> str:
    """Write seconds, and the unit that people think in where it divides evenly: `1800 s (30 min)`."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds} s ({seconds // size} {unit})"
    return f"{seconds} s"


def _paths(deployment: str | None) -> list[Path]:
    """Read the argument as a file when it looks like one, else as names."""
    from deployments.choice import chosen_names  # noqa: PLC0415 pydantic is not everybody's need
    from deployments.load import path_of  # noqa: PLC0415 with the above

    if deployment and (deployment.endswith(FILE_SUFFIX) or "/" in deployment):
        return [Path(deployment)]
    given = {"DEPLOYMENT": deployment} if deployment else {}
    return [path_of(name) for name in chosen_names({**os.environ, **given})]


def _recovery(recovery: TierRecovery, *, is_longest: bool) -> Iterator[str]:
    mark = "  longest" if is_longest else ""
    yield _counted(f"    {recovery.tier}", recovery.seconds) + mark
    for step in recovery.steps:
        yield _counted(f"      {step.name}", step.seconds)


def _longest_path(plan: Budget) -> Iterator[str]:
    path: Sequence[Step] = (*plan.before, *plan.longest.steps)
    total = f"{' + '.join(str(step.seconds) for step in path)} = {plan.seconds} s"
    spare = plan.rto_seconds - plan.seconds
    verdict = f"kept, {spare} s to spare" if spare >= 0 else f"NOT KEPT, {-spare} s too long"
    yield f"  longest path: {total}"
    yield f"  RTO {plan.rto_seconds} s: {verdict}"


def _loss(loss: TierLoss) -> Iterator[str]:
    source = "its own" if loss.is_own else "the system's"
    verdict = "kept" if loss.is_kept else "NOT KEPT"
    numbers = f"{loss.tier}: objective {loss.objective} s ({source}), reachable {loss.reachable} s: {verdict}"
    yield from textwrap.wrap(numbers, WIDTH, initial_indent="  ", subsequent_indent="    ")
    yield from textwrap.wrap(loss.why, WIDTH, initial_indent="    ", subsequent_indent="    ")


def _counted(text: str, seconds: int) -> str:
    return f"{text:<{SECONDS_COLUMN}}{seconds:>8} s"
