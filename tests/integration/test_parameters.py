"""Parameters: how the application learns where it is, and which region takes writes."""

from __future__ import annotations

from tests.integration.system import ALL_REGIONS, Region, System

OF_STORES = ("bucket/", "cache/", "database/", "table/")


def names(region: Region) -> set[str]:
    prefix = region.text("parameter_prefix")
    pages = region.aws.ssm.get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
    found = {one["Name"].removeprefix(f"{prefix}/") for page in pages for one in page["Parameters"]}
    assert found, f"{region} has no parameter"
    return found


def test_a_region_knows_its_own_name(region: Region) -> None:
    assert region.parameter("region") == region.name


def test_one_region_is_the_primary_and_the_others_stand_by(system: System) -> None:
    roles = {region.name: region.parameter("role") for region in system.regions}
    assert roles == {region.name: "primary" if region is system.primary else "standby" for region in system.regions}


def test_all_regions_agree_on_who_takes_writes(system: System) -> None:
    active = {region.parameter("active-region") for region in system.regions}
    assert len(active) == 1
    assert active <= {ALL_REGIONS, *(region.name for region in system.regions)}


def test_every_region_has_the_same_parameters_but_those_of_stores_that_are_not_there_yet(system: System) -> None:
    expected = names(system.primary)
    missing = {name for name in expected if name.startswith(OF_STORES)} if system.recovers_by_restoring else set()
    assert {region.name: names(region) ^ expected for region in system.regions} == {
        region.name: set() if region is system.primary else missing for region in system.regions
    }


def test_the_hostnames_are_those_of_the_outputs(system: System, region: Region) -> None:
    assert region.parameter("hostname") == system.shared.text("hostname")
    assert region.parameter("regional-hostname") == region.text("regional_hostname")


def test_the_stores_are_those_of_the_region(system: System, region: Region) -> None:
    expected = {f"bucket/{purpose}": bucket for purpose, bucket in region.outputs.named("bucket").items()}
    expected |= {f"table/{purpose}": table for purpose, table in system.shared.named("table").items()}
    assert {name: region.parameter(name) for name in expected} == expected


def test_the_database_endpoints_are_those_of_the_region(region: Region) -> None:
    endpoint, reader = region.text("database_endpoint"), region.text("database_reader_endpoint")
    assert region.parameter("database/endpoint") == endpoint
    assert region.parameter("database/reader-endpoint") == reader
