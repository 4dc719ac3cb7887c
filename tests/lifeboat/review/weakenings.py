"""Weakenings, one per row: the rule that must tell it, the type, and its arguments before and after."""

from __future__ import annotations

from typing import Any

Json = Any

WEAKENINGS: list[tuple[str, str, Json, Json]] = [
    ("deletion-protection-lowered", "aws_rds_cluster", {"deletion_protection": True}, {"deletion_protection": False}),
    ("deletion-protection-lowered", "aws_lb", {"enable_deletion_protection": True}, {}),
    ("deletion-protection-lowered", "aws_dynamodb_table", {"deletion_protection_enabled": "true"}, {}),
    ("deletion-protection-lowered", "aws_s3_bucket", {"lifecycle": {"prevent_destroy": True}}, {}),
    ("deletion-protection-lowered", "aws_rds_cluster", {"skip_final_snapshot": False}, {"skip_final_snapshot": True}),
    ("deletion-protection-lowered", "aws_s3_bucket", {}, {"force_destroy": True}),
    ("deletion-protection-lowered", "aws_kms_key", {"deletion_window_in_days": 30}, {"deletion_window_in_days": 7}),
    ("retention-lowered", "aws_rds_cluster", {"backup_retention_period": 35}, {"backup_retention_period": 7}),
    ("retention-lowered", "aws_cloudwatch_log_group", {"retention_in_days": 90}, {"retention_in_days": 30}),
    ("retention-lowered", "aws_cloudwatch_log_group", {}, {"retention_in_days": 30}),
    ("retention-lowered", "aws_dynamodb_table", {"point_in_time_recovery": [{"enabled": True}]}, {}),
    (
        "retention-lowered",
        "aws_dynamodb_table",
        {"replica": [{"region_name": "us-west-2", "point_in_time_recovery": True}]},
        {"replica": [{"region_name": "us-west-2", "point_in_time_recovery": False}]},
    ),
    (
        "retention-lowered",
        "aws_s3_bucket_versioning",
        {"versioning_configuration": {"status": "Enabled"}},
        {"versioning_configuration": {"status": "Suspended"}},
    ),
    (
        "retention-lowered",
        "aws_backup_plan",
        {"rule": [{"rule_name": "daily", "copy_action": [{"destination_vault_arn": "arn:aws:vault"}]}]},
        {"rule": [{"rule_name": "daily"}]},
    ),
    (
        "retention-lowered",
        "aws_backup_vault_lock_configuration",
        {"min_retention_days": 35},
        {"min_retention_days": 7},
    ),
    ("retention-lowered", "aws_backup_selection", {"resources": ["a", "b"]}, {"resources": ["a"]}),
    ("standby-weakened", "aws_dynamodb_table", {"replica": [{"region_name": "us-west-2"}]}, {}),
    ("standby-weakened", "aws_rds_cluster", {"global_cluster_identifier": "shop"}, {}),
    ("standby-weakened", "aws_secretsmanager_secret", {"replica": [{"region": "us-west-2"}]}, {"replica": []}),
    ("standby-weakened", "aws_route53_record", {"health_check_id": "${aws_route53_health_check.a.id}"}, {}),
    ("standby-weakened", "aws_route53_health_check", {"failure_threshold": 3}, {"failure_threshold": 10}),
    ("standby-weakened", "aws_db_instance", {"multi_az": True}, {"multi_az": False}),
    ("standby-weakened", "aws_lambda_function", {"reserved_concurrent_executions": 50}, {}),
    ("encryption-weakened", "aws_rds_cluster", {"storage_encrypted": True}, {}),
    ("encryption-weakened", "aws_sns_topic", {"kms_master_key_id": "${aws_kms_key.key.id}"}, {}),
    ("encryption-weakened", "aws_kms_key", {"enable_key_rotation": True}, {"enable_key_rotation": False}),
    (
        "encryption-weakened",
        "aws_s3_bucket_server_side_encryption_configuration",
        {"rule": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"}}]},
        {"rule": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]},
    ),
    ("encryption-weakened", "aws_lb_listener", {"protocol": "HTTPS"}, {"protocol": "HTTP"}),
    (
        "encryption-weakened",
        "aws_lb_listener",
        {"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
        {"ssl_policy": "ELBSecurityPolicy-2016-08"},
    ),
    (
        "encryption-weakened",
        "aws_cloudfront_distribution",
        {"viewer_certificate": {"minimum_protocol_version": "TLSv1.2_2021"}},
        {"viewer_certificate": {"minimum_protocol_version": "TLSv1.1_2016"}},
    ),
    (
        "encryption-weakened",
        "aws_rds_cluster_parameter_group",
        {"parameter": [{"name": "rds.force_ssl", "value": "1"}]},
        {"parameter": [{"name": "rds.force_ssl", "value": "0"}]},
    ),
    ("encryption-weakened", "aws_elasticache_replication_group", {"transit_encryption_enabled": True}, {}),
    ("logging-weakened", "aws_lb", {"access_logs": {"enabled": True}}, {"access_logs": {"enabled": False}}),
    (
        "logging-weakened",
        "aws_rds_cluster",
        {"enabled_cloudwatch_logs_exports": ["postgresql"]},
        {"enabled_cloudwatch_logs_exports": []},
    ),
    ("logging-weakened", "aws_cloudtrail", {}, {"enable_logging": False}),
    ("public-access", "aws_s3_bucket_public_access_block", {"block_public_policy": True}, {}),
    ("public-access", "aws_rds_cluster_instance", {"publicly_accessible": False}, {"publicly_accessible": True}),
    ("public-access", "aws_lb", {"internal": True}, {"internal": False}),
    ("public-access", "aws_api_gateway_method", {"authorization": "AWS_IAM"}, {"authorization": "NONE"}),
    (
        "network-opened",
        "aws_vpc_security_group_ingress_rule",
        {"cidr_ipv4": "10.0.0.0/16", "ip_protocol": "tcp", "from_port": 5432, "to_port": 5432},
        {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 5432, "to_port": 5432},
    ),
    (
        "network-opened",
        "aws_vpc_security_group_ingress_rule",
        {"cidr_ipv4": "10.0.0.0/16", "ip_protocol": "-1"},
        {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "-1"},
    ),
    (
        "network-opened",
        "aws_security_group",
        {"ingress": []},
        {"ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "ipv6_cidr_blocks": ["::/0"]}]},
    ),
    (
        "network-opened",
        "aws_vpc_security_group_ingress_rule",
        {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 443, "to_port": 443},
        {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1"},
    ),
    (
        "invocation-opened",
        "aws_lambda_permission",
        {"principal": "s3.amazonaws.com", "source_arn": "arn"},
        {"principal": "s3.amazonaws.com"},
    ),
    (
        "alarm-loosened",
        "aws_cloudwatch_metric_alarm",
        {"comparison_operator": "GreaterThanThreshold", "threshold": 60},
        {"comparison_operator": "GreaterThanThreshold", "threshold": 600},
    ),
    (
        "alarm-loosened",
        "aws_cloudwatch_metric_alarm",
        {"comparison_operator": "LessThanThreshold", "threshold": 10},
        {"comparison_operator": "LessThanThreshold", "threshold": 1},
    ),
    ("alarm-loosened", "aws_cloudwatch_metric_alarm", {"evaluation_periods": 3}, {"evaluation_periods": 10}),
    (
        "alarm-loosened",
        "aws_cloudwatch_metric_alarm",
        {"treat_missing_data": "breaching"},
        {"treat_missing_data": "notBreaching"},
    ),
    (
        "alarm-silenced",
        "aws_cloudwatch_metric_alarm",
        {"alarm_actions": ["${aws_sns_topic.a.arn}"]},
        {"alarm_actions": []},
    ),
    ("alarm-silenced", "aws_cloudwatch_metric_alarm", {}, {"actions_enabled": False}),
    (
        "objective-not-enforced",
        "aws_rds_cluster_parameter_group",
        {"parameter": [{"name": "rds.global_db_rpo", "value": "60"}]},
        {"parameter": [{"name": "rds.global_db_rpo", "value": "600"}]},
    ),
]

REMOVED: list[tuple[str, str, Json]] = [
    ("alarm-lost", "aws_cloudwatch_metric_alarm", {"alarm_name": "lag"}),
    ("alarm-lost", "aws_sns_topic_subscription", {"protocol": "email", "endpoint": "oncall@example.com"}),
    ("protection-removed", "aws_s3_bucket_public_access_block", {"bucket": "${aws_s3_bucket.kept.bucket}"}),
    ("protection-removed", "aws_backup_vault_lock_configuration", {"backup_vault_name": "vault"}),
    ("protection-removed", "aws_flow_log", {"vpc_id": "${aws_vpc.kept.id}"}),
    ("data-loss", "aws_s3_bucket", {"bucket": "media"}),
    ("data-loss", "aws_rds_cluster", {"cluster_identifier": "shop"}),
]
"""Rule, type and arguments of what must not go unnoticed."""
