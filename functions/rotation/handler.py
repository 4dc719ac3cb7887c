"""Where Lambda comes in: `rotation.handler.handle`, once for each step of a rotation."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from .database import Postgres
from .event import Event
from .settings import Settings
from .steps import Rotation
from .vault import Vault

if TYPE_CHECKING:
    from collections.abc import Mapping


def handle(event: Mapping[str, object], _context: object) -> None:
    """Do one step.

    What goes wrong is raised: Lambda counts an error, which people are told, and Secrets Manager tries again.
    """
    settings = Settings.from_environment(os.environ)
    asked = Event.read(event)
    vault = Vault(region=settings.region)
    rotation = Rotation(settings=settings, vault=vault, database=Postgres(settings, endpoint=vault.parameter))
    done = rotation.step(asked)
    # Names only; this is the audit trail of the rotation.
    print(json.dumps({"step": asked.step, "secret": asked.secret, "version": asked.token, "done": done}))  # noqa: T201 Lambda logs what is printed
