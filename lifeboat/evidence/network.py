"""Rules about the network: what can be reached from where."""

from __future__ import annotations

from collections.abc import Iterator

from lifeboat.evidence.configuration import Configuration, Resource
from lifeboat.evidence.rule import Finding, Rule, shown

EVERYWHERE = {"0.0.0.0/0", "::/0"}
WEB_PORTS = {80, 443}
BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
STORES = {
    "aws_db_subnet_group": "subnet_ids",
    "aws_elasticache_subnet_group": "subnet_ids",
    "aws_efs_mount_target": "subnet_id",
}
"""What puts a store into subnets, and the argument that says into which."""


def _open_subnets(configuration: Configuration) -> set[str]:
    """Return the subnets that have a route to or from the internet."""
    tables = set()
    for route in configuration.all("aws_route"):
        if route.get("destination_cidr_block") in EVERYWHERE or route.get("destination_ipv6_cidr_block") in EVERYWHERE:
            tables |= {table.address for table in configuration.resolve(route, "route_table_id", "aws_route_table")}
    found = set()
    for association in configuration.all("aws_route_table_association"):
        reached = {each.address for each in configuration.resolve(association, "route_table_id", "aws_route_table")}
        if reached & tables:
            found |= {each.address for each in configuration.resolve(association, "subnet_id", "aws_subnet")}
    return found


def _stores_are_private(configuration: Configuration) -> Iterator[Finding]:
    opened = _open_subnets(configuration)
    for type_, argument in STORES.items():
        for each in configuration.all(type_):
            subnets = configuration.resolve(each, argument, "aws_subnet")
            kept = bool(subnets) and not {subnet.address for subnet in subnets} & opened
            good = "in subnets without a route to the internet"
            yield shown(each, kept=kept, good=good, bad="in subnets that the internet is routed to, or unknown ones")
    for each in configuration.all("aws_db_instance", "aws_rds_cluster_instance"):
        kept = not each.get("publicly_accessible")
        yield shown(each, kept=kept, good="has no public address", bad="has a public address")
    for bucket in configuration.all("aws_s3_bucket"):
        blocks = configuration.referring(bucket, "aws_s3_bucket_public_access_block")
        kept = any(all(block.get(name) is True for name in BLOCKS) for block in blocks)
        yield shown(bucket, kept=kept, good="cannot be made public", bad="can be made public")


def _segments(configuration: Configuration) -> Iterator[Finding]:
    front = _groups_of_public_load_balancers(configuration)
    for rule in configuration.all("aws_vpc_security_group_ingress_rule"):
        yield _inbound(configuration, rule, front)
    for rule in configuration.all("aws_vpc_security_group_egress_rule"):
        ranges = {rule.get("cidr_ipv4"), rule.get("cidr_ipv6")} - {None}
        kept = not ranges or (rule.get("from_port"), rule.get("to_port")) == (443, 443)
        yield shown(rule, kept=kept, good="out to a named group or over HTTPS", bad="out to addresses on other ports")
    for group in configuration.all("aws_security_group"):
        inline = bool(group.get("ingress") or group.get("egress"))
        yield shown(group, kept=not inline, good="closed but for its rules", bad="has rules of its own inside")
    for vpc in configuration.all("aws_vpc"):
        default = configuration.referring(vpc, "aws_default_security_group")
        closed = any(not (each.get("ingress") or each.get("egress")) for each in default)
        yield shown(
            vpc, kept=closed, good="its default group is closed", bad="its default group lets everything through"
        )


def _groups_of_public_load_balancers(configuration: Configuration) -> set[str]:
    balancers = [each for each in configuration.all("aws_lb") if each.get("internal") is not True]
    return {
        group.address
        for balancer in balancers
        for group in configuration.resolve(balancer, "security_groups", "aws_security_group")
    }


def _inbound(configuration: Configuration, rule: Resource, front: set[str]) -> Finding:
    if rule.get("referenced_security_group_id"):
        kept = rule.get("from_port") == rule.get("to_port") and rule.get("ip_protocol") != "-1"
        return shown(rule, kept=kept, good="one port, from one group", bad="more than one port")
    groups = {each.address for each in configuration.resolve(rule, "security_group_id", "aws_security_group")}
    kept = bool(groups) and groups <= front and {rule.get("from_port"), rule.get("to_port")} <= WEB_PORTS
    return shown(rule, kept=kept, good="from outside to the load balancer", bad="from addresses to something inside")


def _code_is_private(configuration: Configuration) -> Iterator[Finding]:
    opened = _open_to_the_internet(configuration)
    for service in configuration.all("aws_ecs_service"):
        network = service.block("network_configuration")
        kept = network.get("assign_public_ip") is False
        yield shown(service, kept=kept, good="tasks have no public address", bad="tasks have public addresses")
    for function in configuration.all("aws_lambda_function"):
        if function.get("vpc_config"):
            subnets = {each.address for each in configuration.resolve(function, "vpc_config", "aws_subnet")}
            kept = bool(subnets) and not subnets & opened
            yield shown(function, kept=kept, good="runs in private subnets", bad="runs in public subnets")


def _open_to_the_internet(configuration: Configuration) -> set[str]:
    """Return the subnets that the internet reaches: those with a route to an internet gateway."""
    tables = {
        table.address
        for route in configuration.all("aws_route")
        if route.get("gateway_id")
        for table in configuration.resolve(route, "route_table_id", "aws_route_table")
    }
    return {
        subnet.address
        for association in configuration.all("aws_route_table_association")
        if {each.address for each in configuration.resolve(association, "route_table_id", "aws_route_table")} & tables
        for subnet in configuration.resolve(association, "subnet_id", "aws_subnet")
    }


def _firewalls(configuration: Configuration) -> Iterator[Finding]:
    for way in configuration.all("aws_lb", "aws_api_gateway_stage"):
        if way.type == "aws_lb" and way.get("internal") is True:
            continue
        kept = bool(configuration.referring(way, "aws_wafv2_web_acl_association"))
        yield shown(
            way, kept=kept, good="behind a web application firewall", bad="no web application firewall before it"
        )
    for each in configuration.all("aws_cloudfront_distribution"):
        kept = bool(each.get("web_acl_id"))
        yield shown(
            each, kept=kept, good="behind a web application firewall", bad="no web application firewall before it"
        )
    for acl in configuration.all("aws_wafv2_web_acl"):
        logged = bool(configuration.referring(acl, "aws_wafv2_web_acl_logging_configuration"))
        yield shown(acl, kept=logged, good="logs every request", bad="logs nothing")
        managed = "managed_rule_group_statement" in str(acl.get("rule"))
        yield shown(acl, kept=managed, good="has rules that AWS keeps current", bad="has no managed rules")


RULES = (
    Rule(
        name="no-public-store",
        requirements=("1.4.4", "1.3.1"),
        promise="No store can be reached from the internet.",
        look=_stores_are_private,
    ),
    Rule(
        name="segmented",
        requirements=("1.2.5", "1.3.1", "1.3.2"),
        promise="Each part is reached by the parts that need it, on the one port that they need.",
        look=_segments,
    ),
    Rule(
        name="private-code",
        requirements=("1.4.1", "1.4.2"),
        promise="Code runs where nobody outside can reach it but through the way in.",
        look=_code_is_private,
    ),
    Rule(
        name="firewall",
        requirements=("6.4.2",),
        promise="A web application firewall is before every public way in, and its decisions are logged.",
        look=_firewalls,
    ),
)
