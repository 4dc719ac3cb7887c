"""Where a report goes: the terminal, and the files that the options name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lifeboat.failure import Failure

if TYPE_CHECKING:
    from lifeboat.report.model import Report

Command = TypeVar("Command", bound=Callable[..., Any])
FORMATS = {"markdown": "Markdown", "json": "JSON", "sarif": "SARIF 2.1.0", "html": "one HTML page"}
"""Option, and what it writes."""
BUDGET = 60_000


def output_options(command: Command) -> Command:
    """Let a command write its report to files: `--markdown`, `--json`, `--sarif`, `--html`, `--budget`, `--quiet`."""
    file = click.Path(path_type=Path, dir_okay=False)
    command = click.option("--quiet", is_flag=True, help="Print the verdict alone.")(command)
    command = click.option("--name", default="", help="Tells apart several comments on one pull request.")(command)
    command = click.option(
        "--budget",
        type=click.IntRange(min=0),
        default=BUDGET,
        show_default=True,
        help="Most bytes of the Markdown; 0: no limit.",
    )(command)
    for option, what in reversed(FORMATS.items()):
        command = click.option(f"--{option}", f"{option}_file", type=file, help=f"Write {what} to a file.")(command)
    return command


def write(report: Report, files: Mapping[str, Path | None], *, budget: int, name: str, quiet: bool) -> None:
    """Write a report to the files that are asked for, and print it.

    Args:
        report: The report.
        files: One of `FORMATS` to the file.
        budget: Most bytes of the Markdown.
        name: Tells apart several comments.
        quiet: Whether the verdict alone is printed.

    Raises:
        Failure: A file cannot be written. None is written then unless all could be rendered.
    """
    rendered = [(path, render(report, form, budget, name)) for form, path in files.items() if path]
    for path, text in rendered:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise Failure(f"{path}: cannot be written: {error.strerror}") from None
    if quiet:
        click.echo(report.verdict)
    else:
        from lifeboat.report import terminal  # noqa: PLC0415 rich is for who reads it

        terminal.write(report)


def render(report: Report, form: str, budget: int = BUDGET, name: str = "") -> str:
    """Return a report in one of `FORMATS`."""
    module = importlib.import_module(f"lifeboat.report.{form}{'_' if form == 'json' else ''}")
    text: str = module.render(report, budget, name) if form == "markdown" else module.render(report)
    return text
