"""Run programs side by side in time: interleaved rounds, medians, and the peak memory of each with its children."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Program:
    """Something to measure.

    Attributes:
        name: What the table calls it.
        arguments: Arguments of Python.
        rounds: In how many rounds it takes part; slow programs in fewer.
        environment: Variables that are added.
        ends_with: Its exit code; any other one means that it failed.
    """

    name: str
    arguments: Sequence[str]
    rounds: int
    environment: Mapping[str, str]
    ends_with: int = 0


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One run: wall-clock and processor seconds, and the largest resident set of the program or a child, in MB."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Measured:
    """All runs of one program."""

    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        """Median of the wall-clock times."""
        return median(sample.seconds for sample in self.samples)

    @property
    def cpu_seconds(self) -> float:
        """Median of the processor times, children included: where the wall clock says more, others were busy."""
        return median(sample.cpu_seconds for sample in self.samples)

    @property
    def peak_mb(self) -> float:
        """Median of the peaks."""
        return median(sample.peak_mb for sample in self.samples)


def run(program: Program) -> Sample:
    """Run a program once.

    Raises:
        RuntimeError: It failed; a failed run measures nothing.
    """
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 our own programs
        [sys.executable, *program.arguments],
        cwd=PROJECT,
        # Everybody keeps compiled modules, as Python does by default: nobody's second run compiles again.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(PROJECT), **program.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # Of this child and of those that it waited for, the node process included; not of earlier ones.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != program.ends_with:
        raise RuntimeError(f"{program.name} ended with {process.returncode}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Sample(seconds=seconds, cpu_seconds=usage.ru_utime + usage.ru_stime, peak_mb=kilobytes / 1024)


def measure(programs: Sequence[Program]) -> dict[str, Measured]:
    """Measure programs in turn, round by round, so that what else the machine does falls on all of them alike.

    The first run of each is a warm-up: it compiles, fills caches, and is thrown away.
    """
    for program in programs:
        run(program)
    samples: dict[str, list[Sample]] = {program.name: [] for program in programs}
    for number in range(max(program.rounds for program in programs)):
        for program in programs:
            if number < program.rounds:
                samples[program.name].append(run(program))
    return {name: Measured(tuple(taken)) for name, taken in samples.items()}
