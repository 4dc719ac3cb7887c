"""A system as it is built: one description, one environment, every region with its part in it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from deployments.addressing import Subnets, plan_subnets, plan_vpcs
from deployments.capacity import Capacity, capacity
from deployments.failover.longest import Path
from deployments.failover.plan import slowest
from deployments.hostnames import entry_hostname, hostname, regional_hostname
from deployments.model import Deployment
from deployments.naming import Names

LOG_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class RegionPlan:
    """One region's part.

    Attributes:
        name: AWS region.
        position: 0 for the primary, then the standbys in priority order.
        vpc: Address range of the VPC.
        subnets: The VPC cut into tiers and zones.
        capacity: What the region runs before anything fails.
    """

    name: str
    position: int
    vpc: IPv4Network
    subnets: Subnets
    capacity: Capacity

    @property
    def is_primary(self) -> bool:
        """Whether the region takes writes until a failover says otherwise."""
        return self.position == 0


@dataclass(frozen=True, kw_only=True)
class System:
    """Everything the stacks need to know, worked out once.

    Attributes:
        spec: The description, with the stage's overlay applied.
        suffix: The environment suffix.
        regions: The regions in order; the first is the primary.
    """

    spec: Deployment
    suffix: str
    regions: tuple[RegionPlan, ...]

    @property
    def names(self) -> Names:
        """Physical names of this system in this environment."""
        return Names(system=self.spec.name, suffix=self.suffix)

    @property
    def primary(self) -> RegionPlan:
        """The region that takes writes until a failover says otherwise."""
        return self.regions[0]

    @property
    def standbys(self) -> tuple[RegionPlan, ...]:
        """The regions that take over, in priority order."""
        return self.regions[1:]

    @property
    def has_global_database(self) -> bool:
        """Whether the database spans regions; else one region's cluster stands alone, protected by backups."""
        return sum(plan.capacity.database for plan in self.regions) > 1

    @property
    def log_days(self) -> int:
        """Days that logs are kept: what an audit asks for, else 90."""
        return self.spec.audit.retention_days if self.spec.audit else LOG_DAYS

    @property
    def failover_path(self) -> Path | None:
        """The slowest path of a failover until a standby takes writes. None: there is no failover to run."""
        return slowest(self.spec)

    @property
    def hostname(self) -> str:
        """The name that clients use; failover records move it between regions."""
        return hostname(self.spec, self.suffix)

    @property
    def entry_hostname(self) -> str:
        """The name of the service; the clients' own, unless content is delivered under that one."""
        return entry_hostname(self.spec, self.suffix)

    def regional_hostname(self, region: str) -> str:
        """The region's own name, which health checks ask and failover never moves."""
        return regional_hostname(self.spec, self.suffix, region)

    def backup_region(self, region: RegionPlan) -> RegionPlan | None:
        """Where a region's backups are copied: the next region in order, the last one's to the first.

        None: there is only one region, and backups stay in it.
        """
        if len(self.regions) == 1:
            return None
        return self.regions[(region.position + 1) % len(self.regions)]


def build_system(spec: Deployment, suffix: str) -> System:
    """Work out every region's part. The description must have passed `rules.check` and `plan_vpcs`."""
    vpcs, _ = plan_vpcs(spec.regions, spec.network)
    return System(
        spec=spec,
        suffix=suffix,
        regions=tuple(
            RegionPlan(
                name=region.name,
                position=position,
                vpc=vpc,
                subnets=plan_subnets(vpc, spec.network.zones),
                capacity=capacity(spec, primary=position == 0),
            )
            for position, (region, vpc) in enumerate(zip(spec.regions, vpcs, strict=True))
        ),
    )
