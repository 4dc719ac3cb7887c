"""The dark switch: a region that answers nothing, so that recovery is tried without it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.s3.models import s3_backends

from lifeboat.local.embedded import replication
from lifeboat.local.embedded.postgres.fleet import FLEET
from lifeboat.local.embedded.request import Call

# Not a region: the control planes of the services below, which all live in us-east-1.
GLOBAL = "global"

# Signed for us-east-1 wherever the caller is. STS is not among them: its clients use regional endpoints, and the
# old global endpoint is one of us-east-1.
GLOBAL_SERVICES = frozenset(
    {"account", "budgets", "ce", "cloudfront", "health", "iam", "organizations", "route53", "route53domains", "shield"}
)

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
    """

    time: str
    region: str
    service: str
    action: str


class DarkSwitch:
    """Which regions are dark now, and who called them meanwhile. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._regions: frozenset[str] = frozenset()
        self._calls: deque[DarkCall] = deque(maxlen=CALLS_KEPT)

    @property
    def regions(self) -> tuple[str, ...]:
        """The dark regions, sorted; `global` stands for the global control planes."""
        return tuple(sorted(self._regions))

    @property
    def calls(self) -> tuple[DarkCall, ...]:
        """Calls that got no answer, oldest first."""
        with self._lock:
            return tuple(self._calls)

    def darken(self, region: str) -> None:
        """Make a region (or `global`) answer nothing, and hold back what is replicated from and to it.

        Nothing happens when it is dark already.
        """
        with self._lock:
            self._regions |= {region}
        replication.pause(region)
        FLEET.darken(region)

    def lighten(self, region: str) -> None:
        """Make a region (or `global`) answer again, and deliver what was held back.

        Nothing happens when it is not dark.
        """
        with self._lock:
            self._regions -= {region}
        replication.resume(region)
        FLEET.lighten(region)

    def is_dark(self, region: str) -> bool:
        """Tell whether a region is dark: for what crosses regions inside the embedded AWS, such as replication."""
        return region in self._regions

    def hides(self, call: Call) -> bool:
        """Tell whether a call gets no answer."""
        return bool(self._regions) and self._where(call) in self._regions

    def record(self, call: Call) -> None:
        """Keep a call that got no answer."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        kept = DarkCall(time=now, region=self._where(call), service=call.service, action=call.action)
        with self._lock:
            self._calls.append(kept)

    def _where(self, call: Call) -> str:
        """Return the place that would answer: of two possible ones the dark one."""
        if call.service in GLOBAL_SERVICES:
            return GLOBAL
        if call.region in self._regions or not call.bucket:
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
