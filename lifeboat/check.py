"""Descriptions checked and listed, without building anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from deployments.load import FOLDER, known, load_every_stage, path_of, read, shown
from deployments.problems import Problem, ProblemsError

SUFFIX = ".toml"


def check_all(given: Sequence[str]) -> list[str]:
    """Check descriptions; return a line for each. None given: every known deployment.

    Raises:
        ProblemsError: With the problems of all of them.
    """
    lines: list[str] = []
    problems: list[Problem] = []
    for each in given or known():
        try:
            path = _path(each)
            stages = load_every_stage(path)
        except ProblemsError as error:
            problems += error.problems
        else:
            lines.append(f"{shown(path)}: correct for {', '.join(stages)}")
    if problems:
        raise ProblemsError(problems)
    return lines


def known_deployments() -> Iterator[str]:
    """Yield a line for each deployment: its name, strategy, regions and purpose."""
    tables = {name: read(FOLDER / f"{name}{SUFFIX}") for name in known()}
    width = max((len(name) for name in tables), default=0)
    for name, table in tables.items():
        regions = " → ".join(_names(table.get("regions")))
        parts = [str(table.get("strategy", "no strategy")), regions, str(table.get("description", ""))]
        yield f"{name:<{width}}  " + "  ".join(part for part in parts if part)


def _path(given: str) -> Path:
    """Read an argument as a file when it looks like one, else as a deployment's name."""
    return Path(given) if given.endswith(SUFFIX) or "/" in given else path_of(given)


def _names(regions: object) -> list[str]:
    if not isinstance(regions, list):
        return []
    return [str(region.get("name", "?")) for region in regions if isinstance(region, dict)]
