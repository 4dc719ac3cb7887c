"""Failover records: traffic moves by health checks, and no control plane is needed to move it."""

from __future__ import annotations

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Resource, Synthesized
from tests.unit.variants import only


def failover(deployed: Synthesized) -> list[Resource]:
    return [record for record in deployed.world.all("aws_route53_record") if "failover_routing_policy" in record]


def test_every_health_check_asks_a_regions_own_name_over_https(either: Synthesized) -> None:
    checks = asked_whether_well(either)
    assert [check["fqdn"] for check in checks] == [
        either.system.regional_hostname(plan.name) for plan in either.system.regions
    ]
    for check in checks:
        assert (check["type"], check["port"]) == ("HTTPS", 443)
        assert (check["request_interval"], check["failure_threshold"]) == (10, 3)
        assert check["enable_sni"] is True


def test_every_region_but_the_last_is_asked_whether_clients_belong_there(synthesized: Synthesize) -> None:
    paths = [check["resource_path"] for check in asked_whether_well(synthesized("dev"))]
    assert paths == ["/health?for=clients", "/health"]
    three = {check["fqdn"]: check["resource_path"] for check in asked_whether_well(synthesized("three-regions"))}
    regions = [plan.name for plan in synthesized("three-regions").system.regions]
    asked = [next(path for host, path in three.items() if region in host) for region in regions]
    assert asked == ["/health?for=clients", "/health?for=clients", "/health"]


def asked_whether_well(deployed: Synthesized) -> list[Resource]:
    return [check for check in deployed.world.all("aws_route53_health_check") if check["type"] == "HTTPS"]


def asked_for_the_replaced(deployed: Synthesized) -> list[Resource]:
    return [check for check in deployed.world.all("aws_route53_health_check") if check["type"] == "HTTPS_STR_MATCH"]


def test_no_health_check_is_disabled_and_those_that_ask_who_was_replaced_alone_are_inverted(
    either: Synthesized,
) -> None:
    for check in either.world.all("aws_route53_health_check"):
        assert check.get("disabled", False) is False, check
        assert check.get("invert_healthcheck", False) is (check["type"] == "HTTPS_STR_MATCH"), check


@pytest.mark.parametrize("name", ["dev", "three-regions", "globecart-dev"])
def test_every_region_but_the_first_is_asked_whom_it_replaced(synthesized: Synthesize, name: str) -> None:
    deployed = synthesized(name)
    standbys = [deployed.system.regional_hostname(plan.name) for plan in deployed.system.standbys]
    found = asked_for_the_replaced(deployed)
    assert [check["fqdn"] for check in found] == standbys
    for check in found:
        assert (check["resource_path"], check["search_string"]) == ("/health?for=writes", '"unaware":"')
        assert (check["request_interval"], check["failure_threshold"], check["port"]) == (10, 1, 443)
        assert check["enable_sni"] is True


def test_a_region_is_passed_over_while_anyone_behind_it_says_that_somebody_is_unaware(synthesized: Synthesize) -> None:
    deployed = synthesized("three-regions")
    first, second, third = (plan.name for plan in deployed.system.regions)
    for region, behind in ((first, (second, third)), (second, (third,))):
        check = deployed.world.by_path(f"records/leads-{region}")
        children = [f"records/health-{region}.id", *(f"records/aware-{each}.id" for each in behind)]
        assert (check["type"], check["child_healthchecks"]) == ("CALCULATED", children)
        assert check["child_health_threshold"] == len(children)


@pytest.mark.parametrize("name", ["one-region", "backup-restore", "active-active"])
def test_where_records_do_not_fail_over_nobody_is_asked_whom_it_replaced(synthesized: Synthesize, name: str) -> None:
    assert {check["type"] for check in synthesized(name).world.all("aws_route53_health_check")} == {"HTTPS"}


def test_the_name_that_a_health_check_asks_is_published_by_its_region_and_never_moves(either: Synthesized) -> None:
    for stack in either.regional:
        record = stack.by_path("load-balancer/own-name")
        assert record["name"] == either.system.regional_hostname(stack.place)
        assert record["alias"]["name"] == "load-balancer/load-balancer.dns_name"
        assert "failover_routing_policy" not in record


def test_every_failover_record_is_an_alias_that_evaluates_its_target_with_a_check_of_its_own(
    either: Synthesized,
) -> None:
    records = failover(either)
    assert [record["failover_routing_policy"]["type"] for record in records] == ["PRIMARY", "SECONDARY"]
    for record, plan in zip(records, either.system.regions, strict=True):
        assert record["alias"] == {
            "name": f"{plan.name}:load-balancer/load-balancer.dns_name",
            "zone_id": f"{plan.name}:load-balancer/load-balancer.zone_id",
            "evaluate_target_health": True,
        }
        role = "leads" if plan is either.system.primary else "health"
        assert record["health_check_id"] == f"records/{role}-{plan.name}.id"
        assert record["name"] == either.system.hostname


def test_set_identifiers_of_one_name_differ(synthesized: Synthesize) -> None:
    for name in ("dev", "prod", "three-regions"):
        told = [(record["name"], record["set_identifier"]) for record in failover(synthesized(name))]
        assert len(told) == len(set(told)) >= 2


def test_three_regions_answer_in_priority_order(synthesized: Synthesize) -> None:
    deployed = synthesized("three-regions")
    host = deployed.system.hostname
    chain = {
        (record["name"], record["failover_routing_policy"]["type"]): record["alias"]["name"]
        for record in failover(deployed)
    }
    after = f"after-eu-west-1.{host}"
    assert chain == {
        (host, "PRIMARY"): "eu-west-1:load-balancer/load-balancer.dns_name",
        (host, "SECONDARY"): after,
        (after, "PRIMARY"): "eu-central-1:load-balancer/load-balancer.dns_name",
        (after, "SECONDARY"): "eu-north-1:load-balancer/load-balancer.dns_name",
    }


def test_every_failover_record_has_a_health_check_even_one_that_leads_on(synthesized: Synthesize) -> None:
    deployed = synthesized("three-regions")
    checks = {f"{check.path}.id": check for check in deployed.world.all("aws_route53_health_check")}
    records = failover(deployed)
    assert len(records) == 4
    used = {record["health_check_id"] for record in records}
    children = {child for check in checks.values() for child in check.get("child_healthchecks", [])}
    assert used < set(checks)
    assert used | children == set(checks)


def test_a_check_over_the_rest_of_the_chain_is_healthy_while_any_of_it_is(synthesized: Synthesize) -> None:
    check = synthesized("three-regions").world.by_path("records/health-after-eu-west-1")
    assert (check["type"], check["child_health_threshold"]) == ("CALCULATED", 1)
    assert check["child_healthchecks"] == ["records/health-eu-central-1.id", "records/health-eu-north-1.id"]


def test_where_every_region_is_active_clients_reach_the_nearest_healthy_one(synthesized: Synthesize) -> None:
    deployed = synthesized("active-active")
    records = deployed.world.all("aws_route53_record")
    assert failover(deployed) == []
    assert {record["latency_routing_policy"]["region"]: record["health_check_id"] for record in records} == {
        region: f"records/health-{region}.id" for region in ("us-east-1", "us-west-2")
    }
    assert {record["name"] for record in records} == {deployed.system.hostname}
    assert {record["alias"]["evaluate_target_health"] for record in records} == {True}


@pytest.mark.parametrize("name", ["one-region", "backup-restore"])
def test_one_serving_region_has_a_plain_record(synthesized: Synthesize, name: str) -> None:
    deployed = synthesized(name)
    assert failover(deployed) == []
    assert only(deployed.world.all("aws_route53_record"))["name"] == deployed.system.hostname


def test_records_that_are_no_alias_have_a_short_life(either: Synthesized) -> None:
    for record in either.all("aws_route53_record"):
        assert "alias" in record or record["ttl"] <= 60, record


def test_production_answers_to_the_plain_name_and_throw_away_copies_to_one_of_their_own(
    synthesized: Synthesize,
) -> None:
    names = [synthesized(name).world.output("hostname") for name in ("prod", "dev", "pr123")]
    assert names == ["shop.example.com", "shop-dev.example.com", "shop-pr123.example.com"]


def test_nothing_is_published_where_there_is_nothing_to_reach(synthesized: Synthesize) -> None:
    assert synthesized("bare").world.all("aws_route53_record") == []
