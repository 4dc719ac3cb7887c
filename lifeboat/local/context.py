"""What every local command works with: the workspace, what is meant, the embedded AWS, and how to speak."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deployments.system import System
from lifeboat.local.environment import child_environment, local_environment
from lifeboat.local.server import EmbeddedAws
from lifeboat.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Local:
    """The context of one local command.

    Attributes:
        workspace: Where records, logs and outputs are.
        server: The embedded AWS.
        say: Prints one line.
    """

    workspace: Workspace
    server: EmbeddedAws
    say: Callable[[str], None]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of tools that work on the embedded AWS."""
        return local_environment(os.environ, self.server.url)

    def synth_environment(self, system: System) -> dict[str, str]:
        """The environment of a synth, which calls nothing."""
        chosen = {"DEPLOYMENT": system.spec.name, "ENVIRONMENT_SUFFIX": system.suffix}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CDKTF_")}
        return child_environment(kept) | chosen

    def out(self, system: System) -> Path:
        """The synthesized stacks of a copy."""
        return self.workspace.out(system.names.prefix)

    def log_name(self, path: Path) -> str:
        """Name a log for people."""
        return self.workspace.shown(path)


@contextmanager
def pointed_at(url: str) -> Iterator[None]:
    """Point this process at the embedded AWS: within the block nothing leads to a real account."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(local_environment(before, url))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
