"""Unpacked Lambda code, and the libraries that AWS's Python runtime brings along."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import shutil
import tempfile
import threading
import zipfile
from functools import cached_property
from pathlib import Path

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: everything else must be in the function's archive.
PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")


class CodeFolder:
    """A temporary folder that holds each archive unpacked once, by its hash. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @cached_property
    def _root(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="embedded-aws-lambda-"))

    def unpacked(self, archive: bytes) -> Path:
        """Return the folder with the content of a zip archive, file modes kept."""
        folder = self._root / hashlib.sha256(archive).hexdigest()
        with self._lock:
            if not folder.exists():
                draft = folder.with_suffix(".draft")
                unpack(archive, draft)
                draft.rename(folder)
        return folder

    @cached_property
    def libraries(self) -> Path:
        """The folder with AWS's own libraries, linked from the running interpreter."""
        folder = self._root / "runtime"
        with self._lock:
            folder.mkdir(exist_ok=True)
            for name in PROVIDED:
                source = origin_of(name)
                link = folder / source.name
                if not link.exists():
                    link.symlink_to(source)
        return folder

    def remove(self) -> None:
        """Delete the folder; what was unpacked is unpacked again when it is needed."""
        if "_root" in self.__dict__:
            shutil.rmtree(self._root, ignore_errors=True)


def unpack(archive: bytes, folder: Path) -> None:
    """Extract a zip archive with the permissions it holds, which `ZipFile.extractall` ignores."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        for member in content.infolist():
            path = Path(content.extract(member, folder))
            mode = member.external_attr >> 16 & 0o777
            if mode and path.is_file():
                path.chmod(mode)


def origin_of(name: str) -> Path:
    """Return the folder of a package, or the file of a module, of the running interpreter.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    path = Path(spec.origin)
    return path.parent if path.name == "__init__.py" else path
