"""Synth is pure: the same commit gives the same bytes on any machine, in any folder, archives included."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CARRIED = ("main.py", "cdktf.json", "deployments", "stacks", "constructs_lib", "functions")
ENDED = {"CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON", "DEPLOYMENT", "ENVIRONMENT_SUFFIX"}


@dataclass(frozen=True)
class Tree:
    """What one run wrote: digest by relative path."""

    folder: Path
    digests: dict[str, str]


def clone(folder: Path) -> Path:
    """Copy what a synth reads, without anything that was built before."""
    for name in CARRIED:
        source, target = PROJECT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return folder


def synth(project: Path, started_in: Path, hash_seed: str, deployments: str) -> Tree:
    """Run `main.py` the way people do, from a folder of their choice."""
    environment = {key: value for key, value in os.environ.items() if key not in ENDED}
    result = subprocess.run(  # noqa: S603 our own program
        [sys.executable, str(project / "main.py")],
        cwd=started_in,
        env=environment
        | {
            "DEPLOYMENT": deployments,
            "PYTHONHASHSEED": hash_seed,
            "TZ": "Pacific/Apia" if hash_seed == "1" else "UTC",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    out = project / "cdktf.out"
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return Tree(out, {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files})


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tree, Tree]:
    """Synthesize two clones, each from elsewhere and with another order of sets and hashes."""
    short = clone(tmp_path_factory.mktemp("a"))
    long = clone(tmp_path_factory.mktemp("a folder with spaces") / "deeper" / "still")
    # In another order, too: what stands before a stack in the same process must leave no trace in it.
    return (
        synth(short, tmp_path_factory.mktemp("elsewhere"), "0", "ecommerce multi_region"),
        synth(long, long.parent, "1", "multi_region ecommerce"),
    )


def test_two_clones_give_the_same_bytes(trees: tuple[Tree, Tree]) -> None:
    one, other = trees
    assert one.digests == other.digests
    assert sum(path.endswith("cdk.tf.json") for path in one.digests) == 2 * 3
    assert sum(path.endswith(".zip") for path in one.digests) == 2 * 2


def test_the_program_works_from_any_working_directory(trees: tuple[Tree, Tree]) -> None:
    for tree in trees:
        assert (tree.folder / "manifest.json").is_file()


def test_no_synthesized_file_knows_the_machine_it_was_made_on(trees: tuple[Tree, Tree]) -> None:
    for tree in trees:
        ours = [str(PROJECT), str(tree.folder.parent), str(Path.home()), sys.prefix]
        for file in tree.folder.rglob("*.json"):
            text = file.read_text(encoding="utf-8")
            assert [path for path in ours if len(path) > 1 and f"{path}/" in text] == [], file.name


def test_nothing_but_stacks_is_written(trees: tuple[Tree, Tree]) -> None:
    tops = {path.split("/")[0] for path in trees[0].digests}
    assert tops == {"manifest.json", "stacks"}
