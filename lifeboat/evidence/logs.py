"""Rules about logs: that they are written, kept and locked, and that people are told."""

from __future__ import annotations

from collections.abc import Iterator

from lifeboat.evidence.configuration import Configuration, Resource
from lifeboat.evidence.rule import Finding, Rule, finding, shown

A_YEAR = 365
"""PCI DSS v4.0.1 asks for twelve months (10.5.1)."""


def _written(configuration: Configuration) -> Iterator[Finding]:
    trails = configuration.all("aws_cloudtrail")
    for trail in trails:
        yield shown(trail, kept=trail.get("enable_logging") is not False, good="records every call", bad="is off")
    for vpc in configuration.all("aws_vpc"):
        kept = any(each.get("traffic_type") == "ALL" for each in configuration.referring(vpc, "aws_flow_log"))
        yield shown(vpc, kept=kept, good="its traffic is recorded", bad="its traffic is not recorded")
        if not any(trail.stack == vpc.stack for trail in trails):
            yield finding(vpc, "no trail records the calls of its region", kept=False)
    for balancer in configuration.all("aws_lb"):
        kept = balancer.block("access_logs").get("enabled") is True
        yield shown(balancer, kept=kept, good="every request is recorded", bad="requests are not recorded")
    for stage in configuration.all("aws_api_gateway_stage"):
        kept = bool(stage.block("access_log_settings").get("destination_arn"))
        yield shown(stage, kept=kept, good="every request is recorded", bad="requests are not recorded")
    for cluster in configuration.all("aws_rds_cluster", "aws_db_instance"):
        kept = bool(cluster.get("enabled_cloudwatch_logs_exports"))
        yield shown(cluster, kept=kept, good="its log is exported", bad="its log stays inside")


def _kept(configuration: Configuration) -> Iterator[Finding]:
    for group in configuration.all("aws_cloudwatch_log_group"):
        days = group.get("retention_in_days") or 0
        kept = days == 0 or days >= A_YEAR
        yield shown(group, kept=kept, good=f"kept for {days or 'ever: 0'} days", bad=f"kept for {days} days")
    for bucket in _log_buckets(configuration):
        days = [
            block.get("days")
            for lifecycle in configuration.referring(bucket, "aws_s3_bucket_lifecycle_configuration")
            for rule in lifecycle.get("rule") or []
            for block in rule.get("expiration") or []
            if block.get("days")
        ]
        kept = all(each >= A_YEAR for each in days)
        yield shown(
            bucket, kept=kept, good=f"kept for {min(days, default='any number of')} days", bad="kept less than a year"
        )


def _locked(configuration: Configuration) -> Iterator[Finding]:
    for trail in configuration.all("aws_cloudtrail"):
        kept = trail.get("enable_log_file_validation") is True
        yield shown(trail, kept=kept, good="a changed file is found out", bad="a changed file is not found out")
        for bucket in configuration.resolve(trail, "s3_bucket_name", "aws_s3_bucket"):
            locks = configuration.referring(bucket, "aws_s3_bucket_object_lock_configuration")
            modes = {_mode(lock) for lock in locks}
            yield shown(bucket, kept="COMPLIANCE" in modes, good="nobody can delete a file", bad="files can be deleted")
    for bucket in _log_buckets(configuration):
        versioned = bool(configuration.referring(bucket, "aws_s3_bucket_versioning"))
        yield shown(bucket, kept=versioned, good="what is overwritten stays", bad="files can be overwritten")
    for vault in configuration.all("aws_backup_vault"):
        locks = configuration.referring(vault, "aws_backup_vault_lock_configuration")
        yield shown(vault, kept=bool(locks), good="backups are locked", bad="backups can be deleted")


def _mode(lock: Resource) -> str:
    retention = lock.block("rule").get("default_retention") or {}
    found = retention[0] if isinstance(retention, list) else retention
    return str(found.get("mode"))


def _log_buckets(configuration: Configuration) -> list[Resource]:
    """Return the buckets that something delivers logs to."""
    senders = {
        "aws_lb": "access_logs",
        "aws_flow_log": "log_destination",
        "aws_cloudtrail": "s3_bucket_name",
        "aws_s3_bucket_logging": "target_bucket",
        "aws_wafv2_web_acl_logging_configuration": "log_destination_configs",
        "aws_cloudfront_distribution": "logging_config",
    }
    found: dict[str, Resource] = {}
    for type_, argument in senders.items():
        for sender in configuration.all(type_):
            found |= {each.address: each for each in configuration.resolve(sender, argument, "aws_s3_bucket")}
    return list(found.values())


def _told(configuration: Configuration) -> Iterator[Finding]:
    for alarm in configuration.all("aws_cloudwatch_metric_alarm"):
        kept = bool(alarm.get("alarm_actions")) and alarm.get("actions_enabled") is not False
        yield shown(alarm, kept=kept, good="tells people", bad="tells nobody")


RULES = (
    Rule(
        name="logs-written",
        requirements=("10.2.1", "10.2.2", "1.2.8"),
        promise="Calls, traffic, requests and the database's own events are recorded.",
        look=_written,
    ),
    Rule(
        name="logs-kept",
        requirements=("10.5.1",),
        promise="Logs are kept for at least a year.",
        look=_kept,
    ),
    Rule(
        name="logs-locked",
        requirements=("10.3.2", "10.3.4"),
        promise="Nobody can change or delete what was recorded or backed up.",
        look=_locked,
    ),
    Rule(
        name="people-are-told",
        requirements=("10.4.1.1", "10.7.2"),
        promise="Every alarm reaches people.",
        look=_told,
    ),
)
