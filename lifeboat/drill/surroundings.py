"""What a drill can do to the world around a system, and how a client reaches the system in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lifeboat.drill.record import Call, Moment


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where DNS sends a client.

    Attributes:
        target: The entry's own name.
        region: Its region. Empty: the name does not tell.
        ttl_seconds: How long a resolver keeps the answer.
    """

    target: str
    region: str
    ttl_seconds: float


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a client got; status 0: nobody answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Surroundings(Protocol):
    """The embedded AWS, or AWS with fault injection."""

    simulated: tuple[str, ...]
    """What is not real here, in sentences for the report."""
    detection_factor: float
    """How many times faster than on AWS health checks work and DNS answers expire."""
    databases: bool
    """Whether PostgreSQL can be written to from here."""
    certificate: str | None
    """File with the authorities that vouch for it. None: it cannot be written to."""

    def begin(self) -> None:
        """Get ready; called once."""

    def end(self) -> None:
        """Put everything back; called once, whatever happened."""

    def resolve(self, name: str) -> Way:
        """Ask DNS."""

    def call(self, way: Way, host: str, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request where DNS said."""

    def darken(self, where: str, service: str | None) -> None:
        """Take a region, the global control planes or a service away."""

    def lighten(self, where: str | None, service: str | None) -> None:
        """Give it back; None: everything."""

    def hold_replication(self, region: str, *, held: bool) -> None:
        """Hold the replication from and to a region, or let it go."""

    def dark_calls(self) -> list[Call]:
        """List the calls that got no answer because of the drill, oldest first."""

    def turns(self) -> list[Moment]:
        """List how the health checks turned since the beginning."""
