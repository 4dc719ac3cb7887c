"""A small system of containers and files in two regions: what a failover of these tiers touches."""

from __future__ import annotations

from dataclasses import dataclass, field

from deployments.failover.facts import Facts
from deployments.failover.plan import Refs, facts_of
from deployments.failover.scale import DIMENSION, NAMESPACE
from tests.lifeboat.failover.rehearsal import ACCOUNT, Rehearsal


@dataclass(frozen=True)
class Cart(Rehearsal):
    """A deployed system of containers.

    Attributes:
        files: Id of the file system by region.
    """

    files: dict[str, str] = field(default_factory=dict)

    def facts(self, region: str) -> Facts:
        """Return what the machines of a region are told."""
        names = self.system.names
        refs = Refs(
            cluster_arn=f"arn:aws:rds:{region}:{ACCOUNT}:cluster:{names.of('database cluster')}",
            topic_arn=f"arn:aws:sns:{region}:{ACCOUNT}:{names.of('topic', 'alarms')}",
            file_system_id=self.files[region],
        )
        return facts_of(self.system.spec, names, region, refs)

    def deploy(self) -> None:
        """Make everything; replication of files begins at the primary."""
        for plan in self.system.regions:
            efs = self.aws("efs", plan.name)
            found = efs.create_file_system(CreationToken=self.system.names.prefix, Encrypted=True)
            self.files[plan.name] = found["FileSystemId"]
        self.replicate(self.primary, self.standby)
        super().deploy()

    def deploy_application(self, region: str) -> None:
        """Make the service and its scaling."""
        names, ecs = self.system.names, self.aws("ecs", region)
        plan = next(each for each in self.system.regions if each.name == region)
        ecs.create_cluster(clusterName=names.of("cluster"))
        contents = [{"name": "application", "image": "application", "memory": 64}]
        task = ecs.register_task_definition(family=names.of("service"), containerDefinitions=contents)
        ecs.create_service(
            cluster=names.of("cluster"),
            serviceName=names.of("service"),
            taskDefinition=task["taskDefinition"]["taskDefinitionArn"],
            desiredCount=plan.capacity.tasks,
        )
        self.scale(region, at_least=plan.capacity.tasks)

    def scale(self, region: str, *, at_least: int) -> None:
        """Set the fewest tasks of a region."""
        self.aws("application-autoscaling", region).register_scalable_target(
            ServiceNamespace=NAMESPACE,
            ResourceId=self._scaled,
            ScalableDimension=DIMENSION,
            MinCapacity=at_least,
            MaxCapacity=40,
        )

    def replicate(self, source: str, target: str) -> None:
        """Replicate the files of one region to the other's, which somebody says may be overwritten."""
        self.aws("efs", target).update_file_system_protection(
            FileSystemId=self.files[target], ReplicationOverwriteProtection="DISABLED"
        )
        self.aws("efs", source).create_replication_configuration(
            SourceFileSystemId=self.files[source],
            Destinations=[{"FileSystemId": self.files[target], "Region": target}],
        )

    def tasks(self, region: str) -> tuple[int, int]:
        """Tell the fewest tasks of a region, and how many run."""
        targets = self.aws("application-autoscaling", region).describe_scalable_targets(
            ServiceNamespace=NAMESPACE, ResourceIds=[self._scaled]
        )["ScalableTargets"]
        services = self.aws("ecs", region).describe_services(
            cluster=self.system.names.of("cluster"), services=[self.system.names.of("service")]
        )["services"]
        return int(targets[0]["MinCapacity"]), int(services[0]["runningCount"])

    def protection(self, region: str) -> str:
        """Tell whether replication overwrites a region's files."""
        found = self.aws("efs", region).describe_file_systems(FileSystemId=self.files[region])["FileSystems"][0]
        return str(found["FileSystemProtection"]["ReplicationOverwriteProtection"])

    def replications(self, region: str) -> list[str]:
        """Name the file systems of this system that are replicated, as a region sees it."""
        found = self.aws("efs", region).describe_replication_configurations()["Replications"]
        own = {each["SourceFileSystemId"] for each in found} & set(self.files.values())
        return sorted(own)

    @property
    def _scaled(self) -> str:
        return f"service/{self.system.names.of('cluster')}/{self.system.names.of('service')}"
