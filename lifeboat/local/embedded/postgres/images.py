"""Backups: what a database held at a moment, under the names of the snapshots that were made of it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path


class Images:
    """Folders by name. A copy of a snapshot is one more name of the same folder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folders: dict[str, Path] = {}

    def __len__(self) -> int:
        """Count the folders."""
        return len(set(self._folders.values()))

    def find(self, name: str) -> Path | None:
        """Return the folder of a backup. None: there is none, or it was made of nothing."""
        return self._folders.get(name)

    def keep(self, name: str, folder: Path) -> None:
        """Know a folder under a name."""
        with self._lock:
            self._folders[name] = folder

    def share(self, name: str, copy: str) -> None:
        """Know a backup under one more name."""
        with self._lock:
            if name in self._folders:
                self._folders[copy] = self._folders[name]

    def drop(self, name: str) -> None:
        """Forget a name; the folder goes with its last one."""
        with self._lock:
            folder = self._folders.pop(name, None)
            if folder is not None and folder not in self._folders.values():
                shutil.rmtree(folder, ignore_errors=True)
