"""Compare synth and command with the least that is possible on this machine, in this run.

    python -m tests.bench             # everything; ends with 1 when a limit is broken
    python -m tests.bench --rounds 3  # quicker, rougher

Seconds differ between machines; ratios of programs measured in turn hardly do.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lifeboat.failure import Exit
from tests.bench.measure import PROJECT, Measured, Program, measure

HERE = Path(__file__).parent
SLOW_ROUNDS = 2


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One promise about speed or memory.

    Attributes:
        what: What is compared.
        value: What was measured.
        most: What it may be at most.
        unit: Behind both numbers.
    """

    what: str
    value: float
    most: float
    unit: str

    @property
    def is_kept(self) -> bool:
        """Whether the limit holds."""
        return self.value <= self.most

    def __str__(self) -> str:
        verdict = "kept" if self.is_kept else "BROKEN"
        return f"{self.what:52} {self.value:6.2f} {self.unit:2} of {self.most:5.2f} {self.unit:2} {verdict}"


def programs(folder: Path, rounds: int) -> list[Program]:
    """List what is measured."""
    synth = {"CDKTF_OUTDIR": str(folder / "synth"), "DEPLOYMENT": "ecommerce", "ENVIRONMENT_SUFFIX": "dev"}

    def program(name: str, *arguments: str, environment: Mapping[str, str] = synth, times: int = rounds) -> Program:
        return Program(name=name, arguments=arguments, rounds=times, environment=environment)

    return [
        program("floor", str(HERE / "floor.py"), str(folder / "floor")),
        program("main.py", "main.py"),
        program("main.py, all systems", "main.py", environment=synth | {"DEPLOYMENT": "all"}),
        program("main.py, stock import", str(HERE / "stock.py"), times=min(rounds, SLOW_ROUNDS)),
        program("python -c pass", "-c", "pass"),
        program("lifeboat --help", "-m", "lifeboat", "--help"),
        program("lifeboat check", "-m", "lifeboat", "check"),
        *inspections(folder, rounds),
    ]


def inspections(folder: Path, rounds: int) -> list[Program]:
    """List what is measured of inspecting a plan with 10,000 changes, beside what Python's json needs to load it."""
    file = folder / "plan.json"
    # In a process of its own: what this one has in memory counts for every program that it starts.
    subprocess.run([sys.executable, "-m", "tests.bench.plans", str(file)], check=True, cwd=PROJECT)  # noqa: S603 ours
    load = f"import json; json.load(open({str(file)!r}, encoding='utf-8'))"
    return [
        Program(name="json.load", arguments=("-c", load), rounds=rounds, environment={}),
        Program(
            name="lifeboat plan",
            arguments=("-m", "lifeboat", "plan", str(file)),
            rounds=rounds,
            environment={},
            ends_with=Exit.CHANGES,
        ),
    ]


def limits(found: Mapping[str, Measured], plan_mb: float) -> list[Limit]:
    """Hold what was measured against what was promised."""
    floor, main, stock = found["floor"], found["main.py"], found["main.py, stock import"]
    start = found["python -c pass"].seconds
    return [
        Limit(what="synth, times the floor", value=main.seconds / floor.seconds, most=1.35, unit="x"),
        Limit(
            what="synth of all systems, times the floor",
            value=found["main.py, all systems"].seconds / floor.seconds,
            most=2.2,
            unit="x",
        ),
        Limit(what="peak memory of synth, times the floor's", value=main.peak_mb / floor.peak_mb, most=1.15, unit="x"),
        Limit(
            what="synth, times the same with the stock import", value=main.seconds / stock.seconds, most=0.35, unit="x"
        ),
        *(
            Limit(what=f"{name}, beyond an empty Python", value=found[name].seconds - start, most=0.4, unit="s")
            for name in ("lifeboat --help", "lifeboat check")
        ),
        Limit(
            what="10,000 changes inspected, times json.load",
            value=found["lifeboat plan"].seconds / found["json.load"].seconds,
            most=3,
            unit="x",
        ),
        Limit(
            what="peak memory of inspecting, times the plan's size",
            value=found["lifeboat plan"].peak_mb / plan_mb,
            most=4,
            unit="x",
        ),
    ]


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Compare synth and command with the floor."
    )
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program (default 5)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        listed = programs(Path(folder), rounds)
        plan_mb = (Path(folder) / "plan.json").stat().st_size / 1024**2
        found = measure(listed)
    for name, measured in found.items():
        times = f"{measured.seconds:6.2f} s {measured.cpu_seconds:6.2f} s of processor"
        print(f"{name:24} {times} {measured.peak_mb:6.0f} MB  {len(measured.samples)} runs")  # noqa: T201 its output
    print()  # noqa: T201 the program's output
    judged = limits(found, plan_mb)
    for limit in judged:
        print(limit)  # noqa: T201 the program's output
    return 0 if all(limit.is_kept for limit in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
