"""Loopback addresses: Linux routes all of 127.0.0.0/8, so every endpoint can have an address and AWS's own port."""

from __future__ import annotations

import random
import socket
import threading
from dataclasses import dataclass

PORT_OF_CLAIM = 5432
PER_SERVER = 32
"""Room for a cluster's writer and reader endpoint and its at most 16 instances:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html"""
GLOBAL = 62
"""Room for the writer endpoints of Global Databases. Every certificate covers all of them: any server may become the
writer that such an endpoint leads to."""
CLAIMS = 64


class NoAddressError(Exception):
    """Every address is in use."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """Some addresses that belong together, `127.<block>.<third>.<first>` and the ones after it."""

    block: int
    third: int
    first: int
    size: int

    @property
    def all(self) -> tuple[str, ...]:
        """Every address, in order."""
        return tuple(f"127.{self.block}.{self.third}.{self.first + number}" for number in range(self.size))


class Addresses:
    """A block `127.<n>.0.0/16` that is this process's alone, as long as it lives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claim, self._block = _claim()
        self._free = [
            Range(block=self._block, third=third, first=first, size=PER_SERVER)
            for third in range(250, -1, -1)
            for first in range(256 - PER_SERVER, 0, -PER_SERVER)
        ]
        self.shared = Range(block=self._block, third=254, first=1, size=GLOBAL)

    def take(self) -> Range:
        """Take the addresses of one server.

        Raises:
            NoAddressError: There is none left.
        """
        with self._lock:
            if not self._free:
                raise NoAddressError(f"every address of 127.{self._block}.0.0/16 is in use")
            return self._free.pop()

    def give_back(self, addresses: Range) -> None:
        """Let the addresses be taken again."""
        with self._lock:
            self._free.insert(0, addresses)  # the last to be used again: somebody may still remember it

    def release(self) -> None:
        """Give the block back to the machine."""
        self._claim.close()


def _claim() -> tuple[socket.socket, int]:
    """Bind one address of a random block, without listening: whoever else tries the block finds it taken."""
    for block in random.sample(range(1, 255), CLAIMS):
        claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            claim.bind((f"127.{block}.255.254", PORT_OF_CLAIM))
        except OSError:
            claim.close()
            continue
        return claim, block
    raise NoAddressError("no block of loopback addresses is free")
