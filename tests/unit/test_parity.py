"""Parity: one regional class builds every region, and what differs between two regions is on a list with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from deployments.failover.links import HUBS
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Json, Stack, Synthesized
from tests.unit.variants import EVERY_SYSTEM

ONLY_IN_THE_PRIMARY = {
    r"aws_rds_global_cluster\.global-database_.*": "the Global Database is made once, beside its first writer",
    r"aws_secretsmanager_secret(_version)?\.database-credentials_.*": "the first writer's password is born there",
}
"""Addresses that only the primary has, each with its reason."""

MORE_IN_THE_PRIMARY = {
    r"aws_rds_cluster_instance\.database_instance-\d+_.*": "the strategy runs fewer instances in a standby",
}
"""Addresses of which the primary has more, each with its reason."""

MORE_IN_A_HUB = {
    r"aws_cloudwatch_event_(rule|target)\.failover_peer-([2-9]|\d\d)(-target)?_.*": (
        "a hub passes messages on to every other region, any other region to the two hubs alone"
    ),
}
"""Addresses of which a hub has more than the other regions, each with its reason."""

DIFFERENT_ARGUMENTS = {
    r"aws_(vpc|subnet)\..*: cidr_block": "address ranges that never overlap",
    r"aws_rds_cluster\.database_.*: (database_name|master_username|master_password_wo|master_password_wo_version)": (
        "a secondary takes user and content from the writer"
    ),
    r"aws_rds_cluster\.database_.*: global_cluster_identifier": "the standby joins by the agreed name",
    r"aws_lambda_function\..*: reserved_concurrent_executions": "the strategy decides the standby's capacity",
    r"aws_ssm_parameter\.parameters_role_.*: insecure_value": "the role that a region starts with",
    r"aws_backup_plan\..*: rule": "each region copies to the other",
    r"aws_sfn_state_machine\.failover_.*: definition": "each closes the others, and asks them by their names",
    r"aws_cloudwatch_event_(rule|target)\.failover_peer-\d.*: (arn|description|event_pattern|name)": (
        "each passes messages on to the others"
    ),
    r"aws_iam_role_policy\.failover_(failover-relay-role_hand-over|messenger_send-messages)_.*: policy": (
        "each hands over to the others and sends to their buses, and to no more"
    ),
    r"aws_lambda_function\..*: lifecycle": "a failover scales the standby, and Terraform leaves that alone",
}
"""Arguments that differ after the regions' own names are made equal, each with its reason."""

DIFFERENT_IN_A_HUB = {
    r"aws_cloudwatch_event_rule\.failover_own_.*: event_pattern": "a hub hears what it passes on, too",
}
"""The same for a hub beside any other region, from four regions on."""

AT_THE_EDGE = {
    r"aws_s3_bucket_policy\.logs_policy_.*: policy": "CloudFront's logs come from us-east-1, wherever the bucket is",
}
"""The same for what is delivered from the edge."""


def neutral(stack: Stack) -> dict[str, Json]:
    """Return the resources by address, with the region's own name replaced by `HERE`."""
    text = json.dumps({resource.address: resource.raw for resource in stack.resources})
    resources: dict[str, Json] = json.loads(text.replace(stack.place, "HERE"))
    return resources


def unexplained(addresses: set[str], *allowed: dict[str, str]) -> set[str]:
    """Return what no list explains."""
    patterns = [pattern for each in allowed for pattern in each]
    return {address for address in addresses if not any(re.fullmatch(pattern, address) for pattern in patterns)}


def differences(one: Stack, other: Stack) -> Iterator[str]:
    """Yield `address: argument` for each argument that is equal neither as it stands nor with the region left out."""
    here, there = neutral(one), neutral(other)
    raw = {resource.address: resource.raw for resource in one.resources}
    for resource in other.resources:
        address = resource.address
        for argument in raw[address].keys() | resource.raw.keys() if address in raw else ():
            is_equal = raw[address].get(argument) == resource.raw.get(argument)
            if not is_equal and here[address].get(argument) != there[address].get(argument):
                yield f"{address}: {argument}"


@pytest.mark.parametrize("name", ["dev", "prod", "pilot-light", "active-active", "provisioned", "nat-per-zone", "edge"])
def test_the_standby_has_the_addresses_of_the_primary_except_for_the_list(synthesized: Synthesize, name: str) -> None:
    deployed = synthesized(name)
    primary, standby = neutral(deployed.primary), neutral(deployed.standby)
    assert standby.keys() - primary.keys() == set()
    assert unexplained(primary.keys() - standby.keys(), ONLY_IN_THE_PRIMARY, MORE_IN_THE_PRIMARY) == set()


def test_every_entry_of_the_address_list_is_needed(dev: Synthesized) -> None:
    missing = neutral(dev.primary).keys() - neutral(dev.standby).keys()
    for pattern in {**ONLY_IN_THE_PRIMARY, **MORE_IN_THE_PRIMARY}:
        assert any(re.fullmatch(pattern, address) for address in missing), pattern


@pytest.mark.parametrize("name", ["dev", "prod", "active-active", "edge"])
def test_what_two_regions_are_given_differs_only_where_the_list_says_why(synthesized: Synthesize, name: str) -> None:
    deployed = synthesized(name)
    found = set(differences(deployed.primary, deployed.standby))
    assert unexplained(found, DIFFERENT_ARGUMENTS, AT_THE_EDGE if name == "edge" else {}) == set()


def test_every_entry_of_the_argument_list_is_needed(dev: Synthesized) -> None:
    found = list(differences(dev.primary, dev.standby))
    for pattern in DIFFERENT_ARGUMENTS:
        assert any(re.fullmatch(pattern, each) for each in found), pattern


def test_two_standbys_differ_in_nothing_but_their_place(synthesized: Synthesize) -> None:
    deployed = synthesized("three-regions")
    one, other = (deployed.stacks[plan.name] for plan in deployed.system.standbys)
    assert neutral(one).keys() == neutral(other).keys()
    found = set(differences(one, other))
    patterns = {
        r"aws_(vpc|subnet)\..*: cidr_block": "address ranges that never overlap",
        r"aws_backup_plan\..*: rule": "copies go in a ring",
        r"aws_\w+\.failover_.*: (arn|definition|description|event_pattern|name|policy)": "each knows the others",
    }
    assert unexplained(found, patterns) == set()
    assert found


def test_of_six_regions_the_hubs_are_alike_and_so_are_all_others(synthesized: Synthesize) -> None:
    deployed = synthesized("six-regions")
    hubs, others = deployed.regional[:HUBS], deployed.regional[HUBS:]
    addresses = {stack.place: neutral(stack).keys() for stack in deployed.regional}
    primary, standby = (addresses[stack.place] for stack in hubs)
    assert standby - primary == set()
    assert unexplained(set(primary - standby), ONLY_IN_THE_PRIMARY, MORE_IN_THE_PRIMARY) == set()
    assert [stack.place for stack in others if addresses[stack.place] != addresses[others[0].place]] == []
    more = standby - addresses[others[0].place]
    assert addresses[others[0].place] - standby == set()
    assert len(more) == 2 * (len(others) - 1)  # a rule and a target for each region but itself and two
    assert unexplained(set(more), MORE_IN_A_HUB) == set()


def test_of_six_regions_the_arguments_differ_only_where_the_lists_say_why(synthesized: Synthesize) -> None:
    deployed = synthesized("six-regions")
    first, second, third, *_, last = deployed.regional
    for one, other in ((first, second), (second, third), (third, last)):
        lists = [DIFFERENT_ARGUMENTS, *([DIFFERENT_IN_A_HUB] if one is not third else [])]
        found = set(differences(one, other))
        assert unexplained(found, *lists) == set(), (one.place, other.place)
        assert (unexplained(found, DIFFERENT_ARGUMENTS) == set()) == (one is third)


def test_two_environments_differ_in_nothing_but_their_suffix(synthesized: Synthesize) -> None:
    dev, copy = synthesized("dev"), synthesized("pr123")
    for place, stack in dev.stacks.items():
        ours = stack.file.read_text(encoding="utf-8").replace("-dev", "-SUFFIX").replace('"dev"', '"SUFFIX"')
        theirs = copy.stacks[place].file.read_text(encoding="utf-8")
        assert json.loads(ours) == json.loads(theirs.replace("-pr123", "-SUFFIX").replace('"pr123"', '"SUFFIX"'))


def test_construct_ids_name_no_environment_region_or_counter_of_regions(dev: Synthesized) -> None:
    for stack in dev.regional:
        for resource in stack.resources:
            assert not re.search(r"dev|prod|us-|east|west|primary|standby", resource.path), resource


@pytest.mark.parametrize("variant", EVERY_SYSTEM)
def test_a_region_refers_to_nothing_outside_its_stack(variant: str, synthesized: Synthesize) -> None:
    for stack in synthesized(variant).regional:
        own = {resource.address for resource in (*stack.resources, *stack.data)}
        assert "terraform_remote_state" not in stack.json.get("data", {})
        assert stack.referred
        assert stack.referred - own == set()
