"""Quotas against what will be created, and equal in every region: a standby that may not grow is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from deployments.system import System
from lifeboat.failover.clients import Client, Clients
from lifeboat.preflight.findings import Finding, Level

UNRESERVED_LEAST = 100
"""Lambda keeps so much of an account's concurrency unreserved:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One quota.

    Attributes:
        title: What it limits, as AWS calls it.
        service: Service code.
        code: Quota code.
        type: Terraform type that uses it up.
        used: Counts what is there: all of it, and of that this system's own.
    """

    title: str
    service: str
    code: str
    type: str
    used: Callable[[Clients, str, System], tuple[int, int]]


def _vpcs(clients: Clients, region: str, system: System) -> tuple[int, int]:
    return _tagged(clients("ec2", region).describe_vpcs()["Vpcs"], system)


def _addresses(clients: Clients, region: str, system: System) -> tuple[int, int]:
    return _tagged(clients("ec2", region).describe_addresses()["Addresses"], system)


def _clusters(clients: Clients, region: str, system: System) -> tuple[int, int]:
    found = clients("rds", region).describe_db_clusters()["DBClusters"]
    own = [each for each in found if each["DBClusterIdentifier"] == system.names.of("database cluster")]
    return len(found), len(own)


def _instances(clients: Clients, region: str, system: System) -> tuple[int, int]:
    found = clients("rds", region).describe_db_instances()["DBInstances"]
    prefix = f"{system.names.of('database instance')}-"
    return len(found), sum(each["DBInstanceIdentifier"].startswith(prefix) for each in found)


def _tagged(found: list[Mapping[str, object]], system: System) -> tuple[int, int]:
    wanted = {("Deployment", system.spec.name), ("EnvironmentSuffix", system.suffix)}
    own = [each for each in found if wanted <= {(tag["Key"], tag["Value"]) for tag in each.get("Tags", [])}]  # type: ignore[attr-defined] # AWS's tags are a list
    return len(found), len(own)


QUOTAS = (
    Quota(title="VPCs per Region", service="vpc", code="L-F678F1CE", type="aws_vpc", used=_vpcs),
    Quota(title="EC2-VPC Elastic IPs", service="ec2", code="L-0263D0A3", type="aws_eip", used=_addresses),
    Quota(title="DB clusters", service="rds", code="L-952B80B8", type="aws_rds_cluster", used=_clusters),
    Quota(title="DB instances", service="rds", code="L-7B6409FD", type="aws_rds_cluster_instance", used=_instances),
)
"""Codes: https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html"""


def quota_findings(clients: Clients, system: System, region: str, need: Counter[str]) -> Iterator[Finding]:
    """Compare a region's quotas with what its stack will add."""
    quotas = clients("service-quotas", region)
    for quota in QUOTAS:
        if not need[quota.type]:
            continue
        limit = int(quotas.get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)["Quota"]["Value"])
        used, own = quota.used(clients, region, system)
        more = max(0, need[quota.type] - own)
        told = f"{used} of {limit} used, {more} more to come"
        if used + more <= limit:
            yield Finding(region=region, about=quota.title, level=Level.OK, found=told)
            continue
        ask = (
            f"aws service-quotas request-service-quota-increase --region {region} --service-code {quota.service}"
            f" --quota-code {quota.code} --desired-value {used + more}"
        )
        yield Finding(region=region, about=quota.title, level=Level.PROBLEM, found=told, fix=ask)


def concurrency_findings(clients: Clients, system: System, region: str) -> Iterator[Finding]:
    """See that the application can be raised to full size in a region, also when it does not serve there yet."""
    service = system.spec.service
    if service is None:
        return
    lambda_: Client = clients("lambda", region)
    limits = lambda_.get_account_settings()["AccountLimit"]
    name = system.names.of("function", service.function)
    try:
        own = int(lambda_.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0))
    except lambda_.exceptions.ResourceNotFoundException:
        own = 0  # not deployed yet
    free = int(limits["UnreservedConcurrentExecutions"]) + own - UNRESERVED_LEAST
    told = f"{service.concurrency} wanted where it serves, {free} can be reserved"
    if service.concurrency <= free:
        yield Finding(region=region, about="Lambda concurrency", level=Level.OK, found=told)
        return
    least = int(limits["ConcurrentExecutions"]) + service.concurrency - free
    fix = (
        f"aws service-quotas request-service-quota-increase --region {region} --service-code lambda"
        f" --quota-code L-B99A9384 --desired-value {least}"
    )
    yield Finding(region=region, about="Lambda concurrency", level=Level.PROBLEM, found=told, fix=fix)


def equal_findings(clients: Clients, system: System) -> Iterator[Finding]:
    """See that no standby's quota is below the primary's."""
    for quota in QUOTAS:
        asked = {"ServiceCode": quota.service, "QuotaCode": quota.code}
        values = {
            plan.name: int(clients("service-quotas", plan.name).get_service_quota(**asked)["Quota"]["Value"])
            for plan in system.regions
        }
        most = values[system.primary.name]
        for region, value in values.items():
            if value < most:
                yield Finding(
                    region=region,
                    about=quota.title,
                    level=Level.PROBLEM,
                    found=f"quota {value}, while {system.primary.name} has {most}",
                    fix=f"request at least {most} in {region}: service code {quota.service}, quota code {quota.code}",
                )
