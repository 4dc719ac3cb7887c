"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from deployments.system import System

Command = TypeVar("Command", bound=Callable[..., Any])


def choice_options(command: Command) -> Command:
    """Let a command be told which copy is meant. Absent: `DEPLOYMENT`, `ENVIRONMENT_SUFFIX`, then `cdktf.json`."""
    command = click.option("--suffix", help="Environment suffix. Absent: ENVIRONMENT_SUFFIX, else cdktf.json.")(command)
    return click.option(
        "--deployment", help="Name of a deployment, or all. Absent: DEPLOYMENT, else what cdktf.json says."
    )(command)


def chosen(deployment: str | None, suffix: str | None) -> list[System]:
    """Load the systems that are meant.

    Raises:
        ProblemsError: With every problem of all of them.
    """
    from deployments.choice import chosen_systems  # noqa: PLC0415 pydantic takes longer than starting

    given = {"DEPLOYMENT": deployment, "ENVIRONMENT_SUFFIX": suffix}
    return chosen_systems({**os.environ, **{name: value for name, value in given.items() if value}})
