"""The REST API: reached by its own names only, over TLS, throttled, logged and traced."""

from __future__ import annotations

import pytest

from tests.integration.orders import Json
from tests.integration.system import Region, System


def stage(region: Region) -> Json:
    """Describe the stage that serves; skip the test when the system has no API."""
    return region.aws.apigateway.get_stage(
        restApiId=region.text("rest_api_id"), stageName=region.text("rest_api_stage")
    )


def domain(region: Region, name: str) -> Json:
    """Describe a custom domain name of the API; skip the test when the system has no API."""
    region.text("rest_api_id")
    return region.aws.apigateway.get_domain_name(domainName=name)


def test_the_api_is_regional_and_has_no_generated_name(region: Region) -> None:
    api = region.aws.apigateway.get_rest_api(restApiId=region.text("rest_api_id"))
    assert api["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert api["disableExecuteApiEndpoint"] is True


def test_files_pass_as_bytes_and_json_is_validated(region: Region) -> None:
    api = region.aws.apigateway.get_rest_api(restApiId=region.text("rest_api_id"))
    assert "image/png" in api["binaryMediaTypes"]
    assert not {"*/*", "application/json"} & set(api["binaryMediaTypes"])


def test_every_route_hands_its_requests_to_the_function_but_health_may_need_no_backend(region: Region) -> None:
    resources = region.aws.apigateway.get_resources(restApiId=region.text("rest_api_id"), embed=["methods"], limit=500)[
        "items"
    ]
    integrations = {
        (resource["path"], method): region.aws.apigateway.get_integration(
            restApiId=region.text("rest_api_id"), resourceId=resource["id"], httpMethod=method
        )
        for resource in resources
        for method in resource.get("resourceMethods", {})
    }
    assert ("/health", "GET") in integrations
    if integrations["/health", "GET"]["type"].upper() == "MOCK":
        del integrations["/health", "GET"]
    assert {(one["type"].upper(), one["httpMethod"]) for one in integrations.values()} == {("AWS_PROXY", "POST")}
    assert all(region.text("function_name") in one["uri"] for one in integrations.values())


def test_the_stage_is_traced_and_throttled(region: Region) -> None:
    serving = stage(region)
    assert serving["tracingEnabled"] is True
    settings = serving["methodSettings"]["*/*"]
    assert settings["throttlingRateLimit"] > 0
    assert settings["throttlingBurstLimit"] >= settings["throttlingRateLimit"]
    assert settings["dataTraceEnabled"] is False


def test_the_access_log_is_encrypted_and_says_what_failed(region: Region) -> None:
    logging = stage(region)["accessLogSettings"]
    name = logging["destinationArn"].rsplit(":", 1)[-1]
    (group,) = region.aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["kmsKeyId"] == region.text("key_arn")
    assert {"$context.status", "$context.error.message"} <= set(logging["format"].replace('"', " ").split())


@pytest.mark.parametrize("whose", ["own", "shared"])
def test_both_names_are_served_with_a_certificate_and_modern_tls(system: System, region: Region, whose: str) -> None:
    name = region.text("regional_hostname") if whose == "own" else system.entry_hostname
    described = domain(region, name)
    assert described["securityPolicy"] == "TLS_1_2"
    assert described["regionalCertificateArn"].split(":")[3] == region.name
    (mapping,) = region.aws.apigateway.get_base_path_mappings(domainName=name)["items"]
    assert (mapping["restApiId"], mapping["stage"]) == (region.text("rest_api_id"), region.text("rest_api_stage"))


def test_the_shared_name_leads_to_the_apis_own_domain(system: System, region: Region) -> None:
    described = domain(region, system.entry_hostname)
    assert region.text("entry_dns_name") == described["regionalDomainName"]


def test_a_region_may_write_api_logs(region: Region) -> None:
    region.text("rest_api_id")
    assert ":role/" in region.aws.apigateway.get_account()["cloudwatchRoleArn"]
