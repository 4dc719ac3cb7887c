"""CloudFront: what moto does not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lifeboat.embedded.answers import answered, refusal
from tests.lifeboat.embedded.aws import Aws, promises
from tests.lifeboat.embedded.distributions import Delivered, counted, edge_function, light_function, made
from tests.lifeboat.embedded.functions import zipped

HANDLER = zipped(app="def handler(event, context): return event['Records'][0]['cf']['request']")
CODE = "function handler(event) { return event.request; }"
CERTIFICATE = "arn:aws:acm:{}:123456789012:certificate/1"


def check_settings(aws: Aws) -> None:
    arn = made(aws, aws.name("edge"), HANDLER, "app.handler")
    certificate = {
        "ACMCertificateArn": CERTIFICATE.format("us-east-1"),
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    delivered = Delivered(aws, lambdas={"viewer-request": arn}, changes={"ViewerCertificate": certificate})
    config = aws("cloudfront").get_distribution(Id=delivered.id)["Distribution"]["DistributionConfig"]
    assert [each["OriginAccessControlId"] for each in config["Origins"]["Items"]] == [delivered.control] * 2
    behavior = config["DefaultCacheBehavior"]
    assert behavior["TargetOriginId"] == "content"
    assert behavior["LambdaFunctionAssociations"]["Items"] == [
        {"LambdaFunctionARN": arn, "EventType": "viewer-request", "IncludeBody": False}
    ]
    assert "ForwardedValues" not in behavior
    assert config["ViewerCertificate"]["CloudFrontDefaultCertificate"] is False
    assert config["OriginGroups"]["Items"][0]["FailoverCriteria"]["StatusCodes"]["Items"] == [403, 404, 500, 503]


def check_references(aws: Aws) -> None:
    unpublished = made(aws, aws.name("edge"), HANDLER, "app.handler").rpartition(":")[0]
    told = refusal(lambda: Delivered(aws, lambdas={"viewer-request": unpublished}))
    assert "InvalidLambdaFunctionAssociation" in told


def check_versions(aws: Aws) -> None:
    client, delivered = aws("cloudfront"), Delivered(aws)
    found = client.get_distribution_config(Id=delivered.id)
    assert "DistributionNotDisabled" in refusal(
        lambda: client.delete_distribution(Id=delivered.id, IfMatch=found["ETag"])
    )
    changed = found["DistributionConfig"] | {"Enabled": False}
    newer = client.update_distribution(Id=delivered.id, IfMatch=found["ETag"], DistributionConfig=changed)["ETag"]
    assert newer != found["ETag"]
    assert "PreconditionFailed" in refusal(lambda: client.delete_distribution(Id=delivered.id, IfMatch=found["ETag"]))
    client.delete_distribution(Id=delivered.id, IfMatch=newer)
    assert "NoSuchDistribution" in refusal(lambda: client.get_distribution(Id=delivered.id))


@answered
def check_functions(aws: Aws) -> None:
    client, name = aws("cloudfront"), aws.name("light")
    config = {"Comment": "first", "Runtime": "cloudfront-js-2.0"}
    created = client.create_function(Name=name, FunctionConfig=config, FunctionCode=CODE.encode())
    assert "NoSuchFunctionExists" in refusal(lambda: client.describe_function(Name=name, Stage="LIVE"))
    client.publish_function(Name=name, IfMatch=created["ETag"])
    changed = client.update_function(
        Name=name,
        IfMatch=created["ETag"],
        FunctionConfig=config | {"Comment": "second"},
        FunctionCode=b"function handler(event) { return null; }",
    )
    live = client.get_function(Name=name, Stage="LIVE")["FunctionCode"].read()
    assert live == CODE.encode()
    assert client.get_function(Name=name)["FunctionCode"].read() == b"function handler(event) { return null; }"
    assert client.describe_function(Name=name, Stage="LIVE")["FunctionSummary"]["FunctionConfig"]["Comment"] == "first"
    assert "InvalidIfMatchVersion" in refusal(lambda: client.publish_function(Name=name, IfMatch=created["ETag"]))
    client.delete_function(Name=name, IfMatch=changed["ETag"])


@answered
def check_response_headers_policies(aws: Aws) -> None:
    client, name = aws("cloudfront"), aws.name("headers")
    config = {
        "Name": name,
        "SecurityHeadersConfig": {
            "FrameOptions": {"Override": True, "FrameOption": "DENY"},
            "StrictTransportSecurity": {"Override": True, "AccessControlMaxAgeSec": 60, "IncludeSubdomains": True},
        },
    }
    policy = client.create_response_headers_policy(ResponseHeadersPolicyConfig=config)["ResponseHeadersPolicy"]
    found = client.get_response_headers_policy(Id=policy["Id"])
    assert found["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"] == config
    newer = client.update_response_headers_policy(
        Id=policy["Id"], IfMatch=found["ETag"], ResponseHeadersPolicyConfig=config | {"Comment": "more"}
    )
    client.delete_response_headers_policy(Id=policy["Id"], IfMatch=newer["ETag"])
    assert "NoSuchResponseHeadersPolicy" in refusal(lambda: client.get_response_headers_policy(Id=policy["Id"]))


@answered
def check_monitoring_subscriptions(aws: Aws) -> None:
    client, delivered = aws("cloudfront"), Delivered(aws)
    config = {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": "Enabled"}}
    client.create_monitoring_subscription(DistributionId=delivered.id, MonitoringSubscription=config)
    assert client.get_monitoring_subscription(DistributionId=delivered.id)["MonitoringSubscription"] == config
    client.delete_monitoring_subscription(DistributionId=delivered.id)
    told = refusal(lambda: client.get_monitoring_subscription(DistributionId=delivered.id))
    assert "NoSuchMonitoringSubscription" in told


def check_edge_replicas(aws: Aws) -> None:
    arn = made(aws, aws.name("edge"), HANDLER, "app.handler")
    Delivered(aws, lambdas={"viewer-request": arn})
    name = arn.split(":")[6]
    assert "replicated function" in refusal(lambda: aws("lambda").delete_function(FunctionName=name))
    assert aws("lambda").get_function(FunctionName=name)["Configuration"]["FunctionName"] == name


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"Environment": {"Variables": {"A": "b"}}}, "environment variables"),
        ({"Timeout": 6}, "exceeds 128 MB or 5 s"),
        ({"MemorySize": 256}, "exceeds 128 MB or 5 s"),
        ({"Architectures": ["arm64"]}, "must be for x86_64"),
    ],
)
def test_a_function_that_cannot_run_at_the_edge_is_refused(
    embedded_aws: Aws, tmp_path: Path, settings: dict[str, object], why: str
) -> None:
    arn = edge_function(embedded_aws, "edge_viewer", tmp_path, **settings)
    told = refusal(lambda: Delivered(embedded_aws, lambdas={"viewer-request": arn}))
    assert "InvalidLambdaFunctionAssociation" in told
    assert why in told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ViewerCertificate": {"ACMCertificateArn": CERTIFICATE.format("eu-west-1")}}, "InvalidViewerCertificate"),
        ({"OriginGroups": counted()}, "NoSuchOrigin"),
    ],
)
def test_a_distribution_that_refers_to_nothing_is_refused(
    embedded_aws: Aws, changes: dict[str, object], code: str
) -> None:
    assert code in refusal(lambda: Delivered(embedded_aws, changes=changes))


def test_a_cloudfront_function_in_use_is_not_deleted(embedded_aws: Aws) -> None:
    arn = light_function(embedded_aws, CODE)
    Delivered(embedded_aws, light=arn)
    client, name = embedded_aws("cloudfront"), arn.rpartition("/")[2]
    etag = client.describe_function(Name=name)["ETag"]
    assert "FunctionInUse" in refusal(lambda: client.delete_function(Name=name, IfMatch=etag))


CHECKS = {
    "cloudfront.settings": check_settings,
    "cloudfront.references": check_references,
    "cloudfront.versions": check_versions,
    "cloudfront.functions": check_functions,
    "cloudfront.response_headers_policies": check_response_headers_policies,
    "cloudfront.monitoring_subscriptions": check_monitoring_subscriptions,
    "lambda.edge_replicas": check_edge_replicas,
}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
