"""A system that clients can use: the rehearsal of failovers, with a table, entries, records and health checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployments.failover.facts import Facts
from deployments.failover.machine import machine
from functions.packaging import package
from lifeboat.workspace import PROJECT
from tests.lifeboat.failover.rehearsal import ACCOUNT, Rehearsal

Definition = dict[str, Any]
Break = Callable[[Definition], Definition]


@dataclass(frozen=True)
class Town(Rehearsal):
    """A deployed system with clients.

    Attributes:
        mend: What is done to each region's failover machine before it is deployed. Absent: nothing.
    """

    mend: Break = field(default=lambda definition: definition)

    def deploy(self) -> None:
        """Make everything."""
        super().deploy()
        self._table()
        zone = self._zone()
        for index, plan in enumerate(self.system.regions):
            target = self._entry(plan.name)
            self._records(zone, plan.name, target, is_last=index == len(self.system.regions) - 1)

    def definition(self, facts: Facts) -> Definition:
        """Return the machine in its full length: clients write here, and their last writes have to end."""
        return self.mend(machine(facts))

    def _database(self, region: str, instances: int) -> None:
        """Leave the database out: PostgreSQL is drilled on a deployed system, and takes its time to start."""

    def make_named_function(self, region: str, name: str, concurrency: int) -> None:
        """Deploy the real application."""
        names, facts, lambda_ = self.system.names, self.facts(region), self.aws("lambda", region)
        archive = package("orders", cache=PROJECT / ".build" / "functions")
        lambda_.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{names.of('function', 'orders')}-{region}",
            Handler=archive.handler,
            Code={"ZipFile": Path(archive.path).read_bytes()},
            Timeout=25,
            Environment={
                "Variables": {
                    "DEPLOYMENT": self.system.spec.name,
                    "ENVIRONMENT_SUFFIX": self.system.suffix,
                    "ENTRY": "alb",
                    "ACTIVE_REGION_PARAMETER": facts.switch,
                    "UNAWARE_REGION_PARAMETER": facts.unaware,
                    "TABLE_NAME": names.of("table", "orders"),
                }
            },
        )
        lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=concurrency)

    def _table(self) -> None:
        name = self.system.names.of("table", "orders")
        attributes = ("pk", "sk", "customer", "placed_at")
        self.aws("dynamodb", self.primary).create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in attributes],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-customer",
                    "KeySchema": [
                        {"AttributeName": "customer", "KeyType": "HASH"},
                        {"AttributeName": "placed_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.aws("dynamodb", self.primary).update_table(
            TableName=name, ReplicaUpdates=[{"Create": {"RegionName": self.standby}}]
        )

    def _zone(self) -> str:
        name = self.system.spec.domain.zone
        route53 = self.aws("route53")
        known = route53.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
        if known:
            return str(known[0]["Id"])
        return str(route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"])

    def _entry(self, region: str) -> dict[str, Any]:
        """Make a load balancer in front of the function; return what records point to."""
        ec2, elb = self.aws("ec2", region), self.aws("elbv2", region)
        facts = self.facts(region)
        assert facts.function
        name = self.system.names.of("load balancer")
        network = ec2.create_vpc(CidrBlock="10.70.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=network, CidrBlock=f"10.70.{index}.0/24", AvailabilityZone=f"{region}{zone}")
            for index, zone in enumerate("ab")
        ]
        balancer = elb.create_load_balancer(Name=name, Subnets=[each["Subnet"]["SubnetId"] for each in subnets])
        made = balancer["LoadBalancers"][0]
        group = elb.create_target_group(Name=name, TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
        arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{facts.function.name}"
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": arn}])
        elb.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"],
            Port=443,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        target = {"DNSName": made["DNSName"], "HostedZoneId": made["CanonicalHostedZoneId"]}
        return {**target, "EvaluateTargetHealth": True}

    def _records(self, zone: str, region: str, target: dict[str, Any], *, is_last: bool) -> None:
        own = self.system.regional_hostname(region)
        check = self._asked(region, "" if is_last else "?for=clients")
        if not is_last:
            behind = self._asked(
                self.standby, "?for=writes", Type="HTTPS_STR_MATCH", SearchString='"unaware":"', Inverted=True
            )
            check = self._health_check(
                f"leads-{own}", Type="CALCULATED", ChildHealthChecks=[check, behind], HealthThreshold=2
            )
        shared = {
            "Name": self.system.hostname,
            "Type": "A",
            "AliasTarget": target,
            "SetIdentifier": region,
            "Failover": "SECONDARY" if is_last else "PRIMARY",
            "HealthCheckId": check,
        }
        records = [{"Name": own, "Type": "A", "AliasTarget": target}, shared]
        changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
        self.aws("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def _asked(self, region: str, question: str, **more: object) -> str:
        """Make a health check that asks a region something."""
        own = self.system.regional_hostname(region)
        return self._health_check(
            f"{own}{question}",
            **{
                "Type": "HTTPS",
                "FullyQualifiedDomainName": own,
                "Port": 443,
                "ResourcePath": f"/health{question}",
                "RequestInterval": 10,
                "FailureThreshold": 3,
                **more,
            },
        )

    def _health_check(self, reference: str, **config: object) -> str:
        made = self.aws("route53").create_health_check(CallerReference=reference, HealthCheckConfig=config)
        return str(made["HealthCheck"]["Id"])
