"""What a function's requirements bring into its archive, read from the project's installed environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from deployments.problems import Problem, ProblemsError

RUNTIME_PROVIDES = frozenset(
    {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"},
)
"""Distributions that Lambda's Python runtime brings, so an archive never carries them.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
"""

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_-]*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_COMPILED = frozenset({".so", ".pyd", ".dylib"})


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One line of a requirements file, as `typing-extensions==4.16.0`; the name is normalised (PEP 503)."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def normalise(name: str) -> str:
    """Spell a distribution's name in the one way that compares equal (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(text: str, *, where: str) -> tuple[Pin, ...]:
    """Read a requirements file: one `name==version` per line, `#` comments, nothing else.

    Args:
        text: The file's contents. Empty when the function needs nothing beyond the runtime.
        where: The file's name, for messages.

    Returns:
        The pins, sorted by name.

    Raises:
        ProblemsError: With every line that is not an exact pin, every name pinned twice, and every name that
            Lambda's runtime provides.
    """
    problems: list[Problem] = []
    pins: dict[str, Pin] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        requirement = line.partition("#")[0].strip()
        if not requirement:
            continue
        match = _PIN.fullmatch(requirement)
        key = f"line {number}"
        if match is None:
            problems.append(
                Problem(where=where, key=key, what="not an exact pin", found=requirement, allowed="name==version"),
            )
            continue
        pin = Pin(name=normalise(match["name"]), version=match["version"])
        if pin.name in RUNTIME_PROVIDES:
            problems.append(
                Problem(where=where, key=key, what="Lambda's runtime provides it; remove the line", found=pin.name),
            )
        elif pin.name in pins:
            problems.append(Problem(where=where, key=key, what="pinned twice", found=pin.name))
        pins[pin.name] = pin
    if problems:
        raise ProblemsError(problems)
    return tuple(pins[name] for name in sorted(pins))


@cache
def installed_version(name: str) -> str:
    """Return the version that is installed, read once: several functions carry the same distributions.

    Raises:
        importlib.metadata.PackageNotFoundError: It is not installed.
    """
    return metadata.version(name)


def check_installed(pins: tuple[Pin, ...], *, where: str) -> None:
    """Make sure that what is installed is what is pinned, so that an archive never holds another version.

    Raises:
        ProblemsError: With every pin that is not installed, or installed at another version.
    """
    problems = []
    for pin in pins:
        try:
            version = installed_version(pin.name)
        except metadata.PackageNotFoundError:
            problems.append(
                Problem(
                    where=where,
                    key=pin.name,
                    what=f"not installed at {pin.version}",
                    allowed="run make setup",
                ),
            )
            continue
        if version != pin.version:
            problems.append(
                Problem(
                    where=where,
                    key=pin.name,
                    what="installed at another version than pinned",
                    found=version,
                    allowed=pin.version,
                ),
            )
    if problems:
        raise ProblemsError(problems)


def files_of(pins: tuple[Pin, ...], *, where: str) -> Mapping[str, Path]:
    """List the files that the pinned distributions put into an archive.

    Every requirement of a pinned distribution must be pinned too, unless the runtime provides it or an extra
    asks for it. Under any other condition it counts as needed: Lambda's Python decides that, not this one.

    Args:
        pins: What to carry; already installed (`check_installed`).
        where: The requirements file's name, for messages.

    Returns:
        Path inside the archive to file on this machine.

    Raises:
        ProblemsError: With every requirement that is not pinned, every compiled extension (built for this
            machine, not for Lambda on arm64), every distribution that does not list its files, and every file
            that two distributions bring.
    """
    problems: list[Problem] = []
    found: dict[str, Path] = {}
    pinned = {pin.name for pin in pins}
    for pin in pins:
        distribution = metadata.distribution(pin.name)
        problems += _unpinned(distribution, pinned, where=where, key=pin.name)
        files = _carried(distribution)
        if not files:
            problems.append(Problem(where=where, key=pin.name, what="does not list the files it installed"))
        problems += [_unfit(name, where=where, key=pin.name) for name in files if _is_compiled(files[name])]
        problems += [
            Problem(where=where, key=pin.name, what="brings a file twice", found=name)
            for name in sorted(files.keys() & found.keys())
        ]
        found |= files
    if problems:
        raise ProblemsError(problems)
    return found


def _is_compiled(path: Path) -> bool:
    return not _COMPILED.isdisjoint(path.suffixes)


def _unfit(name: str, *, where: str, key: str) -> Problem:
    what = "has a compiled extension of this machine, and Lambda runs arm64"
    return Problem(where=where, key=key, what=what, found=name, allowed="a pure Python distribution")


def _unpinned(distribution: metadata.Distribution, pinned: set[str], *, where: str, key: str) -> list[Problem]:
    """Tell which unconditional requirements of a distribution nothing brings into the archive."""
    problems = []
    for requirement in distribution.requires or ():
        specifier, _, condition = requirement.partition(";")
        match = _NAME.match(specifier)
        name = normalise(match[0]) if match else specifier
        if "extra" in condition or name in RUNTIME_PROVIDES or name in pinned:
            continue
        problems.append(
            Problem(where=where, key=key, what="needs a distribution that is not pinned", found=specifier.strip()),
        )
    return problems


def _carried(distribution: metadata.Distribution) -> dict[str, Path]:
    """List a distribution's modules and data, without scripts, caches and the installer's own notes."""
    carried = {}
    for file in distribution.files or ():
        if file.parts[0] == ".." or "__pycache__" in file.parts or file.suffix == ".pyc":
            continue
        about = file.parts[0].endswith((".dist-info", ".egg-info"))
        # Of the metadata only what the author wrote is equal on every machine; the licence has to travel.
        if about and not (file.name == "METADATA" or "licenses" in file.parts or file.name.startswith("LICENSE")):
            continue
        carried[file.as_posix()] = Path(str(distribution.locate_file(file)))
    return carried
