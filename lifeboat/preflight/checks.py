"""What is looked at in each region, and once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from deployments.failover.plan import ENGINE, SERVERLESS_CLASS
from deployments.system import RegionPlan, System
from lifeboat.failover.clients import Clients
from lifeboat.preflight.files import files
from lifeboat.preflight.findings import Finding, Level

CERTIFICATE_DAYS = 30
"""ACM renews 60 days before the end; less than half of that left means that it could not:
https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html"""
LATE = 1.5
"""A backup that is later than this many intervals is missed."""


def identity(clients: Clients, _system: System, plan: RegionPlan) -> Iterator[Finding]:
    """See whose credentials these are, and that the region is enabled for the account."""
    account = clients("sts", plan.name).get_caller_identity()["Account"]
    yield Finding(region=plan.name, about="account", level=Level.OK, found=account)
    asked = clients("ec2", plan.name).describe_regions(RegionNames=[plan.name], AllRegions=True)["Regions"]
    state = asked[0].get("OptInStatus", "opt-in-not-required") if asked else "not known"
    if state in {"opt-in-not-required", "opted-in"}:
        yield Finding(region=plan.name, about="region", level=Level.OK, found="enabled")
        return
    yield Finding(
        region=plan.name,
        about="region",
        level=Level.PROBLEM,
        found=state,
        fix=f"aws account enable-region --region-name {plan.name}",
    )


def database(clients: Clients, system: System, plan: RegionPlan) -> Iterator[Finding]:
    """See that the engine version and the instance class are offered here."""
    spec = system.spec.database
    if spec is None or not plan.capacity.database:
        return
    rds, version = clients("rds", plan.name), spec.engine_version
    offered = rds.describe_db_engine_versions(Engine=ENGINE, EngineVersion=version)["DBEngineVersions"]
    about = f"{ENGINE} {version}"
    if not offered:
        known = rds.describe_db_engine_versions(Engine=ENGINE)["DBEngineVersions"]
        newest = ", ".join(sorted({each["EngineVersion"] for each in known})[-5:]) or "none"
        yield Finding(
            region=plan.name,
            about=about,
            level=Level.PROBLEM,
            found=f"not offered; the newest are {newest}",
            fix="choose one for database.engine_version that every region offers",
        )
        return
    yield Finding(region=plan.name, about=about, level=Level.OK, found="offered")
    class_ = spec.instance_class or SERVERLESS_CLASS
    options = rds.describe_orderable_db_instance_options(Engine=ENGINE, EngineVersion=version, DBInstanceClass=class_)
    found = [each for each in options["OrderableDBInstanceOptions"] if each["DBInstanceClass"] == class_]
    zones = {zone["Name"] for each in found for zone in each.get("AvailabilityZones", [])}
    if found:
        where = f"offered in {len(zones)} zones" if zones else "offered"
        yield Finding(region=plan.name, about=class_, level=Level.OK, found=where)
        return
    yield Finding(
        region=plan.name,
        about=class_,
        level=Level.PROBLEM,
        found=f"not offered with {ENGINE} {version}",
        fix="choose another database.instance_class, or none for Serverless v2",
    )


def certificates(clients: Clients, system: System, plan: RegionPlan) -> Iterator[Finding]:
    """See that the certificate of the region is issued and not about to end."""
    if not ((system.spec.service or system.spec.container) and plan.capacity.service):
        return
    acm, name = clients("acm", plan.name), system.regional_hostname(plan.name)
    pages = acm.get_paginator("list_certificates").paginate()
    arns = [
        each["CertificateArn"]
        for page in pages
        for each in page["CertificateSummaryList"]
        if each["DomainName"] == name
    ]
    about = f"certificate of {name}"
    if not arns:
        yield Finding(region=plan.name, about=about, level=Level.OK, found="made by the first deploy")
    for arn in arns:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        end = found.get("NotAfter")
        if found["Status"] != "ISSUED":
            fix = "see that the validation records exist in the zone: apply the regional stack again"
            yield Finding(region=plan.name, about=about, level=Level.PROBLEM, found=found["Status"], fix=fix)
        elif end and end < datetime.now(UTC) + timedelta(days=CERTIFICATE_DAYS):
            fix = "apply the regional stack, which restores the validation records that ACM renews by"
            yield Finding(region=plan.name, about=about, level=Level.PROBLEM, found=f"ends {end:%Y-%m-%d}", fix=fix)
        else:
            yield Finding(region=plan.name, about=about, level=Level.OK, found="issued")


def backups(clients: Clients, system: System, plan: RegionPlan) -> Iterator[Finding]:
    """See that the newest recovery point is as young as the schedule promises."""
    spec = system.spec.backup
    if spec is None:
        return
    backup, vault = clients("backup", plan.name), system.names.of("backup vault")
    try:
        pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
        made = [each["CreationDate"] for page in pages for each in page["RecoveryPoints"]]
    except backup.exceptions.ResourceNotFoundException:
        yield Finding(region=plan.name, about=f"vault {vault}", level=Level.OK, found="made by the first deploy")
        return
    about = f"backups in {vault}"
    if not made:
        fix = "wait for the first one, or start one: aws backup start-backup-job"
        yield Finding(region=plan.name, about=about, level=Level.WARNING, found="none yet", fix=fix)
        return
    hours = (datetime.now(UTC) - max(made)).total_seconds() / 3600
    told = f"the newest is {hours:.1f} h old, one is made every {spec.every_hours} h"
    if hours <= spec.every_hours * LATE:
        yield Finding(region=plan.name, about=about, level=Level.OK, found=told)
        return
    fix = f"aws backup list-backup-jobs --region {plan.name} --by-state FAILED tells why"
    yield Finding(region=plan.name, about=about, level=Level.PROBLEM, found=told, fix=fix)


Check = Callable[[Clients, System, RegionPlan], Iterator[Finding]]
REGIONAL: dict[str, Check] = {
    "account and region": identity,
    "database": database,
    "certificates": certificates,
    "backups": backups,
    "files": files,
}
"""Every check of a region by itself. A new tier adds a line."""
