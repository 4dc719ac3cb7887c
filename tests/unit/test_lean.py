"""The bindings load lean: in Python, in Node, and without leaving a trace in the environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from constructs_lib import lean

PROJECT = Path(__file__).parents[2]
FOLDER = "node_modules/@cdktf/provider-aws"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Make a folder with a package that looks like the provider's, and with another one."""
    for folder in (FOLDER, "node_modules/other"):
        (tmp_path / folder / "lib" / "vpc").mkdir(parents=True)
        (tmp_path / folder / "package.json").write_text('{"main": "lib/index.js"}', encoding="utf-8")
        for file in ("index.js", "lazy-index.js", "vpc/index.js"):
            (tmp_path / folder / "lib" / file).touch()
    return tmp_path


def resolved(packages: Path, name: str) -> str:
    """Ask Node, with the hook before it, which file a package's name stands for."""
    node = shutil.which("node")
    assert node
    command = [node, "--require", str(lean.NODE), "--print", f"require.resolve({json.dumps(name)})"]
    found = subprocess.run(command, cwd=packages, check=True, capture_output=True, text=True)  # noqa: S603 ours
    return Path(found.stdout.strip()).relative_to(packages.resolve()).as_posix()


def test_node_takes_the_lazy_index(packages: Path) -> None:
    assert resolved(packages, "@cdktf/provider-aws") == f"{FOLDER}/lib/lazy-index.js"


def test_node_takes_the_index_where_no_other_is_brought(packages: Path) -> None:
    (packages / FOLDER / "lib" / "lazy-index.js").unlink()
    assert resolved(packages, "@cdktf/provider-aws") == f"{FOLDER}/lib/index.js"


def test_node_leaves_everything_else_alone(packages: Path) -> None:
    assert resolved(packages, "other") == "node_modules/other/lib/index.js"
    assert resolved(packages, "@cdktf/provider-aws/lib/vpc") == f"{FOLDER}/lib/vpc/index.js"


def test_both_indexes_of_the_provider_hold_the_same_names() -> None:
    spec = find_spec(lean.PROVIDER)
    assert spec
    assert spec.origin
    (archive,) = (Path(spec.origin).parent / "_jsii").glob("*.tgz")
    with tarfile.open(archive) as package:
        index, lazy = (
            (package.extractfile(f"package/lib/{file}") or pytest.fail(f"{archive.name} has no {file}")).read().decode()
            for file in ("index.js", "lazy-index.js")
        )
    names = set(re.findall(r"exports\.(\w+) = ", index))
    assert len(names) > 1000
    assert set(re.findall(r"defineProperty\(exports, '(\w+)'", lazy)) == names


@pytest.mark.parametrize("given", [None, "--trace-warnings"])
def test_only_the_bindings_start_with_the_hook(given: str | None) -> None:
    environment = {key: value for key, value in os.environ.items() if key != lean.NODE_OPTIONS}
    environment |= {lean.NODE_OPTIONS: given} if given else {}
    program = f"""if True:
        import os, subprocess
        plain, started = subprocess.Popen, []
        def popen(*arguments, **options):
            started.append(options["env"]["{lean.NODE_OPTIONS}"])
            return plain(*arguments, **options)
        subprocess.Popen = popen
        import constructs_lib
        print(started[0], os.environ.get("{lean.NODE_OPTIONS}"), sep="\\n")
    """
    found = subprocess.run(  # noqa: S603 ours
        [sys.executable, "-c", program], cwd=PROJECT, env=environment, check=True, capture_output=True, text=True
    )
    hook = f'--require "{lean.NODE}"'
    assert found.stdout.splitlines() == [f"{given} {hook}" if given else hook, str(given)]


def test_a_node_that_runs_already_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lean.NODE_OPTIONS, "--trace-warnings")
    lean.start_node_lean()
    assert os.environ[lean.NODE_OPTIONS] == "--trace-warnings"
