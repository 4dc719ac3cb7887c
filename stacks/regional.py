"""One region: the same class for the primary and for every standby; what differs is the plan it is given."""

from __future__ import annotations

from typing import Any

from constructs import Construct

from constructs_lib.alarms import AlarmTopic, Pager
from constructs_lib.backup import Backup
from constructs_lib.bucket import Bucket, LogBucket
from constructs_lib.database import MASTER_USER, Database, GlobalDatabase
from constructs_lib.endpoints import Endpoints
from constructs_lib.entry import Entry
from constructs_lib.foundation import Foundation
from constructs_lib.function import Function
from constructs_lib.keys import RegionKey
from constructs_lib.load_balancer import LoadBalancer
from constructs_lib.network import Network
from constructs_lib.parameters import Parameters
from constructs_lib.secret import MasterCredentials, grant_read_credentials
from constructs_lib.table import grant_use_table
from constructs_lib.zone import Certificate, Zone
from deployments.failover.plan import EPOCH, FIRST_EPOCH, SWITCH, Refs, facts_of
from deployments.model import Service
from deployments.system import RegionPlan, System
from stacks.base import SystemStack

ALL_REGIONS = "all"
"""What the active-region parameter says where every region takes writes."""


class RegionalStack(SystemStack):
    """Everything of one region. It reads no other region's state and calls no other region's API."""

    def __init__(self, scope: Construct, *, system: System, plan: RegionPlan) -> None:
        """Build a region.

        Args:
            scope: The app.
            system: What is built.
            plan: This region's part.
        """
        super().__init__(scope, system=system, place=plan.name, home=plan.name)
        self.plan = plan
        self.base = self._foundation()
        self.key = self.base.key
        self.global_database = self._global_database()
        self.credentials = self._credentials()
        self.database = self._database()
        self.buckets = self._buckets()
        self.parameters, self._active_region = self._parameters()
        self.entry: Entry | None = None
        service = system.spec.service
        if service and plan.capacity.service:
            self._service(service)
        self._backup()
        self._failover()
        self.put_out(self._facts())

    def _foundation(self) -> Foundation:
        spec, site = self.system.spec, self.site(self.plan.name)
        key = RegionKey(self, "key", site=site)
        topic = AlarmTopic(self, "alarms", site=site, key=key, settings=spec.alarms)
        logs = LogBucket(self, "logs", site=site)
        # Gateways cost by the hour: where no code runs, there are none.
        nat = spec.network.nat if self.plan.capacity.service else "none"
        network = Network(
            self,
            "network",
            site=site,
            vpc=self.plan.vpc,
            subnets=self.plan.subnets,
            nat=nat,
            logs=logs,
        )
        return Foundation(
            site=site,
            key=key,
            topic=topic,
            pager=Pager(
                topic_arn=topic.arn, runbook_url=spec.alarms.runbook_url, site=site, objectives=spec.objectives
            ),
            logs=logs,
            network=network,
            endpoints=Endpoints(self, "endpoints", site=site, network=network, services=self._private_services()),
            has_nat=nat != "none",
        )

    def _private_services(self) -> list[str]:
        """List what the application calls besides S3 and DynamoDB."""
        services = {"ssm": self.system.spec.service, "secretsmanager": self.system.spec.database}
        return [service for service, needed in services.items() if needed and self.plan.capacity.service]

    def _global_database(self) -> GlobalDatabase | None:
        spec = self.system.spec.database
        if spec is None or not (self.plan.is_primary and self.system.has_global_database):
            return None
        return GlobalDatabase(self, "global-database", site=self.base.site, spec=spec)

    def _credentials(self) -> MasterCredentials | None:
        """Make the master user where the first writer is; a secondary takes it over with the storage."""
        if self.system.spec.database is None or not self.plan.is_primary:
            return None
        return MasterCredentials(self, "database-credentials", site=self.base.site, key=self.key, username=MASTER_USER)

    def _database(self) -> Database | None:
        spec, system = self.system.spec.database, self.system
        if spec is None or not self.plan.capacity.database:
            return None
        joined = system.names.of("global cluster") if system.has_global_database else None
        return Database(
            self,
            "database",
            base=self.base,
            spec=spec,
            instances=self.plan.capacity.database_instances,
            credentials=self.credentials,
            global_cluster=self.global_database.id if self.global_database else joined,
        )

    def _buckets(self) -> dict[str, Bucket]:
        buckets: dict[str, Bucket] = {}
        if not self.plan.capacity.replicas:
            return buckets
        for purpose, spec in self.system.spec.buckets.items():
            bucket = Bucket(
                self,
                f"bucket-{purpose}",
                site=self.base.site,
                purpose=purpose,
                spec=spec,
                key=self.key,
                logs=self.base.logs,
            )
            bucket.tell(self.base.topic)
            buckets[purpose] = bucket
        return buckets

    def _parameters(self) -> tuple[Parameters, str]:
        """Tell the application where it is; which region takes writes is for failover to say."""
        system = self.system
        values = {
            "region": self.plan.name,
            "role": "primary" if self.plan.is_primary else "standby",
            "hostname": system.hostname,
            "regional-hostname": system.regional_hostname(self.plan.name),
        }
        if self.database:
            values["database/endpoint"] = self.database.cluster.endpoint
            values["database/reader-endpoint"] = self.database.cluster.reader_endpoint
        tables = system.spec.tables if self.plan.capacity.replicas else ()
        values |= {f"table/{purpose}": system.names.of("table", purpose) for purpose in tables}
        values |= {f"bucket/{purpose}": bucket.name for purpose, bucket in self.buckets.items()}
        parameters = Parameters(self, "parameters", site=self.base.site, values=values)
        everywhere = system.spec.strategy == "active-active"
        return parameters, parameters.switch(SWITCH, ALL_REGIONS if everywhere else system.primary.name)

    def _service(self, spec: Service) -> None:
        system = self.system
        self.function = Function(
            self,
            "service",
            base=self.base,
            spec=spec,
            concurrency=self.plan.capacity.concurrency,
            scaled_by_failover=self.plan.capacity.concurrency != spec.concurrency,
            environment=self._environment(spec),
        )
        self.parameters.grant_read(self.function.role)
        if spec.table:
            grant_use_table(self.function.role, self.base.site, spec.table)
        if spec.bucket:
            self.buckets[spec.bucket].grant_read_write(self.function.role)
        if self.database:
            self.database.allow_from(self.function.security_group)
            grant_read_credentials(self.function.role, self.base.site)
        zone = Zone(self, "zone", name=system.spec.domain.zone)
        own_name = system.regional_hostname(self.plan.name)
        certificate = Certificate(self, "certificate", zone=zone, name=own_name, shared_name=system.hostname)
        if spec.entry == "alb":
            self.entry = self._load_balancer(spec, certificate)
        else:
            self.entry = self._api(spec, certificate)
        self.entry.answer_to(zone, own_name)

    def _load_balancer(self, spec: Service, certificate: Certificate) -> Entry:
        load_balancer = LoadBalancer(self, "load-balancer", base=self.base, certificate=certificate)
        target_group = load_balancer.serve(self.function, spec.health_path)
        self.put_out(
            {
                "load_balancer_arn": load_balancer.resource.arn,
                "load_balancer_dns_name": load_balancer.resource.dns_name,
                "target_group_arn": target_group.arn,
            }
        )
        return load_balancer

    def _api(self, spec: Service, certificate: Certificate) -> Entry:
        from constructs_lib.api import RestApi  # noqa: PLC0415 its bindings take time to load, and most need none

        api = RestApi(self, "api", base=self.base, spec=spec, function=self.function, certificate=certificate)
        self.put_out({"rest_api_id": api.api.id, "rest_api_stage": api.stage.stage_name})
        return api

    def _environment(self, spec: Service) -> dict[str, str]:
        environment = {
            "DEPLOYMENT": self.system.spec.name,
            "ENVIRONMENT_SUFFIX": self.system.suffix,
            "ENTRY": spec.entry,
            "ACTIVE_REGION_PARAMETER": self._active_region,
        }
        if spec.table:
            environment["TABLE_NAME"] = self.system.names.of("table", spec.table)
        if self.database and self.system.spec.database:
            environment["DATABASE_NAME"] = self.system.spec.database.name
            environment["DATABASE_PATH"] = self.system.names.path("database")
        if spec.bucket:
            environment["BUCKET_NAME"] = self.buckets[spec.bucket].name
        return environment

    def _backup(self) -> None:
        spec = self.system.spec.backup
        if spec is None:
            return
        target = self.system.backup_region(self.plan)
        self.backup = Backup(self, "backup", base=self.base, spec=spec, copy_to=target.name if target else None)
        resources = {f"bucket-{purpose}": bucket.arn for purpose, bucket in self.buckets.items()}
        if self.database:
            resources["database"] = self.database.cluster.arn
        for purpose in self.system.spec.tables if self.plan.capacity.replicas else ():
            resources[f"table-{purpose}"] = self.base.site.arn(
                "dynamodb", f"table/{self.system.names.of('table', purpose)}"
            )
        if resources:
            self.backup.protect(resources)

    def _failover(self) -> None:
        """Put the failover to this region where it will be needed: here."""
        spec, slowest = self.system.spec, self.system.failover_path
        if slowest is None:
            return
        from constructs_lib.failover import Failover  # noqa: PLC0415 its bindings take time to load, and not all need it

        cluster = self.database.cluster.arn if self.database else ""
        refs = Refs(cluster_arn=cluster, topic_arn=self.base.topic.arn)
        self.parameters.switch(EPOCH, FIRST_EPOCH)
        failover = Failover(
            self,
            "failover",
            base=self.base,
            facts=facts_of(spec, self.system.names, self.plan.name, refs),
            longest_seconds=slowest.seconds,
        )
        self.put_out(
            {
                "failover_state_machine_arn": failover.machine.arn,
                "failover_relay_arn": failover.relay.arn,
                "failover_bus_name": failover.bus.name,
            }
        )

    def _facts(self) -> dict[str, Any]:
        base, network = self.base, self.base.network
        facts: dict[str, Any] = {
            "region": self.plan.name,
            "vpc_id": network.id,
            "public_subnet_ids": network.public,
            "private_subnet_ids": network.private,
            "data_subnet_ids": network.data,
            "key_arn": base.key.arn,
            "alarm_topic_arn": base.topic.arn,
            "alarm_names": base.pager.names,
            "log_bucket_name": base.logs.name,
            "parameter_prefix": self.system.names.path(),
        }
        facts |= {f"bucket_{purpose}_name": bucket.name for purpose, bucket in self.buckets.items()}
        if self.database:
            facts |= {
                "database_cluster_identifier": self.database.cluster.cluster_identifier,
                "database_endpoint": self.database.cluster.endpoint,
                "database_reader_endpoint": self.database.cluster.reader_endpoint,
                "database_security_group_id": self.database.security_group.id,
            }
        if self.global_database:
            facts |= {
                "global_cluster_identifier": self.global_database.id,
                "global_writer_endpoint": self.global_database.writer_endpoint,
            }
        if self.credentials:
            facts["database_master_secret_arn"] = self.credentials.arn
        if self.entry:
            facts |= {
                "function_name": self.function.resource.function_name,
                "reserved_concurrency": self.plan.capacity.concurrency,
                "dead_letter_queue_url": self.function.dead_letters.url,
                "entry_dns_name": self.entry.target.name,
                "regional_hostname": self.system.regional_hostname(self.plan.name),
            }
        if self.system.spec.backup:
            facts |= {"backup_vault_name": self.backup.vault.name, "backup_plan_id": self.backup.plan.id}
        return facts
