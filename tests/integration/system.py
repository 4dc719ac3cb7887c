"""The deployed system as tests see it: its regions, each with its outputs and its clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

import pytest

from tests.integration.aws import Aws, Target
from tests.integration.outputs import NESTED, Outputs, OutputsError, read_stacks

T = TypeVar("T")

ALL_REGIONS = "all"
"""What the active-region parameter says where every region takes writes."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """One region of the system.

    Attributes:
        name: AWS region.
        outputs: Outputs of its stack.
        aws: Its clients.
    """

    name: str
    outputs: Outputs
    aws: Aws

    def __str__(self) -> str:
        return self.name

    def text(self, output: str) -> str:
        """Return an output that is one text; skip the test when it is missing."""
        return self.outputs.text(output)

    def texts(self, output: str) -> list[str]:
        """Return an output that is a list; skip the test when it is missing."""
        return self.outputs.texts(output)

    def parameter(self, name: str) -> str:
        """Read one of the system's parameters in this region by the last part of its name."""
        answer = self.aws.ssm.get_parameter(Name=f"{self.text('parameter_prefix')}/{name}")
        return answer["Parameter"]["Value"]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One direction in which something is replicated."""

    source: Region
    target: Region

    def __str__(self) -> str:
        return f"{self.source}-to-{self.target}"


class System:
    """All regions, the primary first, and the outputs of the global stack."""

    def __init__(self, folder: Path, target: Target) -> None:
        """Find the regions.

        Raises:
            OutputsError: The files cannot be used, or hold no region.
        """
        self.folder = folder
        self.target = target
        stacks = read_stacks(folder)
        found = {stack.text("region"): stack for stack in stacks if "region" in stack}
        if not found:
            raise OutputsError(f"{folder / NESTED}: no stack has an output `region`: nothing was deployed")
        self._global = next((stack for stack in stacks if "regions" in stack), None)
        order = self._global.texts("regions") if self._global else list(found)
        if sorted(order) != sorted(found):
            raise OutputsError(
                f"{folder / NESTED}: the global stack joins {sorted(order)}, the outputs are of {sorted(found)}"
            )
        self.regions = [Region(name=name, outputs=found[name], aws=Aws(name, target)) for name in order]
        self.stacks = stacks

    @property
    def shared(self) -> Outputs:
        """The outputs of the global stack; skips the test when there is none."""
        if self._global is None:
            pytest.skip("output regions is missing: the system has no global stack")
        return self._global

    @property
    def primary(self) -> Region:
        """The region that was deployed to take writes."""
        return self.regions[0]

    @property
    def recovers_by_restoring(self) -> bool:
        """Whether nothing runs in a standby: it has a role to restore under, and stores only once that was done."""
        return "backup_role_arn" in self.primary.outputs

    def need_a_running_standby(self) -> None:
        """Skip the test where nothing runs in a standby."""
        if self.recovers_by_restoring:
            pytest.skip("output backup_role_arn: the system recovers by restoring, nothing runs in its standby")

    @property
    def lookout(self) -> Region:
        """Where to look at what is the same from everywhere: a standby, there when the primary is not."""
        return self.regions[min(1, len(self.regions) - 1)]

    @property
    def standbys(self) -> list[Region]:
        """The regions that wait; skips the test when there is none."""
        if len(self.regions) == 1:
            pytest.skip(f"output regions names {self.primary} alone: the system has no standby")
        return self.regions[1:]

    def others(self, region: Region) -> list[Region]:
        """Return all regions but one; skips the test when there is no other."""
        return [other for other in (self.primary, *self.standbys) if other is not region]

    @property
    def ways(self) -> list[Way]:
        """Every direction between two regions."""
        return [Way(source=source, target=target) for source, target in permutations(self.regions, 2)]

    @property
    def entry_hostname(self) -> str:
        """The shared name of the service: the system's own, unless content is delivered under that one."""
        return self.shared.text("api_hostname" if "api_hostname" in self.shared else "hostname")

    def needs_failover_records(self) -> None:
        """Skip the test where every region serves at once, or none but the primary."""
        self.need_a_running_standby()
        if self.primary.parameter("active-region") == ALL_REGIONS:
            pytest.skip("parameter active-region says all: clients are sent to the nearest region")

    @cached_property
    def active(self) -> Region:
        """The region that takes writes now: the primary until a failover moved the switch."""
        name = self.primary.parameter("active-region")
        return self.primary if name == ALL_REGIONS else self.region(name)

    @property
    def fenced(self) -> list[Region]:
        """The regions that refuse writes now; skips the test when there is none."""
        if self.primary.parameter("active-region") == ALL_REGIONS:
            pytest.skip("parameter active-region says all: no region is fenced")
        return self.others(self.active)

    def region(self, name: str) -> Region:
        """Return a region by its name."""
        return next(region for region in self.regions if region.name == name)

    def clients(self, region: str) -> Aws:
        """Return clients for any region, also one that the system does not live in."""
        known = (mine.aws for mine in self.regions if mine.name == region)
        return next(known, None) or Aws(region, self.target)

    def eventually(self, probe: Callable[[], T | None], *, what: str) -> T:
        """Ask until the answer is yes or is something, at most as long as a replica may take."""
        deadline = monotonic() + self.target.patience
        pause = 0.1
        while not (answer := probe()):
            assert monotonic() < deadline, f"{what}: not within {self.target.patience:g} s"
            sleep(pause)
            pause = min(pause * 2, 10)
        return answer


def region_of(arn: str) -> str:
    """Return the region that an ARN names."""
    return arn.split(":")[3]
