"""From a file to a `System`, or to every problem that stands in the way."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from deployments.addressing import plan_vpcs
from deployments.hostnames import hostname_problems
from deployments.naming import Names
from deployments.problems import Problem, ProblemsError
from deployments.rules import check
from deployments.stages import STAGES, TomlTable, has_path, overlay, stage_of
from deployments.system import System, build_system
from deployments.validation import validate

FOLDER = Path(__file__).parent
DEEPEST = 32
SUFFIX_PATTERN = r"[a-z0-9]{1,20}"
"""Without hyphens: names join their parts with them, and no part may look like the parts of another copy."""


def known() -> list[str]:
    """List the deployments of this project by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def path_of(name: str) -> Path:
    """Return the file of a deployment. The system's own name does as well, which has hyphens for underscores.

    Raises:
        ProblemsError: No deployment has this name; the message lists those that exist.
    """
    stem = name if name in known() else name.replace("-", "_")
    if stem not in known():
        raise ProblemsError.one(
            "DEPLOYMENT", "unknown deployment", found=repr(name), allowed=", ".join([*known(), "all"])
        )
    return FOLDER / f"{stem}.toml"


def load(path: Path, suffix: str) -> System:
    """Read a description for one environment.

    Args:
        path: The TOML file.
        suffix: Environment suffix; chooses the stage and is part of every name.

    Raises:
        ProblemsError: With every problem of the file at once.
    """
    where = shown(path)
    table = read(path)
    stages = _stages(table, where)
    stage = stage_of(suffix, list(stages))
    problems = _suffix_problems(suffix, stage, sorted(stages))
    changes = stages[stage] if stage else {}
    prefix = f"{STAGES}.{stage}." if changes else ""
    base = {key: value for key, value in table.items() if key != STAGES}
    spec, found = validate(overlay(base, changes))
    if spec:
        found += check(spec) + plan_vpcs(spec.regions, spec.network)[1]
        found += Names(system=spec.name, suffix=suffix).problems("", "name") + hostname_problems(spec, suffix)
    problems += [_placed(problem, where, changes, prefix) for problem in _once(found)]
    if problems or spec is None:
        raise ProblemsError(problems)
    return build_system(spec, suffix)


def load_every_stage(path: Path) -> dict[str, System]:
    """Read a description for each of its stages, patterns filled with the longest rest that names allow for.

    Raises:
        ProblemsError: With the problems of all stages, each once.
    """
    stages = _stages(read(path), shown(path))
    systems: dict[str, System] = {}
    problems: dict[Problem, None] = {}
    for stage in stages or {"*": {}}:
        suffix = stage.replace("*", "1") if stage != "*" else "dev"
        try:
            systems[stage] = load(path, suffix)
        except ProblemsError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise ProblemsError(problems)
    return systems


def read(path: Path) -> TomlTable:
    """Read TOML, saying where it breaks.

    Raises:
        ProblemsError: Missing, unreadable, not UTF-8, or not TOML (with line and column).
    """
    where = shown(path)
    try:
        return _not_too_deep(tomllib.loads(path.read_bytes().decode()))
    except FileNotFoundError:
        raise ProblemsError.one(where, "no such file", allowed="an existing TOML file") from None
    except OSError as error:
        raise ProblemsError.one(where, "cannot be read", found=error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise ProblemsError.one(where, "is not UTF-8 text", found=f"byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ProblemsError.one(where, "is not valid TOML", found=str(error)) from None
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, nesting without end
        raise ProblemsError.one(where, "is not a description", found=str(error)) from None


def shown(path: Path) -> str:
    """Name a file the way its owner does: relative to the project where it lies inside."""
    project = FOLDER.parent
    absolute = path.absolute()
    return str(absolute.relative_to(project)) if absolute.is_relative_to(project) else str(path)


def _not_too_deep(table: TomlTable) -> TomlTable:
    """Refuse nesting that dotted keys can write without end, and that nobody could walk or print."""
    level: list[object] = [table]
    for _ in range(DEEPEST):
        inside = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [value for values in inside for value in values]
    if level:
        raise RecursionError(f"nested more than {DEEPEST} deep")
    return table


def _stages(table: TomlTable, where: str) -> dict[str, TomlTable]:
    stages = table.get(STAGES, {})
    wrong = (
        [name for name, changes in stages.items() if not isinstance(changes, dict)]
        if isinstance(stages, dict)
        else [""]
    )
    if wrong:
        raise ProblemsError(
            Problem(
                where=where,
                key=f"{STAGES}.{name}".rstrip("."),
                what="a stage is a table of changes",
                allowed="[stages.<suffix or pattern>]",
            )
            for name in wrong
        )
    return dict(stages)


def _suffix_problems(suffix: str, stage: str | None, stages: list[str]) -> list[Problem]:
    where = "ENVIRONMENT_SUFFIX"
    if not re.fullmatch(SUFFIX_PATTERN, suffix):
        return [
            Problem(
                where=where,
                what="cannot be part of AWS names",
                found=repr(suffix),
                allowed="1 to 20 lower-case letters and digits",
            )
        ]
    if stages and stage is None:
        return [Problem(where=where, what="unknown stage", found=repr(suffix), allowed=", ".join(stages))]
    return []


def _once(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def _placed(problem: Problem, where: str, changes: TomlTable, prefix: str) -> Problem:
    """Add the file, and the stage where it is the stage that says the wrong thing."""
    path = tuple(int(part) if part.isdecimal() else part for part in problem.key.split("."))
    key = prefix + problem.key if prefix and has_path(changes, path) else problem.key
    return Problem(where=where, key=key, what=problem.what, found=problem.found, allowed=problem.allowed)
