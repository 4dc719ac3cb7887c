"""Lambda archives that are the same bytes on every machine: own sources and pinned requirements.

    archive = package("orders", cache=Path(".build/functions"))
    archive.handler  # "orders.handler.handle"

Runs at synth: no network, no clock, and next to nothing when the archive is already in the cache.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deployments.problems import ProblemsError
from functions.distributions import check_installed, files_of, read_pins

FUNCTIONS = Path(__file__).parent
"""The folder that holds one folder per function."""

AUTHORITIES = FUNCTIONS / "rds-authorities.pem"
"""The authorities that vouch for Amazon RDS's servers, regional roots only. A function that carries PostgreSQL's driver
carries them beside its handler. See `docs/decisions/0007-database-authorities.md`."""
DRIVER = "pg8000"
NO_FILES: Mapping[str, bytes] = {}

_REQUIREMENTS = "requirements.txt"
_FORMAT = "1"
"""Part of every cache key: raise it when the way an archive is written changes."""


@dataclass(frozen=True, kw_only=True)
class FunctionPackage:
    """An archive that is ready to upload.

    Attributes:
        name: The function's folder under `functions/`.
        path: The archive, inside the cache. Its file name is equal on every machine.
        sha256: Hexadecimal SHA-256 of the archive's bytes. They depend on names and contents alone, so this
            changes exactly when the code does; in base64 it is what AWS reports as `CodeSha256`.
        handler: What Lambda calls: `<name>.handler.handle`.
        size: The archive's size in bytes.
    """

    name: str
    path: Path
    sha256: str
    handler: str
    size: int


def package(
    name: str, *, cache: Path, root: Path = FUNCTIONS, files: Mapping[str, bytes] = NO_FILES
) -> FunctionPackage:
    """Build the archive of `functions/<name>/`, or take it from the cache.

    Args:
        name: The function's folder. It holds `handler.py` with `handle(event, context)`, and
            `requirements.txt` (absent: the function needs nothing beyond Lambda's runtime).
        cache: Folder for archives, made when it is absent. Old archives stay until somebody deletes them.
        root: The folder that holds the functions.
        files: Files to write beside `handler.py`, by name: settings of code that has no environment. Absent: none.

    Raises:
        ProblemsError: When there is no such function, or its requirements are not pinned, not installed as
            pinned, or not fit for Lambda. See `functions.distributions`.
    """
    folder = root / name
    where = f"{root.name}/{name}"
    if not (folder / "handler.py").is_file():
        known = ", ".join(sorted(path.parent.name for path in root.glob("*/handler.py"))) or "none yet"
        raise ProblemsError.one(where, "there is no such function", key="handler.py", allowed=known)
    requirements = folder / _REQUIREMENTS
    where = f"{where}/{_REQUIREMENTS}"
    text = requirements.read_text(encoding="utf-8") if requirements.is_file() else ""
    pins = read_pins(text, where=where)
    check_installed(pins, where=where)
    own = {f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in _sources(folder)}
    if any(pin.name == DRIVER for pin in pins):
        own[f"{name}/{AUTHORITIES.name}"] = AUTHORITIES.read_bytes()
    own |= {f"{name}/{file}": content for file, content in files.items()}
    archive = cache / f"{name}-{_key([str(pin) for pin in pins], own)}.zip"
    if not archive.is_file():
        carried = {inside: path.read_bytes() for inside, path in files_of(pins, where=where).items()}
        clashes = sorted(own.keys() & carried.keys())
        if clashes:
            raise ProblemsError.one(where, "a requirement brings a file of the function", found=", ".join(clashes))
        _write(archive, own | carried)
    content = archive.read_bytes()
    return FunctionPackage(
        name=name,
        path=archive,
        sha256=hashlib.sha256(content).hexdigest(),
        handler=f"{name}.handler.handle",
        size=len(content),
    )


def _sources(folder: Path) -> list[Path]:
    """List a function's own files, without caches, hidden files and the requirements."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and path != folder / _REQUIREMENTS and _is_visible(path, folder)
    ]


def _is_visible(path: Path, folder: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)


def _key(pins: list[str], own: Mapping[str, bytes]) -> str:
    """Name a content: equal for equal pins and equal sources, whatever machine, folder or time."""
    digest = hashlib.sha256()
    # Each part is preceded by its length, so that no two different lists of parts run together into one.
    for part in [_FORMAT.encode(), *(pin.encode() for pin in pins), b"", *_parts(own)]:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:16]


def _parts(own: Mapping[str, bytes]) -> list[bytes]:
    return [part for name in sorted(own) for part in (name.encode(), own[name])]


def _write(archive: Path, contents: Mapping[str, bytes]) -> None:
    """Write an archive whole or not at all: two synths at once may build the same one."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".") as folder:
        unfinished = Path(folder) / archive.name
        # Stored, not deflated: zlib and its faster replacements give different bytes for the same level.
        with zipfile.ZipFile(unfinished, "w", compression=zipfile.ZIP_STORED) as target:
            for name in sorted(contents):
                entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                entry.create_system = 3  # Unix, also when Windows writes it: the mode below is read by this
                entry.external_attr = 0o100644 << 16
                target.writestr(entry, contents[name])
        unfinished.replace(archive)
