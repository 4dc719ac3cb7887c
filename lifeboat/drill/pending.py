"""A failover that was ordered, until its end is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A failover that was ordered.

    Attributes:
        arn: The execution.
        mode: `planned` or `unplanned`.
        ordered: When, seconds since the epoch.
    """

    arn: str
    mode: str
    ordered: float
