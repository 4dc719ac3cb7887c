"""What a gap in moto is: written down, filled in one place, and counted by the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that AWS does and moto does not, with the code that makes up for it.

    Attributes:
        name: Short and permanent, `service.what`, for example `dynamodb.replicas`.
        missing: What moto does instead, in one sentence.
        matters: What would go wrong for a deployment without it, in one sentence.
        fill: Extends moto in this process. Called once, before the server starts.
    """

    name: str
    missing: str
    matters: str
    fill: Callable[[], None]
