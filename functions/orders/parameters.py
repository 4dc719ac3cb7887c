"""What a failover says, from SSM parameters in the function's own region: which region is open, whom it replaced."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3

from .clients import LONGEST_CALL_SECONDS, bounded

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

CACHE_SECONDS = 3.0
"""How long a value is believed. Short, because a failover waits for it (`FENCE_SETTLES_SECONDS`); not zero, because
every write asks and SSM answers 40 requests a second by default
(https://docs.aws.amazon.com/general/latest/gr/ssm.html)."""

FENCE_SETTLES_SECONDS = max(CACHE_SECONDS, LONGEST_CALL_SECONDS) + LONGEST_CALL_SECONDS
"""How long after the parameter was changed the last write under the old value can still happen: the value was as
old as it may be when a write began, and that write took as long as it may. A failover promotes after this."""


class RegionSwitch:
    """A parameter that failovers set to a region: the one that is open, or the one that was replaced unaware.

    Without an answer from SSM nothing is assumed, not even the last value: a region that is cut off cannot know
    that another one was promoted, and a refused write can be repeated while a write in two places cannot be undone.
    """

    def __init__(
        self, parameter: str, *, region: str, clock: Callable[[], float] = time.time, name: str = "active-region"
    ) -> None:
        """Connect.

        Args:
            parameter: Full name of the parameter.
            region: The function's own region.
            clock: Seconds, as of now.
            name: What health calls it.
        """
        self.name = name
        self._parameter = parameter
        self._client: SSMClient = boto3.client("ssm", config=bounded(region))
        # Lambda freezes a function between requests, and its monotonic clock may stand still meanwhile.
        self._clock = clock
        self._value = ""
        self._asked_at = float("-inf")

    def get(self) -> str:
        """Tell the region (or `none`; of the open one also `all`), at most `CACHE_SECONDS` old."""
        age = self._clock() - self._asked_at  # negative after the clock was put back: then it says nothing
        return self._value if 0 <= age < CACHE_SECONDS else self.ask()

    def ask(self) -> str:
        """Tell the region as of now, and believe that for the next `CACHE_SECONDS`."""
        asked_at = self._clock()
        answer = self._client.get_parameter(Name=self._parameter)
        self._value = answer["Parameter"]["Value"]
        self._asked_at = asked_at
        return self._value

    def probe(self) -> None:
        """Read the parameter past the cache; raises when it does not answer."""
        self.ask()
