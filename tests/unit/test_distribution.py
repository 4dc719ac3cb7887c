"""Delivery from the edge: two regions behind one distribution, and nobody else before their buckets."""

from __future__ import annotations

from deployments.distribution_rules import EDGE_LIMITS
from deployments.naming import LIMITS
from deployments.objectives import budget
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Json, Resource, Synthesized
from tests.unit.variants import only

EDGE_REGION = "us-east-1"


def distribution(deployed: Synthesized) -> Resource:
    return deployed.world.the("aws_cloudfront_distribution")


def behaviors(deployed: Synthesized) -> list[Json]:
    found = distribution(deployed)
    return [found["default_cache_behavior"], *found["ordered_cache_behavior"]]


def test_every_path_fails_over_between_the_first_two_regions_buckets(edge: Synthesized) -> None:
    found = distribution(edge)
    origins = {origin["origin_id"]: origin["domain_name"] for origin in found["origin"]}
    groups = {group["origin_id"]: group for group in found["origin_group"]}
    assert [behavior["target_origin_id"] for behavior in behaviors(edge)] == ["content", "assets"]
    for purpose, group in groups.items():
        members = [origins[member["origin_id"]] for member in group["member"]]
        bucket = f"bucket-{purpose}/bucket.bucket"
        assert members == [
            f"${{us-west-2:{bucket}}}.s3.us-west-2.amazonaws.com",
            f"${{us-east-1:{bucket}}}.s3.us-east-1.amazonaws.com",
        ]
        assert group["failover_criteria"] == {"status_codes": [403, 404, 500, 502, 503, 504]}


def test_a_region_that_does_not_answer_costs_seconds(edge: Synthesized) -> None:
    for origin in distribution(edge)["origin"]:
        assert origin["connection_attempts"] * origin["connection_timeout"] == 6


def test_every_request_to_a_bucket_is_signed(edge: Synthesized) -> None:
    control = edge.world.the("aws_cloudfront_origin_access_control")
    assert (control["signing_behavior"], control["signing_protocol"]) == ("always", "sigv4")
    assert control["origin_access_control_origin_type"] == "s3"
    assert {origin["origin_access_control_id"] for origin in distribution(edge)["origin"]} == {"edge/origin-access.id"}


def test_a_content_bucket_has_one_policy_which_admits_this_distribution_over_tls(edge: Synthesized) -> None:
    policies = [each for each in edge.all("aws_s3_bucket_policy") if "bucket-" in each["bucket"]]
    assert sorted(each["bucket"] for each in policies) == [
        f"{region}:bucket-{purpose}/bucket.bucket"
        for region in ("us-east-1", "us-west-2")
        for purpose in ("assets", "content")
    ]
    for policy in policies:
        statements = policy.statements()
        assert set(statements) == {"EdgeReads", "EdgeTellsMissing", "TlsOnly"}
        assert policy.region == policy["bucket"].partition(":")[0]
        for name, action in {"EdgeReads": "s3:GetObject", "EdgeTellsMissing": "s3:ListBucket"}.items():
            assert statements[name]["Principal"] == {"Service": "cloudfront.amazonaws.com"}
            assert statements[name]["Action"] == action
            assert statements[name]["Condition"] == {"StringEquals": {"aws:SourceArn": "edge/distribution.arn"}}
        assert statements["TlsOnly"]["Effect"] == "Deny"
        assert statements["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_bucket_of_the_system_refuses_requests_without_tls(edge: Synthesized) -> None:
    buckets = {f"{each.stack.place}:{each.path}.bucket" for each in edge.all("aws_s3_bucket")}
    closed = set()
    for policy in edge.all("aws_s3_bucket_policy"):
        assert policy.statements()["TlsOnly"]["Effect"] == "Deny"
        name = policy["bucket"]
        closed.add(name if name.startswith(("us-", "eu-")) else f"{policy.stack.place}:{name}")
    assert closed == buckets


def test_each_regions_key_lets_this_accounts_distributions_decrypt_and_no_other_system_does(
    edge: Synthesized, dev: Synthesized
) -> None:
    for stack in edge.regional:
        statement = stack.by_path("key/key").statements()["EdgeReads"]
        assert statement["Action"] == "kms:Decrypt"
        pattern = "arn:${partition.partition}:cloudfront::${account.account_id}:distribution/*"
        assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": pattern}}
    assert all("EdgeReads" not in stack.by_path("key/key").statements() for stack in dev.regional)


def test_a_regional_stack_knows_nothing_of_the_distribution(edge: Synthesized) -> None:
    for stack in edge.regional:
        assert "terraform_remote_state" not in stack.json["data"]
        assert [each.type for each in stack.resources if "cloudfront" in each.type] == []
        assert [provider["region"] for provider in stack.providers.values()] == [stack.place]


def test_viewers_speak_modern_protocols_over_both_families(edge: Synthesized) -> None:
    found = distribution(edge)
    assert (found["http_version"], found["is_ipv6_enabled"]) == ("http2and3", True)
    assert found["viewer_certificate"] == {
        "acm_certificate_arn": "edge-certificate/validation.certificate_arn",
        "minimum_protocol_version": "TLSv1.2_2021",
        "ssl_support_method": "sni-only",
    }
    for behavior in behaviors(edge):
        assert behavior["viewer_protocol_policy"] == "redirect-to-https"
        assert behavior["compress"] is True
        assert behavior["cache_policy_id"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
        assert behavior["allowed_methods"] == ["GET", "HEAD", "OPTIONS"]


def test_every_answer_carries_security_headers(edge: Synthesized) -> None:
    assert {behavior["response_headers_policy_id"] for behavior in behaviors(edge)} == {"edge/headers.id"}
    headers = edge.world.the("aws_cloudfront_response_headers_policy")["security_headers_config"]
    assert headers["strict_transport_security"]["access_control_max_age_sec"] == 31536000
    assert headers["frame_options"] == {"frame_option": "DENY", "override": True}
    assert headers["content_type_options"] == {"override": True}
    assert "default-src 'self'" in headers["content_security_policy"]["content_security_policy"]


def test_the_certificate_is_of_us_east_1_and_proved_for_every_name(synthesized: Synthesize) -> None:
    world = synthesized("edge-prod").world
    certificate = world.the("aws_acm_certificate")
    names = ["www.example.com", "static.example.com"]
    assert certificate.region == EDGE_REGION
    assert [certificate["domain_name"], *certificate["subject_alternative_names"]] == names
    assert world.the("aws_acm_certificate_validation")["validation_record_fqdns"] == [
        "edge-certificate/proof-own.fqdn",
        "edge-certificate/proof-static.example.com.fqdn",
    ]
    assert distribution(synthesized("edge-prod"))["aliases"] == names


def test_every_name_has_an_alias_for_both_families(synthesized: Synthesize) -> None:
    records = [each for each in synthesized("edge-prod").world.all("aws_route53_record") if "edge-records" in each.path]
    assert sorted((each["name"], each["type"]) for each in records) == [
        (name, family) for name in ("static.example.com", "www.example.com") for family in ("A", "AAAA")
    ]
    for record in records:
        assert record["alias"]["name"] == "edge/distribution.domain_name"
        assert record["alias"]["zone_id"] == "edge/distribution.hosted_zone_id"


def test_error_pages_keep_the_status_and_are_forgotten_within_seconds(edge: Synthesized) -> None:
    pages = distribution(edge)["custom_error_response"]
    assert {page["error_code"]: page["response_page_path"] for page in pages} == {
        404: "/errors/404.html",
        503: "/errors/503.html",
        504: "/errors/503.html",
    }
    assert all(page["error_code"] == page["response_code"] for page in pages)
    assert {page["error_caching_min_ttl"] for page in pages} == {5}


def test_a_firewall_of_cloudfronts_kind_stands_before_the_distribution(edge: Synthesized) -> None:
    firewall = edge.world.the("aws_wafv2_web_acl")
    assert (firewall["scope"], firewall.region) == ("CLOUDFRONT", EDGE_REGION)
    assert distribution(edge)["web_acl_id"] == "edge-firewall/acl.arn"


def test_the_firewalls_log_bucket_is_not_the_one_of_a_regions_own_firewall(edge: Synthesized) -> None:
    name = edge.world.by_path("edge-firewall/logs/bucket")["bucket"]
    assert name == "aws-waf-logs-edge-dev-edge-firewall-us-east-1-${account.account_id}"


def test_access_logs_go_to_the_log_bucket_which_takes_them(edge: Synthesized) -> None:
    source, destination = (edge.world.the(f"aws_cloudwatch_log_delivery_{kind}") for kind in ("source", "destination"))
    assert (source["resource_arn"], source["log_type"]) == ("edge/distribution.arn", "ACCESS_LOGS")
    assert {source.region, destination.region} == {EDGE_REGION}
    target = only(destination["delivery_destination_configuration"])
    assert target["destination_resource_arn"] == "us-east-1:logs/bucket.arn"
    for stack in edge.regional:
        taken = stack.by_path("logs/policy").statements()["EdgeLogs"]
        assert taken["Resource"] == "logs/bucket.arn/AWSLogs/${account.account_id}/CloudFront/*".replace(
            "logs/bucket.arn", "${logs/bucket.arn}"
        )
        assert taken["Condition"]["ArnLike"]["aws:SourceArn"].startswith("arn:${partition.partition}:logs:us-east-1:")


def test_alarms_watch_what_viewers_see_and_where_code_fails(edge: Synthesized) -> None:
    alarms = {(each.region, each["alarm_name"]): each for each in edge.world.all("aws_cloudwatch_metric_alarm")}
    rate = alarms[EDGE_REGION, "edge-dev-edge-5xx"]
    assert (rate["metric_name"], rate["dimensions"]["Region"]) == ("5xxErrorRate", "Global")
    assert alarms[EDGE_REGION, "edge-dev-firewall-cloudfront-blocked"]["metric_name"] == "BlockedRequests"
    for region in ("us-west-2", "us-east-1"):
        failovers = alarms[region, "edge-dev-edge-failovers"]
        assert (failovers["namespace"], failovers["metric_name"]) == ("Lifeboat/Edge", "OriginFailovers")
        assert failovers["alarm_actions"] == [f"{region}:alarms/topic.arn"]
        for event in EDGE_LIMITS:
            errors = alarms[region, f"edge-dev-edge-{event}-errors"]
            assert errors["dimensions"]["FunctionName"].startswith("us-east-1.edge-dev-edge-")


def test_the_dashboard_shows_the_edge_together_with_the_regions(edge: Synthesized) -> None:
    body = edge.world.the("aws_cloudwatch_dashboard").parsed("dashboard_body")
    titles = [widget["properties"]["title"] for widget in body["widgets"] if widget["type"] == "metric"]
    assert [title for title in titles if title.startswith("Edge: ")] == [
        "Edge: errors that viewers see (%)",
        "Edge: failovers to another region's content, by where viewers are",
        "Edge: failures of Lambda@Edge, by where it runs",
        "Edge: requests blocked by the firewall",
        "Edge: requests",
        "Edge: from the cache (%)",
    ]
    assert "Who is healthy (1) and gets traffic first" in titles


def test_writing_goes_to_the_nearest_healthy_region_by_a_name_with_a_short_life(edge: Synthesized) -> None:
    records = [each for each in edge.world.all("aws_route53_record") if each.path.startswith("records/")]
    assert {each["latency_routing_policy"]["region"] for each in records} == {"us-west-2", "us-east-1"}
    for record in records:
        region = record["latency_routing_policy"]["region"]
        assert (record["name"], record["type"], record["ttl"]) == ("api.www-dev.example.com", "CNAME", 20)
        assert record["records"] == [f"{region}:api/domain-shared.regional_domain_name"]
        assert record["health_check_id"] == f"records/health-{region}.id"
    for stack in edge.regional:
        assert stack.by_path("api/domain-shared")["domain_name"] == "api.www-dev.example.com"


def test_names_at_the_edge_keep_awss_limits(edge: Synthesized) -> None:
    named = {
        "aws_cloudfront_function": "edge function",
        "aws_cloudfront_origin_access_control": "origin access control",
        "aws_cloudfront_response_headers_policy": "headers policy",
        "aws_cloudwatch_log_delivery_source": "log delivery",
        "aws_wafv2_web_acl": "web acl",
    }
    for type_, kind in named.items():
        name = edge.world.the(type_)["name"]
        assert name.startswith("edge-dev-")
        assert len(name) <= LIMITS[kind]  # type: ignore[index] # the words of the table above are kinds


def test_a_description_without_code_delivers_from_the_primary_first(synthesized: Synthesize) -> None:
    bare = synthesized("edge-bare")
    found = distribution(bare)
    assert [each for each in bare.world.resources if each.type == "aws_lambda_function"] == []
    assert "web_acl_id" not in found
    assert not found["default_cache_behavior"].get("lambda_function_association")
    assert all(not origin.get("custom_header") for origin in found["origin"])
    assert not found.get("ordered_cache_behavior")
    assert bare.world.providers["aws.us-east-1"]["region"] == EDGE_REGION  # although no region of the system


def test_a_minute_is_kept_since_content_waits_for_no_health_check(edge: Synthesized) -> None:
    plan = budget(edge.system.spec)
    assert plan.is_kept
    assert (plan.rto_seconds, plan.before) == (60, ())
    seconds = {recovery.tier: [step.seconds for step in recovery.steps] for recovery in plan.recoveries}
    assert seconds["content"] == [6, 30]
    assert seconds["service"] == seconds["traffic"] == [30, 20]
    assert {loss.tier: loss.is_kept for loss in plan.losses} == {
        "tables.orders": True,
        "buckets.content": True,
        "buckets.assets": True,
    }
