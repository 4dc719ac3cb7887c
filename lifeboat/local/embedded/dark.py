"""The dark switch: a region that answers nothing, so that recovery is tried without it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.s3.models import s3_backends

from lifeboat.local.embedded import replication
from lifeboat.local.embedded.postgres import cuts
from lifeboat.local.embedded.postgres.fleet import FLEET
from lifeboat.local.embedded.request import Call

# Not a region: the control planes of the services below, which all live in us-east-1.
GLOBAL = "global"

# Signed for us-east-1 wherever the caller is. STS is not among them: its clients use regional endpoints, and the
# old global endpoint is one of us-east-1.
GLOBAL_SERVICES = frozenset(
    {"account", "budgets", "ce", "cloudfront", "health", "iam", "organizations", "route53", "route53domains", "shield"}
)

# Signing name of the service whose servers are darkened with it.
DATABASES = "rds"

# Enough for the longest drill; the oldest calls are forgotten first.
CALLS_KEPT = 10_000


@dataclass(frozen=True, kw_only=True)
class DarkCall:
    """A call that reached a dark region and got no answer.

    Attributes:
        time: When, ISO 8601 in UTC.
        region: The dark region (or `global`) that hid the answer.
        service: Signing name of the service.
        action: API operation, else method and path.
        caller: Access key of who called: whoever signs with one of their own is told from all others.
    """

    time: str
    region: str
    service: str
    action: str
    caller: str = ""


class DarkSwitch:
    """Which regions, or single services of them, are dark now, and who called them meanwhile. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: frozenset[tuple[str, str]] = frozenset()
        self._calls: deque[DarkCall] = deque(maxlen=CALLS_KEPT)

    @property
    def regions(self) -> tuple[str, ...]:
        """What is dark, sorted: `us-east-1`, or `us-east-1?service=dynamodb`; `global` is the global control planes."""
        return tuple(sorted(f"{region}?service={service}" if service else region for region, service in self._places))

    @property
    def calls(self) -> tuple[DarkCall, ...]:
        """Calls that got no answer, oldest first."""
        with self._lock:
            return tuple(self._calls)

    def darken(self, region: str, service: str = "") -> None:
        """Make a region (or `global`, or one service) answer nothing, and hold back what it replicates.

        Nothing happens when it is dark already.
        """
        with self._lock:
            self._places |= {(region, service)}
        replication.pause(region, service)
        if service in {"", DATABASES}:
            cuts.darken(FLEET, region)

    def lighten(self, region: str, service: str = "") -> None:
        """Make a region (or `global`, or one service) answer again, and deliver what was held back.

        A region without a service is lit altogether. Nothing happens when it is not dark.
        """
        with self._lock:
            lit = {place for place in self._places if place in {(region, service), (region, service or place[1])}}
            self._places -= lit
        for _, each in sorted(lit):
            if each or region not in FLEET.held:  # what somebody holds by itself, nobody lets go with the region
                replication.resume(region, each)
        if not self.is_dark(region, DATABASES):
            cuts.lighten(FLEET, region)

    def is_dark(self, region: str, service: str = "") -> bool:
        """Tell whether a region, or the service of it, is dark: for what reaches it inside the embedded AWS."""
        return not self._places.isdisjoint({(region, ""), (region, service)})

    def hides(self, call: Call) -> bool:
        """Tell whether a call gets no answer."""
        return bool(self._places) and self.is_dark(self._where(call), call.service)

    def record(self, call: Call) -> None:
        """Keep a call that got no answer."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        kept = DarkCall(
            time=now, region=self._where(call), service=call.service, action=call.action, caller=call.caller
        )
        with self._lock:
            self._calls.append(kept)

    def _where(self, call: Call) -> str:
        """Return the place that would answer: of two possible ones the dark one."""
        if call.service in GLOBAL_SERVICES:
            return GLOBAL
        if not call.bucket or self.is_dark(call.region, call.service):
            return call.region
        return region_of_bucket(call.bucket) or call.region


def region_of_bucket(name: str) -> str:
    """Return the region of a bucket of any account; empty when there is no such bucket."""
    for _, _, backend in s3_backends.iter_backends():
        bucket = backend.buckets.get(name)
        if bucket:
            return str(bucket.region_name)
    return ""


DARK = DarkSwitch()
