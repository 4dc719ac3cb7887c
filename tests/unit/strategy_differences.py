"""What `docs/strategies.md` says, written out: the addresses that a standby region has, row by row of the table.

An address here is `type path-of-the-construct`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployments.load import FOLDER
from tests.unit.synthesized import Resource, Stack

PRIMARY, STANDBY = "us-east-1", "us-west-2"
"""The regions of the real files."""

Differences = dict[str, set[str]]
"""Addresses that appear and vanish."""

ENTRY = {
    "ecommerce": {
        "aws_lambda_permission service/load-balancer",
        "aws_route53_record load-balancer/own-name",
        *(f"aws_cloudwatch_metric_alarm load-balancer/alarm-{name}" for name in (
            "application-5xx", "load-balancer-5xx", "load-balancer-rejected"
        )),
        "aws_lb load-balancer/load-balancer",
        "aws_lb_listener load-balancer/http",
        "aws_lb_listener load-balancer/https",
        "aws_lb_target_group load-balancer/target-group",
        "aws_lb_target_group_attachment load-balancer/target",
        "aws_security_group load-balancer/security-group/group",
        "aws_vpc_security_group_ingress_rule load-balancer/security-group/from-internet-443",
        "aws_vpc_security_group_ingress_rule load-balancer/security-group/from-internet-80",
    },
    "multi_region": {
        "aws_lambda_permission service/api",
        "aws_route53_record api/own-name",
        "aws_api_gateway_base_path_mapping api/mapping-own",
        "aws_api_gateway_base_path_mapping api/mapping-shared",
        "aws_api_gateway_deployment api/deployment",
        "aws_api_gateway_domain_name api/domain-own",
        "aws_api_gateway_domain_name api/domain-shared",
        "aws_api_gateway_method_settings api/settings",
        "aws_api_gateway_rest_api api/api",
        "aws_api_gateway_stage api/stage",
        "aws_cloudwatch_log_group api/access-logs",
        "aws_cloudwatch_metric_alarm api/alarm-api-5xx",
        "aws_cloudwatch_metric_alarm api/alarm-api-latency",
    },
}  # fmt: skip
"""The way in, which is all that the two systems do not share."""

APPLICATION = {
    "aws_acm_certificate certificate/certificate",
    "aws_acm_certificate_validation certificate/validation",
    "aws_route53_record certificate/proof-own",
    "aws_route53_record certificate/proof-shared",
    "data.aws_route53_zone zone/zone",
    "aws_cloudwatch_log_group service/log-group",
    *(f"aws_cloudwatch_metric_alarm service/alarm-function-{name}" for name in (
        "dead-letters", "duration", "errors", "throttles"
    )),
    "aws_iam_role service/role/role",
    *(f"aws_iam_role_policy service/role/{name}" for name in (
        "read-credentials", "read-parameters", "send-dead-letters", "use-assets", "use-key", "use-table-orders",
        "write-logs",
    )),
    "aws_iam_role_policy_attachment service/role/trace",
    "aws_iam_role_policy_attachment service/role/vpc",
    "aws_lambda_function service/function",
    "aws_security_group service/security-group/group",
    *(f"aws_vpc_security_group_egress_rule service/security-group/to-{name}" for name in (
        "database", "dynamodb", "endpoints", "s3"
    )),
    "aws_sqs_queue service/dead-letters",
}  # fmt: skip
"""Row "Standby application"."""

ENDPOINTS = {
    "aws_vpc_endpoint endpoints/secretsmanager",
    "aws_vpc_endpoint endpoints/ssm",
    "aws_vpc_security_group_ingress_rule endpoints/security-group/from-orders",
}
"""Row "Interface endpoints, NAT in the standby"."""

DATABASE = {
    "aws_cloudwatch_log_group database/log-group",
    *(f"aws_cloudwatch_metric_alarm database/alarm-database-{name}" for name in (
        "cpu", "memory", "replication-lag", "rpo-lag"
    )),
    "aws_db_parameter_group database/instance-parameters",
    "aws_db_subnet_group database/subnet-group",
    "aws_iam_role database/monitoring/role",
    "aws_iam_role_policy_attachment database/monitoring/publish",
    "aws_rds_cluster database/cluster",
    "aws_rds_cluster_parameter_group database/parameters",
    "aws_security_group database/security-group/group",
    "aws_vpc_security_group_ingress_rule database/security-group/from-orders",
    "aws_ssm_parameter parameters/database-endpoint",
    "aws_ssm_parameter parameters/database-reader-endpoint",
}  # fmt: skip
"""Row "Standby database": the cluster, before any instance."""

SERVERLESS = {"aws_cloudwatch_metric_alarm database/alarm-database-capacity"}
"""Only Serverless v2 has a ceiling to be warned of."""

BUCKET = {
    "aws_s3_bucket bucket-assets/bucket",
    *(f"aws_s3_bucket_{type_} bucket-assets/{name}" for type_, name in (
        ("lifecycle_configuration", "lifecycle"),
        ("logging", "access-logs"),
        ("notification", "notification"),
        ("ownership_controls", "ownership"),
        ("policy", "policy"),
        ("public_access_block", "public-access"),
        ("server_side_encryption_configuration", "encryption"),
        ("versioning", "versioning"),
    )),
    "aws_ssm_parameter parameters/bucket-assets",
}  # fmt: skip
"""Row "Buckets", in the standby."""

BACKUP = {
    "aws_backup_selection backup/selection",
    "aws_cloudwatch_metric_alarm backup/alarm-backup-overdue",
}
"""Row "Backups": where there is data, it is backed up from there, too."""

FAILOVER = {
    *(f"aws_cloudwatch_event_{type_} failover/{name}" for type_, name in (
        ("bus", "bus"), ("rule", "own"), ("rule", "peer-0"), ("target", "own-target"), ("target", "peer-0-target")
    )),
    *(f"aws_cloudwatch_log_group failover/{name}-log-group" for name in ("machine", "relay")),
    *(f"aws_cloudwatch_metric_alarm failover/alarm-failover-{name}" for name in ("failed", "relay", "timed-out")),
    *(f"aws_iam_role failover/{name}/role" for name in ("failover-relay-role", "failover-role", "messenger")),
    *(f"aws_iam_role_policy failover/failover-role/{name}" for name in (
        "deliver-logs", "move-parameters", "promote-database", "scale-function", "see-executions", "send-messages",
        "tell-people", "use-key",
    )),
    *(f"aws_iam_role_policy failover/failover-relay-role/{name}" for name in (
        "deliver-logs", "hand-over", "move-parameters", "pass-answers", "send-messages", "use-key",
    )),
    *(f"aws_iam_role_policy failover/messenger/{name}" for name in ("send-messages", "start-relay")),
    *(f"aws_iam_role_policy_attachment failover/{name}/trace" for name in ("failover-relay-role", "failover-role")),
    *(f"aws_sfn_state_machine failover/{name}" for name in ("machine", "relay")),
    "aws_ssm_parameter parameters/failover-epoch",
}  # fmt: skip
"""Row "Failover": in every region, the primary included."""

FIRST_INSTANCE = {"aws_iam_role_policy failover/failover-role/add-instance"}
"""Only where a standby may have no instance."""

REPLICATION = {
    f"{type_} bucket-assets-{source}/{name}"
    for source in (PRIMARY, STANDBY)
    for type_, name in (
        ("aws_cloudwatch_metric_alarm", "alarm-bucket-assets-failed"),
        ("aws_cloudwatch_metric_alarm", "alarm-bucket-assets-lag"),
        ("aws_iam_role", "role/role"),
        ("aws_iam_role_policy", "role/read-source"),
        ("aws_iam_role_policy", "role/write-replicas"),
        ("aws_s3_bucket_replication_configuration", "rules"),
    )
}
"""Row "Buckets": both ways."""

JOINED = {
    f"aws_cloudwatch_metric_alarm table-orders/{PRIMARY}/alarm-table-orders-lag",
    f"aws_cloudwatch_metric_alarm table-orders/{STANDBY}/alarm-table-orders-lag",
    f"aws_cloudwatch_metric_alarm table-orders/{STANDBY}/alarm-table-orders-errors",
    f"aws_ssm_parameter parameters-{PRIMARY}/database-writer-endpoint",
    f"aws_ssm_parameter parameters-{STANDBY}/database-writer-endpoint",
    f"aws_cloudwatch_metric_alarm records/alarm-health-{STANDBY}",
    f"aws_route53_health_check records/health-{STANDBY}",
    f"aws_route53_record records/record-{PRIMARY}",
    f"aws_route53_record records/record-{STANDBY}",
}
"""Rows "Tables", "Standby database" and "Records", in the global stack."""


UNAWARE = {"aws_ssm_parameter parameters/failover-unaware"}
LED_PAST = {
    f"aws_route53_health_check records/aware-{STANDBY}",
    f"aws_route53_health_check records/leads-{PRIMARY}",
}
"""Row "Writes", where one region at a time takes them: whom it replaced, and who is led past that region."""

LAG = {
    "aws_cloudwatch_metric_alarm database/alarm-database-replication-lag",
    "aws_cloudwatch_metric_alarm database/alarm-database-rpo-lag",
}
"""What is watched only where somebody follows the writer."""


def restored_to_replicated(system: str, strategy: str) -> dict[str, Differences]:
    """From backup-restore to another strategy: what is there at all."""
    unaware, led_past = (set(), set()) if strategy == "active-active" else (UNAWARE, LED_PAST)
    serverless = SERVERLESS if system == "ecommerce" else set()
    standby = FAILOVER | APPLICATION | ENTRY[system] | ENDPOINTS | DATABASE | LAG | serverless | BUCKET | BACKUP
    standby |= {"aws_ssm_parameter parameters/table-orders"} | unaware
    primary = {"aws_rds_global_cluster global-database/cluster"} | LAG | FAILOVER | unaware
    return {
        PRIMARY: {"appears": primary, "vanishes": set()},
        STANDBY: {"appears": standby, "vanishes": set()},
        "global": {
            "appears": REPLICATION | JOINED | led_past,
            "vanishes": {"aws_route53_record records/record-only"},
        },
    }


MACHINES = tuple(f"aws_sfn_state_machine failover/{name} " for name in ("machine", "relay"))


def without_machines(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the failover's machines, which a strategy changes in their steps."""
    return {key: value for key, value in found.items() if not key.startswith(MACHINES)}


def without_succession(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the machines, and what else knows whom a region replaced: the role that writes it, who is told it."""
    rest = without_machines(found)
    for role in ("failover-role", "failover-relay-role"):
        before, after = rest.pop(f"aws_iam_role_policy failover/{role}/move-parameters policy")
        assert ("failover/unaware" in before, "failover/unaware" in after) == (True, False)
    before, after = rest.pop("aws_lambda_function service/function environment")
    assert before["variables"].keys() - after["variables"].keys() == {"UNAWARE_REGION_PARAMETER"}
    return rest


def table_of_the_docs() -> dict[str, dict[str, str]]:
    """Read the table: what it says by row and strategy."""
    text = (FOLDER.parent / "docs" / "strategies.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    (_, *strategies), _, *body = rows
    return {row[0]: dict(zip(strategies, row[1:], strict=True)) for row in body}


def interfaces(stack: Stack) -> set[str]:
    return {each.path for each in stack.all("aws_vpc_endpoint") if each["vpc_endpoint_type"] == "Interface"}


def strangers(stack: Stack) -> list[Resource]:
    """Return everything but the failover, which closes all other regions and so knows them."""
    return [resource for resource in stack.resources if not resource.path.startswith("failover/")]
