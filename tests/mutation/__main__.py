"""Break the code on purpose, one fault at a time, and show which promise notices.

    python -m tests.mutation            # all of them; ends with 1 if one survives
    python -m tests.mutation keys dns   # those whose name, file or test contains one of the words

Snapshots take no part: they notice everything and say nothing about what matters.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutation import Mutation
from tests.mutation.mutations import MUTATIONS

PROJECT = Path(__file__).parents[2]
CARRIED = (
    "deployments",
    "stacks",
    "constructs_lib",
    "functions",
    "lifeboat",
    "tests/bench",
    "tests/unit",
    "tests/lifeboat",
    ".build/functions",
)
CARRIED_FILES = ("main.py", "cdktf.json", "pyproject.toml", "tests/__init__.py")
SIDE_BY_SIDE = 2
CAUGHT = 1  # pytest's own exit code for tests that failed


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one mutation.

    Attributes:
        mutation: The fault.
        caught_by: The first test that failed. Empty: it survived.
        trouble: What went wrong apart from the tests: the fault could not be made, or broke the program itself.
        seconds: How long it took.
    """

    mutation: Mutation
    caught_by: str
    trouble: str
    seconds: float

    @property
    def is_caught(self) -> bool:
        """Whether a promise failed, and nothing else."""
        return bool(self.caught_by) and not self.trouble

    def __str__(self) -> str:
        outcome = self.trouble or self.caught_by or f"SURVIVED: {self.mutation.why}"
        return f"{self.mutation.name:48} {self.seconds:5.1f} s  {outcome}"


def copy_project(folder: Path) -> None:
    """Copy what the tests need."""
    for name in CARRIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "__snapshots__"))
    for name in CARRIED_FILES:
        shutil.copy2(PROJECT / name, folder / name)


def run_tests(folder: Path, files: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run test files of `tests/unit` in a copy, up to the first failure."""
    return subprocess.run(  # noqa: S603 our own tests
        [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
        + [f"tests/unit/{file}" for file in files],
        cwd=folder,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
    )


def mutate(folder: Path, mutation: Mutation) -> str:
    """Make the fault; return what stands in the way, if anything does."""
    file = folder / mutation.file
    text = file.read_text(encoding="utf-8")
    found = text.count(mutation.old)
    if found != 1:
        return f"{mutation.file} holds the old text {found} times, not once: bring the table up to date"
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    return ""


def judge(mutation: Mutation) -> Verdict:
    """Try one mutation in a copy of its own."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name)
        copy_project(folder)
        trouble, caught_by = mutate(folder, mutation), ""
        if not trouble:
            result = run_tests(folder, [mutation.kept_by])
            failed = re.search(r"^FAILED (\S+)", result.stdout, re.MULTILINE)
            if result.returncode == CAUGHT and failed:
                caught_by = failed[1].removeprefix("tests/unit/")
            elif result.returncode != 0:
                trouble = "BROKEN, not caught: " + (result.stdout + result.stderr).strip().splitlines()[-1]
    return Verdict(mutation=mutation, caught_by=caught_by, trouble=trouble, seconds=time.monotonic() - started)


def sound(files: Sequence[str]) -> bool:
    """Check that the promises hold before anything is broken; else every mutation would look caught."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        copy_project(Path(name))
        result = run_tests(Path(name), files)
    if result.returncode != 0:
        print("The tests fail without any mutation:", result.stdout, result.stderr, sep="\n")  # noqa: T201 its output
    return result.returncode == 0


def main(words: Sequence[str]) -> int:
    """Try the mutations that the words choose; all of them without words."""
    chosen = [
        each
        for each in MUTATIONS
        if not words or any(word in f"{each.name} {each.file} {each.kept_by}" for word in words)
    ]
    if not chosen:
        print("no mutation matches", *words, file=sys.stderr)  # noqa: T201 the program's output
        return 1
    if not sound(sorted({each.kept_by for each in chosen})):
        return 1
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        verdicts = []
        for verdict in pool.map(judge, chosen):
            print(verdict, flush=True)  # noqa: T201 the program's output
            verdicts.append(verdict)
    missed = [verdict for verdict in verdicts if not verdict.is_caught]
    print(f"{len(verdicts) - len(missed)} of {len(verdicts)} caught")  # noqa: T201 the program's output
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
