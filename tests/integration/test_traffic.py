"""The way in: load balancers in every region, and records that move clients by health checks."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import pytest

from tests.integration.system import ALL_REGIONS, Region, System, region_of

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ListenerTypeDef
    from mypy_boto3_route53.type_defs import HealthCheckConfigOutputTypeDef, ResourceRecordSetOutputTypeDef

ADDRESSES = frozenset({"A", "AAAA"})

TLS_POLICY = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-(Res-)?(PQ-)?20\d\d-\d\d")
"""Policies that speak TLS 1.2 or newer with strong ciphers only."""


def listener(region: Region, port: int) -> ListenerTypeDef:
    listeners = region.aws.elb.describe_listeners(LoadBalancerArn=region.text("load_balancer_arn"))["Listeners"]
    assert sorted(found["Port"] for found in listeners) == [80, 443]
    return next(found for found in listeners if found["Port"] == port)


def records(system: System, name: str, types: AbstractSet[str] = ADDRESSES) -> list[ResourceRecordSetOutputTypeDef]:
    """Return a name's records of some types, at least one."""
    zone = system.shared.text("hosted_zone_id")
    pages = system.primary.aws.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    found = [
        record
        for page in pages
        for record in page["ResourceRecordSets"]
        if record["Name"].rstrip(".") == name and record["Type"] in types
    ]
    assert found, f"{name} has no record of type {' or '.join(sorted(types))}"
    return found


def alias(record: ResourceRecordSetOutputTypeDef) -> str:
    """Return where a record leads to, spelled as load balancers spell their names."""
    return record["AliasTarget"]["DNSName"].rstrip(".").removeprefix("dualstack.").lower()


def health_check(system: System, region: Region) -> HealthCheckConfigOutputTypeDef:
    region.text("regional_hostname")  # or nothing is served here that could be checked
    return described(system, str(system.shared.by_region("health_check_ids")[region.name]))


def described(system: System, id_: str) -> HealthCheckConfigOutputTypeDef:
    return system.primary.aws.route53.get_health_check(HealthCheckId=id_)["HealthCheck"]["HealthCheckConfig"]


def asked(system: System, record: ResourceRecordSetOutputTypeDef) -> list[str]:
    """Return the checks that must all be healthy for a record, the region's own one first."""
    config = described(system, record["HealthCheckId"])
    if config["Type"] != "CALCULATED":
        return [record["HealthCheckId"]]
    assert config["HealthThreshold"] == len(config["ChildHealthChecks"])
    own = {str(each) for each in system.shared.by_region("health_check_ids").values()}
    return sorted(config["ChildHealthChecks"], key=lambda child: child not in own)


def test_the_load_balancer_is_public_active_and_in_every_public_subnet(region: Region) -> None:
    (balancer,) = region.aws.elb.describe_load_balancers(LoadBalancerArns=[region.text("load_balancer_arn")])[
        "LoadBalancers"
    ]
    assert (balancer["Type"], balancer.get("Scheme") == "internal") == ("application", False)
    assert balancer["State"]["Code"] == "active"
    assert balancer["DNSName"] == region.text("load_balancer_dns_name")
    assert {zone["SubnetId"] for zone in balancer["AvailabilityZones"]} == set(region.texts("public_subnet_ids"))


def test_the_internet_reaches_the_load_balancer_on_http_and_https_only(region: Region) -> None:
    (balancer,) = region.aws.elb.describe_load_balancers(LoadBalancerArns=[region.text("load_balancer_arn")])[
        "LoadBalancers"
    ]
    groups = region.aws.ec2.describe_security_groups(GroupIds=balancer["SecurityGroups"])["SecurityGroups"]
    rules = [rule for group in groups for rule in group["IpPermissions"]]
    assert {(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules} == {
        ("tcp", 80, 80),
        ("tcp", 443, 443),
    }


def test_the_load_balancer_is_strict_logged_and_lets_clients_go_within_minutes(region: Region) -> None:
    answer = region.aws.elb.describe_load_balancer_attributes(LoadBalancerArn=region.text("load_balancer_arn"))
    attributes = {attribute["Key"]: attribute["Value"] for attribute in answer["Attributes"]}
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] == "strictest"
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.bucket"] == region.text("log_bucket_name")
    assert int(attributes["client_keep_alive.seconds"]) <= 600


def test_http_is_sent_to_https(region: Region) -> None:
    (action,) = listener(region, 80)["DefaultActions"]
    redirect = action["RedirectConfig"]
    assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301")


def test_https_speaks_tls_1_2_or_newer_and_forwards_to_the_service(region: Region) -> None:
    https = listener(region, 443)
    assert https["Protocol"] == "HTTPS"
    assert TLS_POLICY.fullmatch(https["SslPolicy"]), https["SslPolicy"]
    assert [action.get("TargetGroupArn") for action in https["DefaultActions"]] == [region.text("target_group_arn")]


def test_the_certificate_is_valid_for_the_regions_own_name_and_the_shared_one(system: System, region: Region) -> None:
    (chosen,) = listener(region, 443)["Certificates"]
    certificate = region.aws.acm.describe_certificate(CertificateArn=chosen["CertificateArn"])["Certificate"]
    assert region_of(chosen["CertificateArn"]) == region.name
    assert certificate["Status"] == "ISSUED"
    names = {certificate["DomainName"], *certificate["SubjectAlternativeNames"]}
    assert names == {region.text("regional_hostname"), system.shared.text("hostname")}


def test_the_target_is_the_regions_function_and_is_healthy(region: Region) -> None:
    name = region.text("function_name")
    (description,) = region.aws.elb.describe_target_health(TargetGroupArn=region.text("target_group_arn"))[
        "TargetHealthDescriptions"
    ]
    function = region.aws.functions.get_function_configuration(FunctionName=name)
    assert description["Target"]["Id"] == function["FunctionArn"]
    assert description["TargetHealth"]["State"] == "healthy"


def test_the_target_group_asks_the_service_for_its_health(system: System, region: Region) -> None:
    (group,) = region.aws.elb.describe_target_groups(TargetGroupArns=[region.text("target_group_arn")])["TargetGroups"]
    kind = "ip" if "container_service_name" in region.outputs else "lambda"
    assert (group["TargetType"], group["HealthCheckEnabled"]) == (kind, True)
    asked_for_clients = health_check(system, region)["ResourcePath"]
    assert group["HealthCheckPath"] == asked_for_clients.partition("?")[0]
    assert group["Matcher"]["HttpCode"] == "200"


def test_a_regions_own_name_leads_to_its_load_balancer_and_never_moves(system: System, region: Region) -> None:
    for record in records(system, region.text("regional_hostname")):
        assert alias(record) == region.text("load_balancer_dns_name").lower()
        assert "Failover" not in record
        assert "HealthCheckId" not in record


def test_the_shared_name_is_answered_by_a_primary_and_a_secondary(system: System) -> None:
    system.others(system.primary)
    system.needs_failover_records()
    answers = [record for record in records(system, system.shared.text("hostname")) if record["Type"] == "A"]
    assert sorted(record["Failover"] for record in answers) == ["PRIMARY", "SECONDARY"]
    assert len({record["SetIdentifier"] for record in answers}) == 2


def test_the_primary_record_leads_to_the_primarys_way_in_under_the_primarys_check(system: System) -> None:
    primary, shared = system.primary, system.shared
    system.others(primary)
    system.needs_failover_records()
    (record,) = (one for one in records(system, shared.text("hostname")) if one["Failover"] == "PRIMARY")
    assert alias(record) == primary.text("entry_dns_name").lower()
    assert asked(system, record)[0] == shared.by_region("health_check_ids")[primary.name]


def test_clients_are_led_past_a_primary_that_a_standby_replaced_without_an_answer(system: System) -> None:
    """Each standby is asked for a name that it says while the old primary has not heard of it; silence is fine."""
    system.others(system.primary)
    system.needs_failover_records()
    (record,) = (one for one in records(system, system.shared.text("hostname")) if one.get("Failover") == "PRIMARY")
    found = [described(system, check) for check in asked(system, record)[1:]]
    standbys = [region.text("regional_hostname") for region in system.standbys]
    assert sorted(config["FullyQualifiedDomainName"] for config in found) == sorted(standbys)
    for config in found:
        assert (config["Type"], config["Inverted"]) == ("HTTPS_STR_MATCH", True)
        assert (config["ResourcePath"], config["SearchString"]) == ("/health?for=writes", '"unaware":"')


def test_every_failover_record_evaluates_its_target(system: System) -> None:
    system.others(system.primary)
    system.needs_failover_records()
    targets = [record["AliasTarget"] for record in records(system, system.shared.text("hostname"))]
    assert [target["EvaluateTargetHealth"] for target in targets] == [True] * len(targets)


def test_every_standby_is_reached_by_a_record_with_a_check_of_its_own(system: System) -> None:
    """A secondary may lead to names of its own, one behind the other, when there are more than two regions."""
    system.needs_failover_records()
    checks = system.shared.by_region("health_check_ids")
    ways_in = {region.text("entry_dns_name").lower(): region for region in (system.primary, *system.standbys)}
    reached: dict[str, object] = {}
    names = [system.shared.text("hostname")]
    while names:
        for record in records(system, names.pop()):
            assert record["HealthCheckId"]
            if region := ways_in.get(alias(record)):
                reached[region.name] = asked(system, record)[0]
            else:
                names.append(alias(record))
    assert reached == {region.name: checks[region.name] for region in ways_in.values()}


def test_where_every_region_serves_the_nearest_healthy_one_answers(system: System) -> None:
    """An alias, or a name with a life of its own that is short enough for the objective."""
    if system.primary.parameter("active-region") != ALL_REGIONS:
        pytest.skip("parameter active-region names one region: records fail over")
    checks = system.shared.by_region("health_check_ids")
    found = {str(record["Region"]): record for record in records(system, system.entry_hostname, {"A", "CNAME"})}
    assert set(found) == {region.name for region in system.regions}
    for region in system.regions:
        record = found[region.name]
        assert record["HealthCheckId"] == checks[region.name]
        if record["Type"] == "CNAME":
            assert [each["Value"] for each in record["ResourceRecords"]] == [region.text("entry_dns_name")]
            assert record["TTL"] <= 20
        else:
            assert alias(record) == region.text("entry_dns_name").lower()


def test_health_checks_ask_the_regions_own_name_over_https(system: System, region: Region) -> None:
    check = health_check(system, region)
    assert check["FullyQualifiedDomainName"] == region.text("regional_hostname")
    assert (check["Type"], check["Port"]) == ("HTTPS", 443)
    assert check["ResourcePath"] in {"/health", "/health?for=clients"}
    assert check["EnableSNI"] is True


def test_health_checks_notice_a_dead_region_within_half_a_minute(system: System, region: Region) -> None:
    check = health_check(system, region)
    assert check["RequestInterval"] * check["FailureThreshold"] <= 30
    assert check["FailureThreshold"] >= 2, "one lost packet would move everybody"


@pytest.mark.parametrize("switch", ["Disabled", "Inverted"])
def test_no_health_check_is_disabled_or_inverted(system: System, region: Region, switch: str) -> None:
    check = health_check(system, region)
    assert (check.get("Disabled", False) if switch == "Disabled" else check.get("Inverted", False)) is False
