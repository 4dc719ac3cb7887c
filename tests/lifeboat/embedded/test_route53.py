"""Route 53: what moto does not do."""

from __future__ import annotations

import pytest

from tests.lifeboat.embedded.aws import Aws, Check, promises
from tests.lifeboat.embedded.functions import function

HEALTHY = "def handler(event, context): return {'statusCode': 200 if event['path'] == '/health' else 404}"


def zone(aws: Aws, **options: object) -> tuple[str, str]:
    name = f"{aws.name('shop')}.example.com"
    made = aws("route53").create_hosted_zone(Name=name, CallerReference=name, **options)
    return str(made["HostedZone"]["Id"]), name


def change(aws: Aws, zone_id: str, action: str, *records: dict[str, object]) -> None:
    changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
    aws("route53").change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})


def check(aws: Aws, **config: object) -> str:
    made = aws("route53").create_health_check(CallerReference=aws.name("check"), HealthCheckConfig=config)
    return str(made["HealthCheck"]["Id"])


def status(aws: Aws, identifier: str) -> str:
    observed = aws("route53").get_health_check_status(HealthCheckId=identifier)["HealthCheckObservations"]
    return str(observed[0]["StatusReport"]["Status"])


def load_balancer(aws: Aws, source: str, region: str = "us-west-2") -> tuple[str, str]:
    """Return the DNS name and zone of a balancer that forwards port 443 to a function."""
    ec2, elb, client = aws("ec2", region), aws("elbv2", region), aws("lambda", region)
    network = ec2.create_vpc(CidrBlock="10.70.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=network, CidrBlock=f"10.70.{i}.0/24", AvailabilityZone=region + z)["Subnet"]
        for i, z in enumerate("ab")
    ]  # fmt: skip
    name = aws.name("lb")
    balancer = elb.create_load_balancer(Name=name, Subnets=[subnet["SubnetId"] for subnet in subnets])["LoadBalancers"][
        0
    ]
    group = elb.create_target_group(Name=name, TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    target = client.get_function(FunctionName=function(aws, source, region=region))["Configuration"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": target["FunctionArn"]}])
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=443, Protocol="HTTP", DefaultActions=forward)
    return str(balancer["DNSName"]), str(balancer["CanonicalHostedZoneId"])


def endpoint(aws: Aws, source: str, path: str = "/health", **more: object) -> str:
    """Return a health check on a name that leads to a function behind a load balancer."""
    (zone_id, name), (dns, dns_zone) = zone(aws), load_balancer(aws, source)
    target = {"DNSName": dns, "HostedZoneId": dns_zone, "EvaluateTargetHealth": True}
    change(aws, zone_id, "CREATE", {"Name": name, "Type": "A", "AliasTarget": target})
    return check(aws, **{"Type": "HTTPS", "FullyQualifiedDomainName": name, "Port": 443, "ResourcePath": path, **more})


def check_alarm_checks(aws: Aws) -> None:
    alarm = {"Region": "us-west-2", "Name": "shop-errors"}
    made = check(
        aws, Type="CLOUDWATCH_METRIC", AlarmIdentifier=alarm, InsufficientDataHealthStatus="Unhealthy", Inverted=True
    )  # fmt: skip
    config = aws("route53").get_health_check(HealthCheckId=made)["HealthCheck"]["HealthCheckConfig"]
    assert config == {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": alarm,
        "InsufficientDataHealthStatus": "Unhealthy",
        "Inverted": True,
        "Disabled": False,
    }


def check_health_status(aws: Aws) -> None:
    assert status(aws, endpoint(aws, HEALTHY)) == "Success: HTTP Status Code 200, OK"
    assert status(aws, endpoint(aws, HEALTHY, "/other")) == "Failure: HTTP Status Code 404, Not Found"
    broken = "def handler(event, context): raise ValueError"
    assert status(aws, endpoint(aws, broken)) == "Failure: HTTP Status Code 502, Bad Gateway"


def test_an_answer_is_searched_for_a_string_at_its_beginning(embedded_aws: Aws) -> None:
    aws = embedded_aws
    searched = {"SearchString": "all is well", "Type": "HTTPS_STR_MATCH"}
    says = "def handler(event, context): return {'statusCode': 200, 'body': '%sall is well'}"
    assert status(aws, endpoint(aws, says % "", **searched)).startswith("Success: HTTP Status Code 200, OK, with")
    assert status(aws, endpoint(aws, says % ("." * 5120), **searched)).startswith("Failure"), "too far behind"
    inverted = endpoint(aws, HEALTHY, **searched, Inverted=True)
    assert status(aws, inverted).startswith("Success: HTTP Status Code 200, OK, without")
    assert status(aws, endpoint(aws, HEALTHY, "/other", **searched, Inverted=True)).startswith("Success")


def check_private_zone(aws: Aws) -> None:
    network = aws("ec2").create_vpc(CidrBlock="10.71.0.0/16")["Vpc"]["VpcId"]
    zone_id, _ = zone(aws, VPC={"VPCRegion": "us-east-1", "VPCId": network})
    found = aws("route53").get_hosted_zone(Id=zone_id)
    assert found["HostedZone"]["Config"]["PrivateZone"] is True
    assert found["VPCs"] == [{"VPCRegion": "us-east-1", "VPCId": network}]


def check_delete_one(aws: Aws) -> None:
    zone_id, name = zone(aws)
    records: list[dict[str, object]] = [
        {
            "Name": f"{host}.{name}",
            "Type": "CNAME",
            "TTL": 30,
            "SetIdentifier": "primary",
            "Weight": 1,
            "ResourceRecords": [{"Value": "x.example.com"}],
        }
        for host in ("api", "www")
    ]
    change(aws, zone_id, "CREATE", *records)
    change(aws, zone_id, "DELETE", records[0])
    found = aws("route53").list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    assert [record["Name"] for record in found if record["Type"] == "CNAME"] == [f"www.{name}."]


def check_query_log_arn(aws: Aws) -> None:
    group, (zone_id, _) = aws.name("/aws/route53/shop"), zone(aws)
    aws("logs").create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    made = aws("route53").create_query_logging_config(
        HostedZoneId=zone_id.split("/")[-1], CloudWatchLogsLogGroupArn=arn
    )
    assert made["QueryLoggingConfig"]["CloudWatchLogsLogGroupArn"] == arn


def test_a_dark_region_fails_its_health_checks(embedded_aws: Aws) -> None:
    made = endpoint(embedded_aws, HEALTHY)
    embedded_aws.admin("PUT", "dark/us-west-2")
    try:
        assert status(embedded_aws, made).startswith("Failure: Connection timed out")
    finally:
        embedded_aws.admin("DELETE", "dark/us-west-2")
    assert status(embedded_aws, made).startswith("Success")


@pytest.mark.parametrize(("threshold", "verdict"), [(1, "Success"), (2, "Failure")])
def test_a_calculated_check_counts_its_healthy_children(embedded_aws: Aws, threshold: int, verdict: str) -> None:
    children = []
    for state in ("OK", "ALARM"):
        name = embedded_aws.name("alarm")
        cloudwatch = embedded_aws("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=name, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=1,
            Namespace="n", MetricName="m", Period=60, Statistic="Sum",
        )  # fmt: skip
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="drill")
        alarm = {"Region": "us-east-1", "Name": name}
        children.append(check(embedded_aws, Type="CLOUDWATCH_METRIC", AlarmIdentifier=alarm))
    made = check(embedded_aws, Type="CALCULATED", ChildHealthChecks=children, HealthThreshold=threshold)
    assert status(embedded_aws, made) == f"{verdict}: 1 of 2 health checks are healthy"


CHECKS: dict[str, Check] = {
    "route53.alarm_checks": check_alarm_checks,
    "route53.health_status": check_health_status,
    "route53.private_zone": check_private_zone,
    "route53.delete_one": check_delete_one,
    "route53.query_log_arn": check_query_log_arn,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
