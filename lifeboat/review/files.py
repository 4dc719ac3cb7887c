"""From files to stacks: snapshots, one per stack, or a `cdktf.out`. Every problem of a side is told at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from deployments.problems import Problem, ProblemsError
from lifeboat.review.content import Json, Stack, is_stack, read_stack

MANIFEST = "manifest.json"
SKIPPED = {".terraform", "assets", "node_modules", ".git"}
"""Folders inside a `cdktf.out` that hold no stacks."""
GENERIC = {"cdk.tf", "main.tf", "main"}
"""Names of files that say nothing about the stack."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """Base or head.

    Attributes:
        name: What the person asked for.
        stacks: Its stacks by name.
        dependencies: Stack to the stacks that are deployed before it; empty where the files do not say.
        descriptions: The deployments' files: name to text. Empty: they are not at hand.
        notes: What a reader should know, in sentences.
    """

    name: str
    stacks: Mapping[str, Stack]
    dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def folder_files(folder: Path) -> dict[str, bytes]:
    """Read the JSON files of a folder, by path below it.

    Raises:
        ProblemsError: The folder or a file cannot be read.
    """
    found: dict[str, bytes] = {}
    problems = []
    for path in sorted(folder.rglob("*.json")):
        below = path.relative_to(folder)
        if SKIPPED & {*below.parts[:-1]} or not path.is_file():
            continue
        try:
            found[below.as_posix()] = path.read_bytes()
        except OSError as error:
            problems.append(Problem(where=str(path), what="cannot be read", found=error.strerror or str(error)))
    if problems:
        raise ProblemsError(problems)
    return found


def read_side(name: str, where: str, files: Mapping[str, bytes]) -> Side:
    """Read the stacks of one side.

    Args:
        name: What the person asked for.
        where: The folder, as people know it; begins the names of the files.
        files: Path below the folder to content.

    Raises:
        ProblemsError: With every file that is not JSON, and every name that two stacks share.
    """
    contents, problems = _parsed(where, files)
    assets: dict[str, dict[str, str]] = {}
    stacks: dict[str, Stack] = {}
    notes = []
    dependencies = {} if MANIFEST not in contents else _dependencies(contents[MANIFEST])
    wanted = _listed(contents.get(MANIFEST), contents)
    for below in wanted:
        if not is_stack(contents[below]):
            assets |= _assets(contents[below])
    for below in wanted:
        content = contents[below]
        if not is_stack(content):
            if not _assets(content):
                notes.append(f"{where}/{below} is no Terraform JSON and was left out")
            continue
        stack_name = _stack_name(below, content)
        if stack_name in stacks:
            first = stacks[stack_name].source
            what = f"has the name of another stack, {first}"
            problems.append(Problem(where=f"{where}/{below}", what=what, found=stack_name, allowed="a name of its own"))
            continue
        stacks[stack_name] = read_stack(stack_name, f"{where}/{below}", content, assets.get(stack_name, {}))
    if problems:
        raise ProblemsError(problems)
    return Side(name=name, stacks=stacks, dependencies=dependencies, notes=tuple(notes))


def _parsed(where: str, files: Mapping[str, bytes]) -> tuple[dict[str, Json], list[Problem]]:
    contents: dict[str, Json] = {}
    problems = []
    for below, raw in files.items():
        place = f"{where}/{below}"
        try:
            contents[below] = json.loads(raw)
        except RecursionError:
            problems.append(Problem(where=place, what="is nested too deeply to be Terraform JSON"))
        except ValueError as error:
            problems.append(Problem(where=place, what="is not JSON", found=str(error), allowed="a synthesized stack"))
    return contents, problems


def _listed(manifest: Json, contents: Mapping[str, Json]) -> list[str]:
    """Return the files that a manifest lists; without one, all of them."""
    match manifest:
        case {"stacks": dict(listed)}:
            paths = [each.get("synthesizedStackPath") for each in listed.values() if isinstance(each, dict)]
            return [str(path) for path in paths if path in contents]
    return list(contents)


def _dependencies(manifest: Json) -> dict[str, tuple[str, ...]]:
    match manifest:
        case {"stacks": dict(listed)}:
            return {
                name: tuple(each.get("dependencies", ())) for name, each in listed.items() if isinstance(each, dict)
            }
    return {}


def _stack_name(below: str, content: Json) -> str:
    match content:
        case {"//": {"metadata": {"stackName": str(name)}}}:
            return name
    path = PurePosixPath(below)
    return path.parent.name if path.stem in GENERIC and path.parent.name else path.stem.removesuffix(".tf")


def _assets(content: Json) -> dict[str, dict[str, str]]:
    """Read the hashes of packed code that snapshots list apart: stack to construct path to hash."""
    if not isinstance(content, dict):
        return {}
    return {
        stack: dict(_hashes(functions))
        for stack, functions in content.items()
        if isinstance(functions, dict) and dict(_hashes(functions))
    }


def _hashes(functions: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for path, each in functions.items():
        match each:
            case {"source_code_hash": str(found)}:
                yield path, found
