"""Environments that are kept between invocations, as Lambda keeps them: clients, connections and caches live on.

Off unless it is switched on: a test wants to see a change at once, while a drill wants what really happens, and many
invocations. What is not imitated: AWS freezes an environment between two invocations, here its threads run on.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import IO, Any

from lifeboat.local.embedded.lambda_code import CodeFolder
from lifeboat.local.embedded.lambda_processes import PROCESSES, Process, launched
from lifeboat.local.embedded.lambda_runtime import CODE, Function, Invocation, Outcome, check_runtime

MOST_IDLE = 6
"""Environments of one function that wait for work; more have ended with a burst."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One environment.

    Attributes:
        process: Its process.
        results: Where it writes results.
        log: What it prints.
        log_stream: The stream that it was told of when it began.
    """

    process: Process
    results: IO[bytes]
    log: IO[bytes]
    log_stream: str

    def end(self) -> int:
        """End it and return its exit status."""
        status = PROCESSES.end(self.process)
        for file in (self.results, self.log, self.process.stdin):
            if file:
                file.close()
        return status


class Warmth:
    """The environments that wait for work. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[str, list[Kept]] = defaultdict(list)
        self.is_on = False

    def switch(self, *, on: bool) -> None:
        """Keep environments from now on, or end those that wait."""
        with self._lock:
            self.is_on = on
            idle = [kept for each in self._idle.values() for kept in each]
            self._idle.clear()
        for kept in idle:
            kept.end()

    def take(self, key: str) -> Kept | None:
        """Return one that waits; None: there is none."""
        with self._lock:
            waiting = self._idle[key]
            while waiting:
                kept = waiting.pop()
                if kept.process.poll() is None:
                    return kept
        return None

    def give_back(self, key: str, kept: Kept) -> None:
        """Let one wait for more work."""
        with self._lock:
            if self.is_on and len(self._idle[key]) < MOST_IDLE:
                self._idle[key].append(kept)
                return
        kept.end()


WARMTH = Warmth()


def key_of(function: Function) -> str:
    """Return what two functions must share to share environments: everything but the name they were called by."""
    facts: dict[str, Any] = {**vars(function), "arn": "", "environment": dict(function.environment)}
    facts["archive"] = hashlib.sha256(function.archive).hexdigest()
    facts["layers"] = [hashlib.sha256(layer).hexdigest() for layer in function.layers]
    return json.dumps(facts, sort_keys=True)


class WarmInvocation(Invocation):
    """One call in an environment that waited, or in a new one that is kept."""

    def run(self) -> Outcome:
        """Run it; an environment that failed or hung is not kept."""
        key = key_of(self._function)
        kept = WARMTH.take(key)
        kept = self._send(kept) if kept else self._begin(CODE)
        self._log_stream = kept.log_stream
        size = os.fstat(kept.log.fileno()).st_size
        result, loaded = self._wait(kept.results)
        content = os.pread(kept.log.fileno(), os.fstat(kept.log.fileno()).st_size, 0)
        lines = content[min(size, len(content)) :].decode("utf-8", "replace").splitlines()
        status = 0
        if result:
            WARMTH.give_back(key, kept)
        else:
            status = kept.end()
        payload, error, peak = self._judge(result, loaded=loaded, status=status)
        return Outcome(
            request_id=self._request_id,
            payload=payload,
            error=error,
            log=self._framed(lines, payload if error and not result else "", peak),
            log_stream=self._log_stream,
        )

    def _begin(self, code: CodeFolder) -> Kept:
        folder = code.unpacked(self._function.archive)
        read_end, write_end = os.pipe()
        log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the environment
        order = {**self._order(folder, write_end), "kept": "yes"}
        process = launched(folder, self._environment(folder), order, log, write_end)
        os.close(write_end)
        results = open(read_end, "rb", buffering=0)  # noqa: SIM115, PTH123 - as above, and a pipe has no path
        return Kept(process=process, results=results, log=log, log_stream=self._log_stream)

    def _send(self, kept: Kept) -> Kept:
        """Hand the invocation over; one that died while it waited is replaced."""
        order = self._order(CODE.unpacked(self._function.archive), 0)
        assert kept.process.stdin  # noqa: S101 - it was started with one
        try:
            kept.process.stdin.write(json.dumps(order).encode() + b"\n")
            kept.process.stdin.flush()
        except OSError:
            kept.end()
            return self._begin(CODE)
        return kept


def run(function: Function, event: str) -> Outcome:
    """Invoke a function in a kept environment.

    Raises:
        UnsupportedRuntimeError: It is not a Python function.
    """
    check_runtime(function)
    return WarmInvocation(function, event).run()
