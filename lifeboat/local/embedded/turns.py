"""One call after the other: what AWS does at once, moto does in steps that other calls may see half done.

moto answers every request in a thread of its own, and its collections know nothing of threads. A call that meets
another one's half-done work ends in an error after its own work is done; the client tries again, and is told that what
it wants to make exists already. Services that only keep records take turns therefore. Those that call others (Lambda,
Step Functions, rotation, health checks, notifications) do not: they might wait for themselves.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from lifeboat.local.embedded.request import Call

# Signing names. None of these calls another service on its way to an answer.
ONE_AT_A_TIME = frozenset(
    {
        "application-autoscaling",
        "dynamodb",
        "ec2",
        "ecr",
        "ecs",
        "elasticache",
        "elasticfilesystem",
        "elasticloadbalancing",
        "iam",
        "kms",
        "ssm",
        "wafv2",
    }
)

# Enough to explain a failed deploy; the oldest are forgotten first.
FAILURES_KEPT = 100


class Turns:
    """Whose turn it is, by service."""

    def __init__(self) -> None:
        self._locks = {service: threading.Lock() for service in ONE_AT_A_TIME}

    def take(self, call: Call) -> AbstractContextManager[object]:
        """Return what a call holds while it is answered."""
        return self._locks.get(call.service) or nullcontext()


@dataclass(frozen=True, kw_only=True)
class FailedCall:
    """A call that the embedded AWS could not answer: a fault of its own, not of the caller.

    Attributes:
        service: Signing name of the service.
        region: Region that was called.
        action: API operation, else method and path.
        error: The exception, with the line that raised it.
    """

    service: str
    region: str
    action: str
    error: str


class Failures:
    """Faults of the embedded AWS itself, so that a failed deploy can tell them from faults of what is deployed."""

    def __init__(self) -> None:
        self._kept: deque[FailedCall] = deque(maxlen=FAILURES_KEPT)

    @property
    def kept(self) -> tuple[FailedCall, ...]:
        """The latest failed calls, oldest first."""
        return tuple(self._kept)

    @contextmanager
    def watch(self, call: Call) -> Iterator[None]:
        """Keep the exception that answering a call ends with, and let it go on. A client that hung up is none.

        A call that is asked again is kept, too: its client got no answer, or a fault, the first time.
        """
        if call.attempt > 1:
            self._keep(call, f"asked again, attempt {call.attempt}")
        try:
            yield
        except ConnectionError:
            raise
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{place.filename.rpartition('site-packages/')[2]}:{place.lineno}"
            self._keep(call, f"{type(error).__name__}: {error} ({where})")
            raise

    def _keep(self, call: Call, error: str) -> None:
        self._kept.append(FailedCall(service=call.service, region=call.region, action=call.action, error=error))


FAILURES = Failures()
