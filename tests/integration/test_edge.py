"""The edge as it is deployed: what a viewer gets, from whichever region is alive, and that nobody else gets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.integration.policies import statements
from tests.integration.system import Region, System, region_of
from tests.integration.test_alarms import describe
from tests.integration.test_dark_region import dark
from tests.integration.viewer import see

if TYPE_CHECKING:
    from mypy_boto3_cloudfront.type_defs import DistributionConfigOutputTypeDef, DistributionTypeDef

EDGE_REGION = "us-east-1"
FAMILIES = {"A", "AAAA"}

Put = Callable[[Region, str, str], None]


def distribution(system: System) -> DistributionTypeDef:
    return system.primary.aws.cloudfront.get_distribution(Id=system.shared.text("distribution_id"))["Distribution"]


@pytest.fixture
def config(system: System) -> DistributionConfigOutputTypeDef:
    """The distribution's configuration, as CloudFront tells it."""
    return distribution(system)["DistributionConfig"]


@pytest.fixture
def put(system: System, config: DistributionConfigOutputTypeDef) -> Iterator[Put]:
    """Put a page into the bucket of pages of one region, and remove every version everywhere afterwards."""
    name = config["DefaultCacheBehavior"]["TargetOriginId"]
    keys: set[str] = set()

    def write(region: Region, key: str, body: str) -> None:
        keys.add(key)
        bucket = region.text(f"bucket_{name}_name")
        region.aws.s3.put_object(Bucket=bucket, Key=key, Body=body.encode(), ContentType="text/html")

    yield write
    for region in system.regions:
        bucket = region.text(f"bucket_{name}_name")
        for key in keys:
            found = region.aws.s3.list_object_versions(Bucket=bucket, Prefix=key)
            for version in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
                region.aws.s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])


def test_the_distribution_is_deployed_for_ipv6_http3_and_modern_tls(
    system: System, config: DistributionConfigOutputTypeDef
) -> None:
    assert distribution(system)["Status"] == "Deployed"
    assert (config["Enabled"], config["IsIPV6Enabled"], config["HttpVersion"]) == (True, True, "http2and3")
    certificate = config["ViewerCertificate"]
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert certificate["SSLSupportMethod"] == "sni-only"
    names = system.shared.texts("distribution_hostnames")
    assert config["Aliases"]["Items"] == names
    arn = certificate["ACMCertificateArn"]
    found = system.clients(EDGE_REGION).acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert (region_of(arn), found["Status"]) == (EDGE_REGION, "ISSUED")
    assert {found["DomainName"], *found["SubjectAlternativeNames"]} == set(names)


def test_every_name_leads_to_the_distribution_over_both_families(system: System) -> None:
    zone = system.shared.text("hosted_zone_id")
    pages = system.primary.aws.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    found = [record for page in pages for record in page["ResourceRecordSets"]]
    for name in system.shared.texts("distribution_hostnames"):
        led = {each["Type"]: each for each in found if each["Name"].rstrip(".") == name and each["Type"] in FAMILIES}
        assert set(led) == FAMILIES
        targets = {each["AliasTarget"]["DNSName"].rstrip(".") for each in led.values()}
        assert targets == {system.shared.text("distribution_domain_name")}


def test_every_path_fails_over_between_two_regions_buckets(
    system: System, config: DistributionConfigOutputTypeDef
) -> None:
    origins = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
    groups = {group["Id"]: group for group in config["OriginGroups"]["Items"]}
    behaviors = [config["DefaultCacheBehavior"], *config["CacheBehaviors"].get("Items", [])]
    for behavior in behaviors:
        group = groups[behavior["TargetOriginId"]]
        members = [origins[member["OriginId"]] for member in group["Members"]["Items"]]
        buckets = {region.name: region.text(f"bucket_{group['Id']}_name") for region in system.regions[:2]}
        expected = [f"{bucket}.s3.{region}.amazonaws.com" for region, bucket in buckets.items()]
        assert [member["DomainName"] for member in members] == expected
        assert {500, 502, 503, 504} <= set(group["FailoverCriteria"]["StatusCodes"]["Items"])
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
        assert set(behavior["AllowedMethods"]["Items"]) == {"GET", "HEAD", "OPTIONS"}
        assert behavior["Compress"] is True


def test_buckets_admit_this_distribution_over_tls_and_nobody_else(
    system: System, region: Region, config: DistributionConfigOutputTypeDef
) -> None:
    arn = distribution(system)["ARN"]
    for group in config["OriginGroups"]["Items"]:
        bucket = region.text(f"bucket_{group['Id']}_name")
        found = statements(region.aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        allowed = [each for each in found if each.effect == "Allow"]
        assert {service for each in allowed for service in each.services} == {"cloudfront.amazonaws.com"}
        assert {action for each in allowed for action in each.actions} == {"s3:GetObject", "s3:ListBucket"}
        for each in allowed:
            assert each.conditions == {"StringEquals": {"aws:SourceArn": arn}}
        assert [each.conditions for each in found if each.effect == "Deny"] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ]


def test_every_request_to_a_bucket_is_signed(system: System, config: DistributionConfigOutputTypeDef) -> None:
    for origin in config["Origins"]["Items"]:
        id_ = origin["OriginAccessControlId"]
        found = system.primary.aws.cloudfront.get_origin_access_control(Id=id_)["OriginAccessControl"]
        signing = found["OriginAccessControlConfig"]
        assert (signing["SigningBehavior"], signing["SigningProtocol"]) == ("always", "sigv4")
        assert signing["OriginAccessControlOriginType"] == "s3"


def test_code_at_the_edge_is_a_numbered_version_that_the_edge_can_run(
    system: System, config: DistributionConfigOutputTypeDef
) -> None:
    versions = system.shared.by_region("edge_function_versions")
    behavior = config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"]
    assert {each["EventType"]: each["LambdaFunctionARN"] for each in behavior} == versions
    functions = system.clients(EDGE_REGION).functions
    for event, arn in versions.items():
        name, version = str(arn).split(":")[6:]
        found = functions.get_function_configuration(FunctionName=name, Qualifier=version)
        assert version.isdecimal()
        assert found["Architectures"] == ["x86_64"]
        assert not found.get("Environment", {}).get("Variables")
        assert not found.get("VpcConfig", {}).get("SubnetIds")
        assert (found["MemorySize"], found["Timeout"] <= 5) == (128, True) or event.startswith("origin")


def test_a_firewall_stands_before_the_distribution_and_logs_without_credentials(
    system: System, config: DistributionConfigOutputTypeDef
) -> None:
    arn = system.shared.text("edge_firewall_arn")
    assert config["WebACLId"] == arn
    waf = system.clients(EDGE_REGION).waf
    logging = waf.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    assert [each.rsplit(":", 1)[-1] for each in logging["LogDestinationConfigs"]] == [
        system.shared.text("edge_firewall_log_bucket_name")
    ]
    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}
    assert {"authorization", "cookie"} <= redacted
    name, id_ = arn.split("/")[-2:]
    rules = waf.get_web_acl(Name=name, Id=id_, Scope="CLOUDFRONT")["WebACL"]["Rules"]
    assert [rule for rule in rules if "RateBasedStatement" in rule["Statement"]]
    assert [rule for rule in rules if "ManagedRuleGroupStatement" in rule["Statement"]]


def test_access_logs_are_delivered_to_a_log_bucket_of_ours(system: System) -> None:
    logs = system.clients(EDGE_REGION).logs
    arn = distribution(system)["ARN"]
    (source,) = (each for each in logs.describe_delivery_sources()["deliverySources"] if each["resourceArns"] == [arn])
    (delivery,) = (
        each for each in logs.describe_deliveries()["deliveries"] if each["deliverySourceName"] == source["name"]
    )
    (destination,) = (
        each
        for each in logs.describe_delivery_destinations()["deliveryDestinations"]
        if each["arn"] == delivery["deliveryDestinationArn"]
    )
    bucket = destination["deliveryDestinationConfiguration"]["destinationResourceArn"].rsplit(":", 1)[-1]
    assert bucket in {region.text("log_bucket_name") for region in system.regions}


def test_alarms_of_the_edge_live_where_cloudfront_keeps_its_metrics(system: System) -> None:
    topic, names = system.shared.text("edge_alarm_topic_arn"), system.shared.texts("edge_alarm_names")
    found = describe(system.clients(region_of(topic)), names)
    assert region_of(topic) == EDGE_REGION
    assert {alarm["AlarmName"] for alarm in found} == set(names)
    assert {alarm["MetricName"] for alarm in found} >= {"5xxErrorRate", "LambdaExecutionError", "BlockedRequests"}
    assert all(alarm["AlarmActions"] == [topic] for alarm in found)


def test_failovers_and_failures_of_code_are_watched_near_every_region(system: System, region: Region) -> None:
    names = system.shared.by_region("alarm_names")[region.name]
    assert isinstance(names, list)
    id_ = system.shared.text("distribution_id")
    found = {alarm["MetricName"]: alarm for alarm in describe(region.aws, [str(name) for name in names])}
    assert found["OriginFailovers"]["Dimensions"] == [{"Name": "Distribution", "Value": id_}]
    assert found["Errors"]["Dimensions"][0]["Value"].startswith(f"{EDGE_REGION}.")


@pytest.mark.writes
def test_a_viewer_gets_the_content_of_the_nearest_region_with_careful_headers(system: System, put: Put) -> None:
    page = f"integration-{uuid4().hex}.html"
    put(system.primary, page, "hello")
    for region in system.regions:
        seen = see(system, f"/{page}", X_Lifeboat_Near=region.name, X_Variant="none")
        assert (seen.status, seen.text) == (200, "hello")
        assert seen.asked[0] == (region.name, 200)
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert seen.headers["strict-transport-security"].startswith("max-age=31536000")


@pytest.mark.writes
def test_with_a_region_dark_the_content_still_comes_for_viewers_everywhere(
    system: System, region: Region, put: Put
) -> None:
    page = f"integration-{uuid4().hex}.html"
    put(system.primary, page, "still here")
    see(system, f"/{page}", X_Variant="none")
    with dark(system, region.name):
        for near in system.regions:
            seen = see(system, f"/{page}", X_Lifeboat_Near=near.name, X_Variant="none")
            assert (seen.status, seen.text) == (200, "still here")
            assert seen.asked[-1][0] != region.name


@pytest.mark.writes
def test_a_failover_is_counted_where_the_alarm_looks(system: System) -> None:
    page = f"/integration-{uuid4().hex}.html"
    assert see(system, page, X_Lifeboat_Near=system.lookout.name, X_Variant="none").status == 404
    name = str(system.shared.by_region("edge_function_versions")["origin-request"]).split(":")[6]
    events = system.lookout.aws.logs.filter_log_events(logGroupName=f"/aws/lambda/{EDGE_REGION}.{name}")["events"]
    lines = [json.loads(each["message"]) for each in events if each["message"].startswith("{")]
    (counted,) = (line for line in lines if line.get("uri") == page)
    assert (counted["OriginFailovers"], counted["Distribution"]) == (1, system.shared.text("distribution_id"))


@pytest.mark.writes
def test_one_visitor_always_sees_the_same_variant(system: System, put: Put) -> None:
    page = f"integration-{uuid4().hex}.html"
    for prefix in ("", "_b/"):
        put(system.primary, f"{prefix}{page}", prefix or "plain")
    seen = {visitor: {see(system, f"/{page}", Cookie=f"visitor={visitor}").text for _ in range(2)} for visitor in "abc"}
    assert all(len(texts) == 1 for texts in seen.values())
    assert see(system, f"/{page}", X_Variant="b").text == "_b/"
    assert see(system, f"/{page}", X_Variant="none").text == "plain"


def test_what_writes_never_goes_through_the_distribution(system: System) -> None:
    assert system.shared.text("api_hostname") not in system.shared.texts("distribution_hostnames")
