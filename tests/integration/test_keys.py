"""Keys: every region encrypts with a key of its own that it can use alone."""

from __future__ import annotations

from tests.integration.system import Region, System, region_of


def test_the_regions_share_no_key(system: System) -> None:
    keys = {region.text("key_arn"): region.name for region in system.regions}
    assert {arn: region_of(arn) for arn in keys} == keys
    assert len(keys) == len(system.regions)


def test_the_key_is_usable_and_depends_on_no_other_region(region: Region) -> None:
    key = region.aws.kms.describe_key(KeyId=region.text("key_arn"))["KeyMetadata"]
    assert (key["KeyState"], key["KeyManager"], key["KeySpec"]) == ("Enabled", "CUSTOMER", "SYMMETRIC_DEFAULT")
    assert key.get("MultiRegion", False) is False


def test_the_key_rotates_every_year(region: Region) -> None:
    rotation = region.aws.kms.get_key_rotation_status(KeyId=region.text("key_arn"))
    assert rotation["KeyRotationEnabled"] is True
    assert rotation["RotationPeriodInDays"] == 365


def test_the_key_has_an_alias_named_after_the_system(region: Region) -> None:
    aliases = region.aws.kms.list_aliases(KeyId=region.text("key_arn"))["Aliases"]
    prefix = region.text("parameter_prefix").strip("/")
    assert [alias["AliasName"] for alias in aliases] == [f"alias/{prefix}"]
