"""Plans of earlier previews, found again by what they were made from."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lifeboat.stacks import Stack
from lifeboat.workspace import PROJECT

FORMAT = "1"
"""Raise it when what is kept changes its meaning."""
CODE = ("lifeboat/local", "lifeboat/review/preview.py", "lifeboat/review/surroundings.py", "Pipfile.lock")
"""What a plan depends on besides the stacks: the embedded AWS, and how it is used."""
SKIPPED = {".terraform", "__pycache__"}


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A folder of plans. Safe to delete.

    Attributes:
        folder: The folder.
        terraform: Terraform's version, which is part of every key.
    """

    folder: Path
    terraform: str

    def key(self, name: str, base: Sequence[Stack], head: Sequence[Stack]) -> str:
        """Return what a plan is kept under: a hash of everything that it is made from.

        Args:
            name: The stack that is planned.
            base: It and all that it depends on, as the base has them.
            head: As the head has them.
        """
        parts = [FORMAT, self.terraform, code_hash(), name]
        for side in (base, head):
            parts += [part for stack in side for part in (stack.name, content_hash(stack.folder))] + ["|"]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def is_equal(self, name: str, old: Mapping[str, Stack], new: Mapping[str, Stack]) -> bool:
        """Whether a stack and all that it depends on are the same in base and head: then nothing is to be planned."""
        if name not in old or name not in new:
            return False
        if content_hash(old[name].folder) != content_hash(new[name].folder):
            return False
        before, after = set(old[name].dependencies), set(new[name].dependencies)
        return before == after and all(self.is_equal(each, old, new) for each in before)

    def read(self, key: str) -> bytes | None:
        """Return a plan. None: it is not here."""
        try:
            return (self.folder / f"{key}.json").read_bytes()
        except OSError:
            return None

    def write(self, key: str, plan: bytes) -> None:
        """Keep a plan, readable by its owner alone: plans hold values in clear."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{key}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_bytes(plan)
        draft.replace(self.folder / f"{key}.json")


@functools.cache
def content_hash(folder: Path) -> str:
    """Return a hash of a stack's files, those that Terraform wrote left out."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if SKIPPED & {*below.parts} or ".tfstate" in path.name or "_override.tf" in path.name or not path.is_file():
            continue
        found.update(f"{below.as_posix()}\0{path.stat().st_size}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


@functools.cache
def code_hash() -> str:
    """Return a hash of the code that a preview runs."""
    found = hashlib.sha256()
    for name in CODE:
        path = PROJECT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.is_file() else []:
            found.update(f"{file.relative_to(PROJECT).as_posix()}\0".encode() + file.read_bytes())
    return found.hexdigest()
