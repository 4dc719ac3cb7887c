"""Replication between regions as a step of its own, so that it can stand still while a region is dark.

A gap that copies data hands every copy to `submit` instead of making it. Normally the copy is made at once, before
the call that caused it has its answer. While either end is paused the copies wait, in the order of the writes:

    pause("us-east-1")      # from here on nothing leaves and nothing reaches us-east-1
    ...                     # both sides are written to, and diverge
    resume("us-east-1")     # what waited is applied; the services' own rules settle conflicts
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

ChangeT = TypeVar("ChangeT")


@dataclass(frozen=True, kw_only=True)
class _Copy:
    source: str
    target: str
    service: str
    make: Callable[[], None]

    def waits(self) -> bool:
        return any(
            (region, service) in _paused for region in (self.source, self.target) for service in ("", self.service)
        )


_lock = threading.RLock()
_paused: set[tuple[str, str]] = set()
_waiting: list[_Copy] = []


def submit(*, source: str, target: str, make: Callable[[], None], service: str = "") -> None:
    """Have `make` copy something of a service from one region to another: now, or once neither region is paused.

    Copies between the same two regions are made in the order in which they were submitted. `make` must cope with
    whatever happened while it waited: the thing it copies, or the place it copies to, may be gone.
    """
    copy = _Copy(source=source, target=target, service=service, make=make)
    with _lock:
        if copy.waits():
            _waiting.append(copy)
        else:
            make()


def pause(region: str, service: str = "") -> None:
    """Stop replication from and to a region, of one service or of all. Pausing a paused region changes nothing."""
    with _lock:
        _paused.add((region, service))


def resume(region: str, service: str = "") -> None:
    """Let a region replicate again and make every copy that waited for it alone."""
    with _lock:
        _paused.discard((region, service))
        ready = [copy for copy in _waiting if not copy.waits()]
        _waiting[:] = [copy for copy in _waiting if copy.waits()]
        for copy in ready:
            copy.make()


def paused(service: str = "") -> frozenset[str]:
    """Return the regions that do not replicate at the moment: nothing at all, or nothing of a service."""
    with _lock:
        return frozenset(region for region, which in _paused if which in {"", service})


def waiting(region: str) -> int:
    """Count the copies that wait to leave or to reach a region: its replication backlog."""
    with _lock:
        return sum(region in (copy.source, copy.target) for copy in _waiting)


def forget() -> None:
    """Drop everything that waits and resume every region: the embedded AWS starts afresh."""
    with _lock:
        _paused.clear()
        _waiting.clear()


class Changes(Generic[ChangeT]):
    """Collects what one request changed, so that it is replicated once and in its final form.

    moto makes one change in several steps (an object first, then its tags; an item first empty, then updated).
    Inside `together` changes are only noted, each once; they are delivered when the outermost block ends, and
    dropped when it ends with an exception. Outside, a change is delivered as soon as it is noted.
    """

    def __init__(self, deliver: Callable[[ChangeT], None]) -> None:
        self._deliver = deliver
        self._thread = threading.local()

    def note(self, change: ChangeT) -> None:
        """Have a change delivered; noting an equal change again within one block makes no difference."""
        noted: dict[ChangeT, None] | None = getattr(self._thread, "noted", None)
        if noted is None:
            self._deliver(change)
        else:
            noted.pop(change, None)
            noted[change] = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Treat everything noted by this thread inside the block as one change. Blocks may be nested."""
        if getattr(self._thread, "noted", None) is not None:
            yield
            return
        noted: dict[ChangeT, None] = {}
        self._thread.noted = noted
        try:
            yield
        finally:
            self._thread.noted = None
        for change in noted:
            self._deliver(change)
