"""Rules about encryption: at rest with keys of the system's own, and in transit with TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lifeboat.evidence.configuration import Configuration, Resource
from lifeboat.evidence.rule import Finding, Rule, shown

AT_REST: dict[str, Callable[[Resource], bool]] = {
    "aws_backup_vault": lambda each: bool(each.get("kms_key_arn")),
    "aws_cloudtrail": lambda each: bool(each.get("kms_key_id")),
    "aws_cloudwatch_log_group": lambda each: bool(each.get("kms_key_id")),
    "aws_db_instance": lambda each: bool(each.get("storage_encrypted") and each.get("kms_key_id")),
    "aws_dynamodb_table": lambda each: bool(each.block("server_side_encryption").get("kms_key_arn")),
    "aws_ecr_repository": lambda each: bool(each.block("encryption_configuration").get("kms_key")),
    "aws_efs_file_system": lambda each: bool(each.get("encrypted") and each.get("kms_key_id")),
    "aws_elasticache_replication_group": lambda each: (
        str(each.get("at_rest_encryption_enabled")).lower() == "true" and bool(each.get("kms_key_id"))
    ),
    "aws_lambda_function": lambda each: not each.get("environment") or bool(each.get("kms_key_arn")),
    "aws_rds_cluster": lambda each: bool(each.get("storage_encrypted") and each.get("kms_key_id")),
    "aws_rds_global_cluster": lambda each: bool(each.get("storage_encrypted")),
    "aws_secretsmanager_secret": lambda each: bool(each.get("kms_key_id")),
    "aws_sns_topic": lambda each: bool(each.get("kms_master_key_id")),
    "aws_sqs_queue": lambda each: bool(each.get("kms_master_key_id")),
}
"""How each kind of store says that it is encrypted with a key of the system's own."""
OLD_TLS = ("ELBSecurityPolicy-2", "ELBSecurityPolicy-TLS-1-0", "ELBSecurityPolicy-TLS-1-1", "ELBSecurityPolicy-FS-201")
TLS_ONLY = "aws:SecureTransport"


def _at_rest(configuration: Configuration) -> Iterator[Finding]:
    for type_, is_encrypted in AT_REST.items():
        for each in configuration.all(type_):
            good, bad = "encrypted with a key of the system's own", "not encrypted with a key of the system's own"
            yield shown(each, kept=is_encrypted(each), good=good, bad=bad)
    for bucket in configuration.all("aws_s3_bucket"):
        rules = configuration.referring(bucket, "aws_s3_bucket_server_side_encryption_configuration")
        yield shown(bucket, kept=bool(rules), good="encrypted by default", bad="has no default encryption")


def _keys(configuration: Configuration) -> Iterator[Finding]:
    for key in configuration.all("aws_kms_key"):
        rotates = key.get("enable_key_rotation") is True
        days = key.get("rotation_period_in_days") or 365
        yield shown(key, kept=rotates and days <= 365, good=f"rotated every {days} days", bad="not rotated every year")


def _public_ways(configuration: Configuration) -> Iterator[Finding]:
    for listener in configuration.all("aws_lb_listener"):
        redirect = listener.block("default_action").get("redirect", {})
        if listener.get("protocol") == "HTTP":
            kept = redirect.get("protocol") == "HTTPS"
            yield shown(listener, kept=kept, good="sends HTTP to HTTPS", bad="serves over HTTP")
        else:
            policy = str(listener.get("ssl_policy") or "")
            kept = listener.get("protocol") in {"HTTPS", "TLS"} and bool(policy) and not policy.startswith(OLD_TLS)
            yield shown(listener, kept=kept, good=f"TLS by {policy}", bad=f"TLS by {policy or 'the default policy'}")
    for name in configuration.all("aws_api_gateway_domain_name"):
        kept = name.get("security_policy") == "TLS_1_2"
        yield shown(name, kept=kept, good="TLS 1.2", bad="no word on TLS 1.2")
    for each in configuration.all("aws_cloudfront_distribution"):
        version = str(each.block("viewer_certificate").get("minimum_protocol_version") or "")
        secure = version.startswith(("TLSv1.2", "TLSv1.3"))
        behaviours = [each.block("default_cache_behavior"), *(each.get("ordered_cache_behavior") or [])]
        kept = secure and all(
            b.get("viewer_protocol_policy") in {"https-only", "redirect-to-https"} for b in behaviours
        )
        yield shown(each, kept=kept, good=f"HTTPS only, {version}", bad=f"HTTP or old TLS ({version or 'no version'})")


def _inside(configuration: Configuration) -> Iterator[Finding]:
    for group in configuration.all("aws_lb_target_group"):
        if group.get("target_type") == "lambda":
            yield shown(group, kept=True, good="functions are called over TLS", bad="")
        else:
            protocol = group.get("protocol")
            yield shown(group, kept=protocol in {"HTTPS", "TLS"}, good=f"{protocol} to the targets", bad=f"{protocol}")
    for group in configuration.all("aws_rds_cluster_parameter_group", "aws_db_parameter_group"):
        if configuration.referring(group, "aws_rds_cluster", "aws_db_instance"):
            settings = {each.get("name"): str(each.get("value")) for each in group.get("parameter") or []}
            forced = settings.get("rds.force_ssl") == "1"
            yield shown(group, kept=forced, good="rds.force_ssl is 1", bad="rds.force_ssl is not 1")
    for cache in configuration.all("aws_elasticache_replication_group"):
        kept = cache.get("transit_encryption_enabled") is True
        yield shown(cache, kept=kept, good="TLS is required", bad="clients may come without TLS")
    for task in configuration.all("aws_ecs_task_definition"):
        mounts = [each.get("efs_volume_configuration") for each in task.get("volume") or []]
        for mount in filter(None, mounts):
            kept = mount.get("transit_encryption") == "ENABLED"
            yield shown(task, kept=kept, good="files are mounted over TLS", bad="files are mounted without TLS")
    yield from _policies_refuse_plain(configuration)


def _policies_refuse_plain(configuration: Configuration) -> Iterator[Finding]:
    for store, policies in (
        ("aws_s3_bucket", "aws_s3_bucket_policy"),
        ("aws_efs_file_system", "aws_efs_file_system_policy"),
    ):
        for each in configuration.all(store):
            statements = [s for policy in configuration.referring(each, policies) for s in policy.statements()]
            kept = any(s.get("Effect") == "Deny" and TLS_ONLY in str(s.get("Condition")) for s in statements)
            yield shown(each, kept=kept, good="refuses requests without TLS", bad="takes requests without TLS")


RULES = (
    Rule(
        name="encrypted-at-rest",
        requirements=("3.5.1",),
        promise="Everything that is stored is encrypted, with keys that this system alone uses.",
        look=_at_rest,
    ),
    Rule(
        name="keys-rotate",
        requirements=("3.6.1", "3.7.4"),
        promise="Keys are replaced at the end of their period.",
        look=_keys,
    ),
    Rule(
        name="tls-from-outside",
        requirements=("4.2.1", "2.2.7"),
        promise="Whoever comes from outside comes over TLS 1.2 or newer.",
        look=_public_ways,
    ),
    Rule(
        name="tls-inside",
        requirements=("4.2.1", "2.2.7"),
        promise="Data moves over TLS between the parts, too.",
        look=_inside,
    ),
)
