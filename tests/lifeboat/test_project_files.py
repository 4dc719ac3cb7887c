from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator

import click
import pytest

from lifeboat.cli import cli
from lifeboat.workspace import PROJECT

MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
TARGETS = sorted(set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)) - {"help"})
SCRIPTS = sorted(tomllib.loads((PROJECT / "Pipfile").read_text(encoding="utf-8"))["scripts"])


def commands(group: click.Group, before: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}"


def words_of(file: str) -> str:
    return re.sub(r"\s+", " ", (PROJECT / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", ["help", "README.md"])
@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_explained(file: str, target: str) -> None:
    assert re.search(rf"\bmake {target}\b", words_of(file)), f"{file} does not say what `make {target}` does"


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_of_the_pipfile_is_explained(script: str) -> None:
    assert re.search(rf"\bpipenv run {script}\b", words_of("help")), f"help does not name `pipenv run {script}`"
    assert re.search(rf"\b{script}\b", words_of("README.md")), f"README.md does not name {script}"


@pytest.mark.parametrize("command", sorted(commands(cli, "lifeboat")))
def test_every_command_is_explained_in_help(command: str) -> None:
    assert re.search(rf"\b{command}\b", words_of("help")), f"help does not name `{command}`"


def test_help_names_no_target_that_does_not_exist() -> None:
    named = set(re.findall(r"^    make ([a-z]+)", (PROJECT / "help").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == set(TARGETS)


def test_every_target_is_declared_as_no_file() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert sorted(set(phony.split()) - {"help"}) == TARGETS


def test_the_lock_file_names_no_index() -> None:
    lock = json.loads((PROJECT / "Pipfile.lock").read_text(encoding="utf-8"))
    assert lock["_meta"]["sources"] == []
    assert [name for section in ("default", "develop") for name, each in lock[section].items() if "index" in each] == []
