"""Archives are the same bytes everywhere, and hold what they import."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.problems import ProblemsError
from functions import packaging
from functions.distributions import Pin, files_of, installed_version, read_pins
from functions.packaging import FUNCTIONS, package

NAMES = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py"))
RUNTIME_MODULES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a folder of functions with one small function that needs one distribution."""
    folder = tmp_path / "functions" / "small"
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text("def handle(event, context): return 'done'\n", encoding="utf-8")
    (folder / "requirements.txt").write_text("typing-extensions==4.16.0\n", encoding="utf-8")
    return folder.parent


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a folder on the import path where tests install distributions of their own."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    installed_version.cache_clear()
    yield folder
    installed_version.cache_clear()


def install(site: Path, name: str, *files: str, requires: tuple[str, ...] = (), record: bool = True) -> None:
    """Install a distribution at version 1.0 as an installer would, its own notes included."""
    about = f"{name}-1.0.dist-info"
    metadata = [f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {line}" for line in requires)]
    contents = dict.fromkeys(files, "")
    contents |= {f"{about}/METADATA": "\n".join(metadata) + "\n", f"{about}/INSTALLER": "somebody"}
    for file, text in contents.items():
        path = site / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if record:
        lines = [f"{file},," for file in (*contents, f"{about}/RECORD")]
        (site / about / "RECORD").write_text("\n".join(lines), encoding="utf-8")


def contents_of(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def test_two_builds_in_two_folders_at_two_times_are_the_same_bytes(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "functions"
    shutil.copytree(root, elsewhere)
    for path in elsewhere.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        if path.is_file():
            path.chmod(0o700)
    (elsewhere / "small" / "__pycache__").mkdir()
    (elsewhere / "small" / "__pycache__" / "handler.cpython-311.pyc").write_bytes(b"of this machine")
    (elsewhere / "small" / ".notes").write_text("of this person", encoding="utf-8")
    first = package("small", cache=tmp_path / "one", root=root)
    second = package("small", cache=tmp_path / "two", root=elsewhere)
    assert first.path != second.path
    assert first.path.name == second.path.name
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == second.sha256


def test_an_archive_is_sorted_and_has_fixed_times_and_modes_and_no_compressor_of_this_machine(
    root: Path, tmp_path: Path
) -> None:
    built = package("small", cache=tmp_path / "cache", root=root)
    with zipfile.ZipFile(built.path) as opened:
        entries = opened.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.create_system for entry in entries} == {3}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


def test_a_package_describes_its_archive(root: Path, tmp_path: Path) -> None:
    built = package("small", cache=tmp_path / "cache", root=root)
    content = built.path.read_bytes()
    assert built.name == "small"
    assert built.handler == "small.handler.handle"
    assert built.sha256 == hashlib.sha256(content).hexdigest()
    assert built.size == len(content)
    assert built.path.parent == tmp_path / "cache"


def test_an_archive_holds_own_sources_requirements_and_licences_and_nothing_the_installer_wrote(
    root: Path, tmp_path: Path
) -> None:
    (root / "small" / "words").mkdir()
    (root / "small" / "words" / "list.json").write_text("[]", encoding="utf-8")
    assert contents_of(package("small", cache=tmp_path / "cache", root=root).path) == [
        "small/handler.py",
        "small/words/list.json",
        "typing_extensions-4.16.0.dist-info/METADATA",
        "typing_extensions-4.16.0.dist-info/licenses/LICENSE",
        "typing_extensions.py",
    ]


def test_a_second_synth_builds_nothing(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = package("small", cache=tmp_path / "cache", root=root)

    def refuse(*_args: object, **_kwargs: object) -> None:
        pytest.fail("a warm synth read the requirements' files")

    monkeypatch.setattr(packaging, "files_of", refuse)
    assert package("small", cache=tmp_path / "cache", root=root) == first
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.path.name]


@pytest.mark.parametrize("change", ["contents", "name", "moved bytes", "pin", "format"])
def test_the_cache_notices_every_change(
    change: str, root: Path, tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, "pure", "pure.py")
    own = root / "small"
    (own / "a.py").write_text("x", encoding="utf-8")
    (own / "b.py").write_text("", encoding="utf-8")
    before = package("small", cache=tmp_path / "cache", root=root)
    match change:
        case "contents":
            (own / "a.py").write_text("y", encoding="utf-8")
        case "name":
            (own / "a.py").rename(own / "c.py")
        case "moved bytes":
            (own / "a.py").write_text("", encoding="utf-8")
            (own / "b.py").write_text("x", encoding="utf-8")
        case "pin":
            (own / "requirements.txt").write_text("pure==1.0\n", encoding="utf-8")
        case "format":
            monkeypatch.setattr(packaging, "_FORMAT", "another")
    after = package("small", cache=tmp_path / "cache", root=root)
    assert after.path != before.path
    assert (after.sha256 == before.sha256) is (change == "format")


def test_comments_in_the_requirements_change_nothing(root: Path, tmp_path: Path) -> None:
    before = package("small", cache=tmp_path / "cache", root=root)
    (root / "small" / "requirements.txt").write_text("# why\n\nTyping_Extensions==4.16.0  # here\n", encoding="utf-8")
    assert package("small", cache=tmp_path / "cache", root=root) == before


def test_a_function_without_requirements_is_its_own_sources(root: Path, tmp_path: Path) -> None:
    (root / "small" / "requirements.txt").unlink()
    built = package("small", cache=tmp_path / "cache", root=root)
    assert contents_of(built.path) == ["small/handler.py"]


def test_an_unknown_function_is_refused_with_the_known_ones(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match=r"functions/big: handler.py: there is no such function; allowed: small"):
        package("big", cache=tmp_path / "cache", root=root)


def test_every_bad_line_of_the_requirements_is_reported_at_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        read_pins("one>=1\nboto3==1.0\ntwo==2\nTwo==3\n-r other.txt\n", where="r.txt")
    assert str(caught.value).splitlines() == [
        "error: r.txt: line 1: not an exact pin (found one>=1); allowed: name==version",
        "error: r.txt: line 2: Lambda's runtime provides it; remove the line (found boto3)",
        "error: r.txt: line 4: pinned twice (found two)",
        "error: r.txt: line 5: not an exact pin (found -r other.txt); allowed: name==version",
    ]


def test_what_is_not_installed_as_pinned_is_refused_even_when_the_archive_is_cached(root: Path, tmp_path: Path) -> None:
    package("small", cache=tmp_path / "cache", root=root)
    (root / "small" / "requirements.txt").write_text(
        "typing-extensions==4.0.0\nnowhere-to-be-found==1.0\n", encoding="utf-8"
    )
    with pytest.raises(ProblemsError) as caught:
        package("small", cache=tmp_path / "cache", root=root)
    where = "error: functions/small/requirements.txt"
    assert str(caught.value).splitlines() == [
        f"{where}: nowhere-to-be-found: not installed at 1.0; allowed: run make setup",
        f"{where}: typing-extensions: installed at another version than pinned (found 4.16.0); allowed: 4.0.0",
    ]


def test_compiled_extensions_are_refused(site: Path) -> None:
    install(site, "fast", "fast/__init__.py", "fast/_speed.cpython-311-x86_64-linux-gnu.so")
    with pytest.raises(ProblemsError, match="fast: has a compiled extension of this machine"):
        files_of((Pin(name="fast", version="1.0"),), where="r.txt")


def test_a_requirement_of_a_requirement_has_to_be_pinned_unless_the_runtime_or_an_extra_brings_it(
    site: Path,
) -> None:
    needs = ("boto3>=1", "other>=2 ; python_version < '4'", 'more ; extra == "all"', "Friend_Of")
    install(site, "pure", "pure.py", requires=needs)
    install(site, "friend_of", "friend.py")
    pins = (Pin(name="friend-of", version="1.0"), Pin(name="pure", version="1.0"))
    with pytest.raises(ProblemsError) as caught:
        files_of(pins, where="r.txt")
    assert [str(problem) for problem in caught.value.problems] == [
        "r.txt: pure: needs a distribution that is not pinned (found other>=2)",
    ]


def test_scripts_and_caches_of_a_distribution_stay_behind(site: Path) -> None:
    install(site, "pure", "pure/__init__.py", "pure/__pycache__/x.pyc", "pure/y.pyc", "../bin/pure")
    found = files_of((Pin(name="pure", version="1.0"),), where="r.txt")
    assert sorted(found) == ["pure-1.0.dist-info/METADATA", "pure/__init__.py"]


def test_a_distribution_that_does_not_list_its_files_is_refused(site: Path) -> None:
    install(site, "pure", "pure.py", record=False)
    with pytest.raises(ProblemsError, match="pure: does not list the files"):
        files_of((Pin(name="pure", version="1.0"),), where="r.txt")


def test_one_file_from_two_places_is_refused(root: Path, site: Path, tmp_path: Path) -> None:
    install(site, "one", "shared.py")
    install(site, "two", "shared.py", "small/handler.py")
    with pytest.raises(ProblemsError, match=r"two: brings a file twice \(found shared.py\)"):
        files_of((Pin(name="one", version="1.0"), Pin(name="two", version="1.0")), where="r.txt")
    (root / "small" / "requirements.txt").write_text("two==1.0\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"brings a file of the function \(found small/handler.py\)"):
        package("small", cache=tmp_path / "cache", root=root)


def test_there_are_functions_to_test() -> None:
    assert "orders" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_functions_pins_are_those_of_the_lock(name: str) -> None:
    locked = json.loads((FUNCTIONS.parent / "Pipfile.lock").read_text(encoding="utf-8"))["default"]
    requirements = FUNCTIONS / name / "requirements.txt"
    pins = read_pins(requirements.read_text(encoding="utf-8"), where=requirements.name)
    assert {pin.name: f"=={pin.version}" for pin in pins} == {pin.name: locked[pin.name]["version"] for pin in pins}


def import_from(archive: Path, module: str, *, workplace: Path) -> subprocess.CompletedProcess[str]:
    """Import a module as Lambda would: from the archive and what the runtime brings, and from nothing else."""
    runtime = workplace / "runtime"
    runtime.mkdir()
    for provided in RUNTIME_MODULES:
        spec = importlib.util.find_spec(provided)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        target = origin.parent if origin.name == "__init__.py" else origin
        (runtime / target.name).symlink_to(target)
    task = workplace / "task"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(task)
    program = f"import sys; sys.path[:0] = {[str(task), str(runtime)]!r}; import {module} as m; print(m.handle)"
    return subprocess.run(  # noqa: S603 - the interpreter of this test, with a program written above
        [sys.executable, "-S", "-E", "-P", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_archive_holds_what_its_handler_imports(name: str, tmp_path: Path) -> None:
    built = package(name, cache=tmp_path / "cache")
    outcome = import_from(built.path, f"{name}.handler", workplace=tmp_path)
    assert outcome.stderr == ""
    assert outcome.stdout.startswith("<function handle")


def test_an_archive_that_lacks_what_its_handler_imports_is_found_out(root: Path, tmp_path: Path) -> None:
    (root / "small" / "handler.py").write_text("import aws_lambda_powertools\n", encoding="utf-8")
    built = package("small", cache=tmp_path / "cache", root=root)
    outcome = import_from(built.path, "small.handler", workplace=tmp_path)
    assert "No module named 'aws_lambda_powertools'" in outcome.stderr
