"""What names two regions: replication, global tables, failover records. Applied last; no recovery needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from cdktf import DefaultTokenResolver, StringConcat, Tokenization
from constructs import Construct

from constructs_lib.alarms import AlarmTopic, Pager
from constructs_lib.bucket import Bucket
from constructs_lib.dashboard import Dashboard
from constructs_lib.failover_records import (
    Endpoint,
    FailoverRecords,
    HealthCheckedRecords,
    LatencyRecords,
    ShortLatencyRecords,
)
from constructs_lib.keys import RegionKey
from constructs_lib.parameters import Parameters
from constructs_lib.peer import Peer
from constructs_lib.replication import BucketMember, BucketReplication
from constructs_lib.secret import ReplicatedCredentials
from constructs_lib.table import GlobalTable
from constructs_lib.zone import Zone
from deployments.system import System
from stacks import protection
from stacks.base import SystemStack
from stacks.graphs import graphs, heading
from stacks.regional import RegionalStack

if TYPE_CHECKING:
    from stacks.delivery import Delivery

HEALTH_METRICS_REGION = "us-east-1"
"""Route 53 keeps the metrics of health checks here and nowhere else:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html"""


class GlobalStack(SystemStack):
    """The only stack with a provider for every region, and the only one that reads what the regions put out."""

    def __init__(self, scope: Construct, *, system: System, regions: Sequence[RegionalStack]) -> None:
        """Join the regions.

        Args:
            scope: The app.
            system: What is built.
            regions: The regional stacks, the primary first.
        """
        # At home in a standby: that region is there when the primary is not.
        home = (system.standbys or system.regions)[0].name
        super().__init__(scope, system=system, place="global", home=home)
        self.regions = regions
        self.peers = {stack.plan.name: self._peer(stack) for stack in regions}
        self.tables = self._tables()
        self._bucket_replication()
        protection.replicate_files(self)
        self._credentials()
        self.records = self._records()
        self.delivery = self._delivery()
        self.dashboard = Dashboard(
            self,
            "dashboard",
            site=self.site(home),
            heading=heading(system),
            graphs=[
                *graphs(system, regions, self.records, self.members),
                *(self.delivery.graphs if self.delivery else ()),
            ],
            provider=self.provider,
        )
        self._put_out()

    def _peer(self, stack: RegionalStack) -> Peer:
        region = stack.plan.name
        provider = self.provider if region == self.home else self.add_provider(region)
        site = self.site(region)
        (key_arn,) = self._read(stack.key.arn)
        pager = Pager(
            topic_arn=stack.base.topic.arn,
            runbook_url=self.system.spec.alarms.runbook_url,
            site=site,
            objectives=self.system.spec.objectives,
            provider=provider,
        )
        return Peer(site=site, provider=provider, key_arn=key_arn, pager=pager)

    def _read(self, *references: str) -> list[str]:
        """Return references to other stacks as they will stand in the file.

        A token is looked up wherever it is used, in every pass; what joins all regions uses few of them, and often.
        """
        found: list[str] = Tokenization.resolve(list(references), preparing=True, resolver=self._resolver, scope=self)
        return found

    @cached_property
    def _resolver(self) -> DefaultTokenResolver:
        return DefaultTokenResolver(StringConcat())

    def _tables(self) -> dict[str, GlobalTable]:
        peers = [self.peers[stack.plan.name] for stack in self.regions if stack.plan.capacity.replicas]
        return {
            purpose: GlobalTable(self, f"table-{purpose}", purpose=purpose, spec=spec, peers=peers)
            for purpose, spec in self.system.spec.tables.items()
        }

    @cached_property
    def members(self) -> dict[str, list[BucketMember]]:
        """Every region's bucket by purpose, the regions in their order."""
        replicated = [stack for stack in self.regions if stack.plan.capacity.replicas]
        return {
            purpose: [self._member(stack, stack.buckets[purpose]) for stack in replicated]
            for purpose in self.system.spec.buckets
        }

    def _member(self, stack: RegionalStack, bucket: Bucket) -> BucketMember:
        name, arn = bucket.name, bucket.arn
        if any(plan.capacity.replicas for plan in self.system.standbys):
            name, arn = self._read(name, arn)
        return BucketMember(peer=self.peers[stack.plan.name], name=name, arn=arn)

    def _bucket_replication(self) -> None:
        for purpose, spec in self.system.spec.buckets.items():
            members = self.members[purpose]
            if len(members) == 1:
                return
            for source in members:
                BucketReplication(
                    self,
                    f"bucket-{purpose}-{source.peer.region}",
                    purpose=purpose,
                    source=source,
                    destinations=[member for member in members if member is not source],
                    rpo_seconds=spec.rpo_seconds or self.system.spec.objectives.rpo_seconds,
                )

    def _credentials(self) -> None:
        """Give every region the credentials, and the name that follows the writer."""
        primary = self.regions[0]
        if primary.credentials is None:
            return
        home = self.peers[primary.plan.name]
        self.credentials = ReplicatedCredentials(
            self,
            "credentials",
            site=home.site,
            master_arn=primary.credentials.arn,
            keys={peer.region: peer.key_arn for peer in self.peers.values()},
            provider=home.provider,
        )
        protection.rotate(self, home)
        if primary.global_database is None:
            return
        for region, peer in self.peers.items():
            Parameters(
                self,
                f"parameters-{region}",
                site=peer.site,
                values={"database/writer-endpoint": primary.global_database.writer_endpoint},
                provider=peer.provider,
            )

    def _records(self) -> HealthCheckedRecords | None:
        health_path = self.system.spec.health_path
        endpoints = [
            Endpoint(
                region=stack.plan.name,
                hostname=self.system.regional_hostname(stack.plan.name),
                target=stack.entry.target,
                health_path=health_path,
            )
            for stack in self.regions
            if health_path and stack.entry
        ]
        if not endpoints:
            return None
        nearest = ShortLatencyRecords if self.system.spec.distribution else LatencyRecords
        kind = nearest if self.system.spec.strategy == "active-active" else FailoverRecords
        return kind(
            self,
            "records",
            zone=self.zone,
            hostname=self.system.entry_hostname,
            endpoints=endpoints,
            pager=self.health_pager,
        )

    def _delivery(self) -> Delivery | None:
        if self.system.spec.distribution is None:
            return None
        from stacks.delivery import deliver  # noqa: PLC0415 its bindings take time to load, and most need none

        # The same topic, but names of its own: health checks and the edge are put out apart.
        return deliver(self, self.system.spec.distribution, replace(self.health_pager, names=[]))

    @cached_property
    def zone(self) -> Zone:
        """The hosted zone of every name."""
        return Zone(self, "zone", name=self.system.spec.domain.zone)

    @cached_property
    def health_pager(self) -> Pager:
        """Tell people of health checks from where Route 53 keeps their metrics, whatever the system's regions are."""
        region = HEALTH_METRICS_REGION
        known = self.peers.get(region)
        provider = known.provider if known else self.add_provider(region)
        site = self.site(region)
        key = RegionKey(self, "health-key", site=site, purpose="health", provider=provider)
        settings = self.system.spec.alarms
        topic = AlarmTopic(
            self, "health-alarms", site=site, key=key, settings=settings, purpose="health", provider=provider
        )
        self.health_topic = topic
        return Pager(
            topic_arn=topic.arn,
            runbook_url=settings.runbook_url,
            site=site,
            objectives=self.system.spec.objectives,
            provider=provider,
        )

    def _put_out(self) -> None:
        self.put_out({f"table_{purpose}_name": table.resource.name for purpose, table in self.tables.items()})
        self.put_out(
            {
                "hostname": self.system.hostname,
                "dashboard_name": self.dashboard.resource.dashboard_name,
                "regions": [stack.plan.name for stack in self.regions],
            }
        )
        alarms = {region: peer.pager.names for region, peer in self.peers.items() if peer.pager.names}
        if alarms:
            self.put_out({"alarm_names": alarms})
        if self.regions[0].credentials:
            self.put_out({"database_credentials_secret_arn": self.credentials.arn})
        if self.delivery:
            self.put_out({**self.delivery.facts, "api_hostname": self.system.entry_hostname})
        if self.records:
            self.put_out(
                {
                    "hosted_zone_id": self.records.zone_id,
                    "health_check_ids": {region: check.id for region, check in self.records.health_checks.items()},
                    "health_alarm_names": self.records.alarm_names,
                    "health_alarm_topic_arn": self.health_topic.arn,
                }
            )
