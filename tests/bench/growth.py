"""What another region costs: `python -m tests.bench.growth` prints the table, and ends with 1 when a limit is broken.

Every measurement is a process of its own, warmed up by a synth that is part of the floor: what a process has loaded and
compiled makes its later work cheaper. Each builds the same number of regions altogether, in one large app or in many
small ones, so that a small size is measured as precisely as a large one. Measured is the CPU time of Python and Node
together, which other work on the machine disturbs less than the clock; the sizes take turns, and the least of the
rounds counts, because a disturbance only ever adds. The floor, the same program without an app, is subtracted. The
cost of an added region is the mean over all regions added to the first.

Every resource is counted. From two regions on the regional stacks together grow by exactly the same number with every
region: a region more brings its own stack, with links to the two hubs that pass the failover's messages on, and a link
in each hub's stack. The global stack does, too: one alarm watches all ways out of a region, however many they are. No
rule of the descriptions is asked: AWS joins fewer regions in one Global Database.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from deployments.failover.links import HUBS

if TYPE_CHECKING:
    from deployments.system import System

PROJECT = Path(__file__).parents[2]
REGIONS = (
    "us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "eu-north-1", "eu-west-2", "eu-west-3", "us-east-2",
    "us-west-1", "ca-central-1", "sa-east-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
    "ap-northeast-2",
)  # fmt: skip
EMPTY = 0
SIZES = (1, 2, 4, 8, 16)
WARM_UP = 4
"""Regions that every process synthesizes first, floor included: Node compiles what it meets often, once."""
BUILT = 16
"""Regions that every measured process builds, in one app or in several."""
ROUNDS, MOST_ROUNDS = 3, 9
"""Rounds that are always measured, and how many at most as long as a limit of time is broken: a disturbance is less in
the least of more rounds, and a cost that grows is not."""
TOLERANCE = 0.15
JUDGED_FROM = 4
"""Regions from which on the cost of an added one stands out of the noise: a difference of two that hardly differ is
mostly noise."""

Parts = Literal["regional", "whole"]
PARTS: tuple[Parts, ...] = ("regional", "whole")
Measure = Callable[[int, Parts], tuple[dict[str, int], float]]


@dataclass(frozen=True, kw_only=True)
class Size:
    """What was found for one number of regions.

    Attributes:
        regions: How many.
        regional: Resources of each regional stack, in priority order: first the hubs, then all others.
        world: Resources of the global stack.
        seconds: CPU seconds of one app over the floor, for the regional stacks alone and for the whole.
    """

    regions: int
    regional: tuple[int, ...]
    world: int
    seconds: Mapping[Parts, float]

    @property
    def together(self) -> int:
        """Resources of all regional stacks."""
        return sum(self.regional)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The sizes side by side, from small to large.

    Attributes:
        sizes: What was found.
        rounds: How many times each was measured.
    """

    sizes: tuple[Size, ...]
    rounds: int = 1

    def per_added_region(self, parts: Parts) -> list[float]:
        """Return the CPU seconds that a region costs on top of the first, on average, for each size but the first."""
        first, *more = self.sizes
        return [(size.seconds[parts] - first.seconds[parts]) / (size.regions - first.regions) for size in more]

    def resources_per_added_region(self) -> Iterator[str]:
        """Yield for each size what a region more than the size before adds to the regional stacks; nothing below two.

        The second region adds what the first needs for having another, too: it is no region like any later one.
        """
        yield ""
        for before, size in pairwise(self.sizes):
            more = (size.together - before.together) / (size.regions - before.regions)
            yield f"{more:g}" if before.regions >= HUBS else ""

    def deviations(self, parts: Parts) -> dict[int, float]:
        """Return how far each size's cost per added region is from the mean of those judged, as a fraction."""
        costs = zip(self.sizes[1:], self.per_added_region(parts), strict=True)
        judged = {size.regions: cost for size, cost in costs if size.regions >= JUDGED_FROM}
        mean = statistics.fmean(judged.values())
        return {regions: cost / mean - 1 for regions, cost in judged.items()}

    def broken(self) -> Iterator[str]:
        """Yield the limits that do not hold."""
        several = [size for size in self.sizes if size.regions >= HUBS]
        if len({count for size in several for count in size.regional[HUBS:]}) > 1:
            yield "regions that are no hubs do not all have the same number of resources"
        for hub in range(HUBS):
            if not _is_linear(several, [size.regional[hub] for size in several]):
                yield f"the resources of hub {hub + 1} do not grow by the same number with every region"
        if not _is_linear(several, [size.together for size in several]):
            yield "the resources of the regional stacks do not grow by the same number with every region"
        if not _is_linear(several, [size.world for size in several]):
            yield "the resources of the global stack do not grow by the same number with every region"
        yield from self.uneven()

    def uneven(self) -> Iterator[str]:
        """Yield the limits of time that do not hold."""
        for parts in PARTS:
            for regions, deviation in self.deviations(parts).items():
                if abs(deviation) > TOLERANCE:
                    yield f"{parts}, {regions} regions: each more costs {deviation:+.0%} of the mean"

    def lines(self) -> Iterator[str]:
        """Yield the table."""
        yield "         resources                    CPU seconds over the floor"
        yield "regions  regional  each more  global  regional  each more    whole  each more"
        costs = [[None, *self.per_added_region(parts)] for parts in PARTS]
        for size, more, regional, whole in zip(self.sizes, self.resources_per_added_region(), *costs, strict=True):
            resources = f"{size.regions:7}  {size.together:8}  {more:>9}  {size.world:6}"
            seconds = (size.seconds["regional"], size.seconds["whole"])
            yield f"{resources}  {seconds[0]:8.2f}  {_seconds(regional)}  {seconds[1]:7.2f}  {_seconds(whole)}"
        for parts in PARTS:
            spread = ", ".join(f"{each:+.0%} with {regions}" for regions, each in self.deviations(parts).items())
            yield f"{parts}, each more against the mean: {spread} (limit {TOLERANCE:.0%}, {self.rounds} rounds)"
        yield "resources: exactly linear from two regions on, regional and global"


def _is_linear(sizes: Sequence[Size], counts: Sequence[int]) -> bool:
    """Tell whether a number grows by the same with every region from size to size."""
    numbered = [(size.regions, count) for size, count in zip(sizes, counts, strict=True)]
    return len({(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(numbered)}) == 1


def growth_table(measure: Measure, *, rounds: int = ROUNDS, most: int = MOST_ROUNDS) -> Growth:
    """Measure every size in turn, round after round, and return the least of each.

    Args:
        measure: Takes a size and what to build; returns the number of resources by stack, and the CPU seconds.
        rounds: How many there are.
        most: How many there are at most, as long as each more costs too different amounts.
    """
    least = {(parts, size): float("inf") for parts in PARTS for size in (EMPTY, *SIZES)}
    counts: dict[int, dict[str, int]] = {}
    for done in range(1, most + 1):
        for (parts, size), known in least.items():
            found, cpu = measure(size, parts)
            least[parts, size] = min(known, cpu)
            if parts == "whole":
                counts[size] = found
        growth = Growth(sizes=tuple(_size(count, counts[count], least) for count in SIZES), rounds=done)
        if done >= rounds and not list(growth.uneven()):
            break
    return growth


def _size(count: int, resources: dict[str, int], least: dict[tuple[Parts, int], float]) -> Size:
    return Size(
        regions=count,
        regional=tuple(resources[name] for name in REGIONS[:count]),
        world=resources["global"],
        seconds={parts: (least[parts, count] - least[parts, EMPTY]) * count / BUILT for parts in PARTS},
    )


def _measure(size: int, parts: Parts) -> tuple[dict[str, int], float]:
    """Synthesize in a process; return the number of resources by stack, and the CPU seconds."""
    command = [sys.executable, "-m", "tests.bench.growth", str(size), parts]
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20"}  # its banner of twelve lines, in every process
    with subprocess.Popen(command, cwd=PROJECT, env=os.environ | quiet, stdout=subprocess.PIPE) as process:  # noqa: S603 this program
        assert process.stdout is not None
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    found: dict[str, int] = json.loads(answer)
    return found, usage.ru_utime + usage.ru_stime


def _synthesize(size: int, parts: Parts) -> dict[str, int]:
    """Do what is measured. The imports and the warm-up are part of it, and of the floor."""
    import stacks  # noqa: PLC0415 see above
    from stacks.regional import RegionalStack  # noqa: PLC0415 see above

    gc.disable()  # as `main.py` does
    apps = [WARM_UP, *([size] * (BUILT // size) if size else [])]
    with tempfile.TemporaryDirectory() as folder:
        for number, count in enumerate(apps):
            app = stacks.new_app(f"{folder}/{number}")
            system = reference_system(count)
            if parts == "whole":
                stacks.build(app, system)
            else:
                for plan in system.regions:
                    RegionalStack(app, system=system, plan=plan)
            app.synth()
        files = Path(folder, "1").glob("stacks/*/cdk.tf.json")
        return {file.parent.name.removeprefix("multi-region-dev-"): _resources(file) for file in files}


def reference_system(count: int) -> System:
    """Describe the reference system in so many regions, every one at full size, so that a region is a region."""
    from deployments.load import FOLDER, read  # noqa: PLC0415 with the stacks
    from deployments.model import Deployment  # noqa: PLC0415 with the stacks
    from deployments.stages import STAGES, overlay  # noqa: PLC0415 with the stacks
    from deployments.system import build_system  # noqa: PLC0415 with the stacks

    base = {key: value for key, value in read(FOLDER / "multi_region.toml").items() if key != STAGES}
    changes = {"strategy": "active-active", "regions": [{"name": name} for name in REGIONS[:count]]}
    return build_system(Deployment.model_validate(overlay(base, changes)), "dev")


def _resources(file: Path) -> int:
    stack = json.loads(file.read_text(encoding="utf-8"))
    return sum(len(named) for named in stack["resource"].values())


def _seconds(value: float | None) -> str:
    return " " * 9 if value is None else f"{value:9.3f}"


def main(arguments: Sequence[str]) -> int:
    """Print the table; or, with a size and what to build, be one measurement.

    Returns:
        0, or 1 when a limit is broken.
    """
    if arguments:
        size, parts = arguments
        print(json.dumps(_synthesize(int(size), "whole" if parts == "whole" else "regional")))  # noqa: T201 the answer
        return 0
    growth = growth_table(_measure)
    broken = list(growth.broken())
    for line in (*growth.lines(), *(f"BROKEN: {each}" for each in broken)):
        print(line)  # noqa: T201 this program's output
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
