"""Encryption, TLS, logging and protection against public access that a change weakens."""

from __future__ import annotations

from lifeboat.report.model import Severity
from lifeboat.review.rules.rule import Rule
from lifeboat.review.rules.settings import Setting, finder, gone, left, off, off_unless_absent, older_tls, on

ENCRYPTION = (
    Setting(
        types=r"aws_(rds_cluster|rds_global_cluster|db_instance|neptune_cluster|docdb_cluster)",
        argument=r"storage_encrypted",
        check=off,
        title="the database is no longer encrypted at rest",
    ),
    Setting(
        types=r"aws_(efs_file_system|ebs_volume|redshift_cluster)",
        argument=r"encrypted",
        check=off,
        title="it is no longer encrypted at rest",
    ),
    Setting(
        types=r"aws_elasticache_replication_group",
        argument=r"at_rest_encryption_enabled",
        check=off,
        title="the cache is no longer encrypted at rest",
    ),
    Setting(
        types=r"aws_dynamodb_table",
        argument=r"server_side_encryption\.enabled",
        check=off,
        title="the table is no longer encrypted with a key of its own",
    ),
    Setting(
        types=r"aws_s3_bucket_server_side_encryption_configuration",
        argument=r"rule\.apply_server_side_encryption_by_default\.sse_algorithm",
        check=left(r"aws:kms(:dsse)?"),
        title="objects are no longer encrypted with a KMS key",
    ),
    Setting(
        types=r"aws_.*",
        argument=r"(.*\.)?kms_(master_)?key_(id|arn)",
        check=gone,
        title="the customer's KMS key is no longer used, so its key policy no longer decides who reads",
    ),
    Setting(types=r"aws_kms_key", argument=r"enable_key_rotation", check=off, title="the key no longer rotates"),
    Setting(
        types=r"aws_ecs_task_definition",
        argument=r"volume\.efs_volume_configuration\.transit_encryption",
        check=left("ENABLED"),
        title="the file system is mounted without encryption in transit",
    ),
    Setting(
        types=r"aws_elasticache_replication_group",
        argument=r"transit_encryption_enabled",
        check=off,
        title="the cache is reached without encryption in transit",
    ),
    Setting(types=r"aws_lb_listener", argument=r"protocol", check=left("HTTPS|TLS"), title="the listener drops TLS"),
    Setting(
        types=r"aws_lb_listener|aws_api_gateway_domain_name|aws_apigatewayv2_domain_name|aws_cloudfront_distribution",
        argument=r"(.*\.)?(ssl_policy|security_policy|minimum_protocol_version)",
        check=older_tls,
        title="older versions of TLS are accepted",
    ),
    Setting(
        types=r"aws_cloudfront_distribution",
        argument=r".*viewer_protocol_policy",
        check=left("https-only|redirect-to-https"),
        title="viewers may use plain HTTP",
    ),
    Setting(
        types=r"aws_cloudfront_distribution",
        argument=r".*origin_protocol_policy",
        check=left("https-only"),
        title="the origin may be reached by plain HTTP",
    ),
    Setting(
        types=r"aws_(rds_cluster|db)_parameter_group",
        argument=r"parameter\.value",
        check=lambda each: '["rds.force_ssl"]' in each.path and each.before in {"1", 1} and each.after not in {"1", 1},
        title="connections without TLS are accepted by the database",
    ),
)

LOGGING = (
    Setting(
        types=r"aws_cloudtrail", argument=r"enable_log.*", check=off_unless_absent, title="the trail stops recording"
    ),
    Setting(types=r"aws_lb", argument=r"access_logs\.enabled", check=off, title="requests are no longer logged"),
    Setting(
        types=r"aws_(rds_cluster|db_instance)",
        argument=r"enabled_cloudwatch_logs_exports",
        check=gone,
        title="a log of the database is no longer kept outside of it",
    ),
    Setting(
        types=r"aws_flow_log", argument=r"traffic_type", check=left("ALL"), title="part of the traffic is not recorded"
    ),
    Setting(
        types=r"aws_(api_gateway|apigatewayv2)_stage",
        argument=r"access_log_settings\.destination_arn",
        check=gone,
        title="requests are no longer logged",
    ),
    Setting(
        types=r"aws_cloudfront_distribution",
        argument=r"logging_config\.bucket",
        check=gone,
        title="requests are no longer logged",
    ),
)

PUBLIC = (
    Setting(
        types=r"aws_s3_(bucket|account)_public_access_block",
        argument=r"block_public_acls|block_public_policy|ignore_public_acls|restrict_public_buckets",
        check=off,
        title="the bucket may be made public",
    ),
    Setting(
        types=r"aws_(rds_cluster_instance|db_instance|redshift_cluster)",
        argument=r"publicly_accessible",
        check=on,
        title="the database gets a public address",
        also_new=True,
    ),
    Setting(
        types=r"aws_subnet",
        argument=r"map_public_ip_on_launch",
        check=on,
        title="everything in the subnet gets a public address",
    ),
    Setting(types=r"aws_lb", argument=r"internal", check=off, title="the load balancer faces the internet"),
    Setting(
        types=r"aws_ecs_service",
        argument=r"network_configuration\.assign_public_ip",
        check=on,
        title="tasks get public addresses",
    ),
    Setting(
        types=r"aws_lambda_function_url",
        argument=r"authorization_type",
        check=lambda each: each.after == "NONE" and each.before != "NONE",
        title="the function can be called by everybody",
        also_new=True,
    ),
    Setting(
        types=r"aws_api_gateway_method|aws_apigatewayv2_route",
        argument=r"authorization(_type)?",
        check=lambda each: each.after == "NONE" and each.before != "NONE",
        title="the route can be called without authorization",
    ),
)

RULES = (
    Rule(
        id="encryption-weakened",
        severity=Severity.HIGH,
        advice="Keep it as it was, or say in the pull request who accepted the risk",
        find=finder(*ENCRYPTION),
    ),
    Rule(
        id="logging-weakened",
        severity=Severity.HIGH,
        advice="Keep the log: after an incident it is the only witness",
        find=finder(*LOGGING),
    ),
    Rule(
        id="public-access",
        severity=Severity.GUARDED,
        advice="Keep it private; what must be public belongs behind CloudFront or a load balancer of its own",
        find=finder(*PUBLIC),
    ),
)
