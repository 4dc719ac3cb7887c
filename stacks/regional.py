"""One region: the same class for the primary and for every standby; what differs is the plan it is given."""

from __future__ import annotations

from typing import Any

from constructs import Construct

from constructs_lib.alarms import AlarmTopic, Pager
from constructs_lib.bucket import Bucket
from constructs_lib.database import MASTER_USER, Database, GlobalDatabase
from constructs_lib.edge_statements import edge_reads
from constructs_lib.endpoints import Endpoints
from constructs_lib.entry import Entry
from constructs_lib.foundation import Foundation
from constructs_lib.function import Function
from constructs_lib.keys import RegionKey
from constructs_lib.load_balancer import LoadBalancer
from constructs_lib.log_bucket import LogBucket
from constructs_lib.network import Network
from constructs_lib.parameters import Parameters
from constructs_lib.secret import MasterCredentials, grant_read_credentials
from constructs_lib.table import grant_use_table
from constructs_lib.zone import Certificate, Zone
from deployments.distribution import EDGE_REGION
from deployments.failover.plan import SWITCH
from deployments.model import Service
from deployments.system import RegionPlan, System
from stacks import containers, protection, recovery, stores
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
        self.place = stores.instance_place(self, self.base, system.spec.instance)
        self.instance = stores.instance(self, self.place, self.credentials)
        self.cache = stores.cache(self, self.base, system.spec.cache if plan.capacity.cache else None)
        self.buckets = self._buckets()
        self.registry = containers.registry(self)
        self.file_system = containers.file_system(self)
        self.parameters, self.active_region = self._parameters()
        self.rotation = containers.rotation(self)
        self.entry: Entry | None = None
        self.scaling_arn = ""
        service, container = system.spec.service, system.spec.container
        if service and plan.capacity.service:
            self._service(service)
        if container and plan.capacity.service:
            self.entry = containers.run(self, container)
        protection.firewall(self)
        self.backup = protection.backup(self)
        self.trail = stores.trail(self)
        recovery.failover(self)
        self.put_out(self._facts())

    def _foundation(self) -> Foundation:
        spec, site = self.system.spec, self.site(self.plan.name)
        delivers = spec.distribution is not None and self.plan.capacity.replicas
        key = RegionKey(self, "key", site=site, users=[edge_reads(site)] if delivers else ())
        topic = AlarmTopic(self, "alarms", site=site, key=key, settings=spec.alarms)
        logs = LogBucket(self, "logs", site=site, edge=self.site(EDGE_REGION) if delivers else None)
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
            endpoints=Endpoints(
                self,
                "endpoints",
                site=site,
                network=network,
                services=containers.private_services(self.system.spec, self.plan.capacity),
            ),
            has_nat=nat != "none",
        )

    def _global_database(self) -> GlobalDatabase | None:
        spec = self.system.spec.database
        if spec is None or not (self.plan.is_primary and self.system.has_global_database):
            return None
        return GlobalDatabase(self, "global-database", site=self.base.site, spec=spec)

    def _credentials(self) -> MasterCredentials | None:
        """Make the master user where the first writer is; a secondary takes it over with the storage."""
        if not (self.system.spec.database or self.system.spec.instance) or not self.plan.is_primary:
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
        content = self.system.spec.distribution
        for purpose, spec in self.system.spec.buckets.items():
            bucket = Bucket(
                self,
                f"bucket-{purpose}",
                site=self.base.site,
                purpose=purpose,
                spec=spec,
                key=self.key,
                logs=self.base.logs,
                is_content=bool(content and purpose in content.buckets),
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
        values |= stores.parameters(self.instance, self.cache) | containers.parameters(self)
        tables = system.spec.tables if self.plan.capacity.replicas else ()
        values |= {f"table/{purpose}": system.names.of("table", purpose) for purpose in tables}
        values |= {f"bucket/{purpose}": bucket.name for purpose, bucket in self.buckets.items()}
        parameters = Parameters(self, "parameters", site=self.base.site, values=values)
        everywhere = system.spec.strategy == "active-active"
        return parameters, parameters.switch(SWITCH, ALL_REGIONS if everywhere else system.primary.name)

    def _service(self, spec: Service) -> None:
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
        stores.connect(self)
        zone, certificate, own_name = self.certificate()
        if spec.entry == "alb":
            self.entry = self._load_balancer(spec, certificate)
        else:
            self.entry = self._api(spec, certificate)
        self.entry.answer_to(zone, own_name)

    def certificate(self) -> tuple[Zone, Certificate, str]:
        """Prove the region's own name and the shared one; return the zone, the certificate and the region's name."""
        zone = Zone(self, "zone", name=self.system.spec.domain.zone)
        own_name = self.system.regional_hostname(self.plan.name)
        certificate = Certificate(self, "certificate", zone=zone, name=own_name, shared_name=self.system.entry_hostname)
        return zone, certificate, own_name

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
            "ACTIVE_REGION_PARAMETER": self.active_region,
        }
        if spec.table:
            environment["TABLE_NAME"] = self.system.names.of("table", spec.table)
        if self.database and self.system.spec.database:
            environment["DATABASE_NAME"] = self.system.spec.database.name
            environment["DATABASE_PATH"] = self.system.names.path("database")
        if spec.bucket:
            environment["BUCKET_NAME"] = self.buckets[spec.bucket].name
        return environment | stores.environment(self) | recovery.environment(self)

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
        facts |= stores.facts(self) | containers.facts(self)
        if self.global_database:
            facts |= {
                "global_cluster_identifier": self.global_database.id,
                "global_writer_endpoint": self.global_database.writer_endpoint,
            }
        if self.credentials:
            facts["database_master_secret_arn"] = self.credentials.arn
        if self.entry and self.system.spec.service:
            facts |= {
                "function_name": self.function.resource.function_name,
                "reserved_concurrency": self.plan.capacity.concurrency,
                "dead_letter_queue_url": self.function.dead_letters.url,
            }
        if self.backup:
            facts |= {"backup_vault_name": self.backup.vault.name, "backup_plan_id": self.backup.plan.id}
        return facts
