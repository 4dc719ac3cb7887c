"""Where the command keeps what it writes: one folder, ignored by git, safe to delete while nothing runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
FOLDER_VARIABLE = "LIFEBOAT_FOLDER"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The folders and files of the command.

    Attributes:
        project: The checkout: `cdktf.json`, `node_modules`.
        folder: Records, logs, synthesized copies and outputs. `LIFEBOAT_FOLDER` moves it; absent: `.lifeboat`.
    """

    project: Path
    folder: Path

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ, project: Path = PROJECT) -> Workspace:
        """Return the workspace that the environment asks for."""
        given = environment.get(FOLDER_VARIABLE)
        return cls(project=project, folder=Path(given).absolute() if given else project / ".lifeboat")

    @property
    def server_record(self) -> Path:
        """Url, port and process of the embedded AWS."""
        return self.folder / "local.json"

    @property
    def server_log(self) -> Path:
        """What the embedded AWS printed."""
        return self.log("embedded-aws")

    def run_record(self, copy: str) -> Path:
        """Who is deploying or destroying a copy right now."""
        return self.folder / "runs" / f"{copy}.json"

    def out(self, copy: str) -> Path:
        """The synthesized stacks of a copy: its own `cdktf.out`."""
        return self.folder / "out" / copy

    def outputs(self, copy: str) -> Path:
        """Folder of `outputs.json` and `flat-outputs.json`."""
        return self.folder / "outputs" / copy

    def timings(self, copy: str) -> Path:
        """How long what was done with a copy took."""
        return self.folder / "timings" / f"{copy}.json"

    def log(self, name: str) -> Path:
        """The full log of something."""
        return self.folder / "logs" / f"{name}.log"

    def shown(self, path: Path) -> str:
        """Name a path as seen from the project, which is where people stand."""
        return os.path.relpath(path, self.project) if path.is_relative_to(self.project) else str(path)


def write_json(path: Path, value: object) -> None:
    """Write a file so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def read_record(path: Path) -> dict[str, object] | None:
    """Read a record. None: there is none, or a crash left half of one, which tells as little."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
