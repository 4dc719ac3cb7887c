"""The environment is one contract."""

from __future__ import annotations

import dataclasses
import re

import pytest

from functions.orders.settings import Entry, Settings, SettingsError, code_version

COMPLETE = {
    "DEPLOYMENT": "ecommerce",
    "ENVIRONMENT_SUFFIX": "dev",
    "ENTRY": "rest-api",
    "AWS_REGION": "us-west-2",
    "TABLE_NAME": "orders",
    "BUCKET_NAME": "files",
    "ACTIVE_REGION_PARAMETER": "/active",
    "UNAWARE_REGION_PARAMETER": "/unaware",
}


def test_a_complete_environment_is_read() -> None:
    assert Settings.from_environment(COMPLETE) == Settings(
        deployment="ecommerce",
        suffix="dev",
        entry=Entry.REST_API,
        region="us-west-2",
        table="orders",
        bucket="files",
        active_region_parameter="/active",
        unaware_region_parameter="/unaware",
    )


def test_a_store_without_a_variable_is_a_store_that_the_system_does_not_have() -> None:
    required = ("DEPLOYMENT", "ENVIRONMENT_SUFFIX", "ENTRY", "AWS_REGION")
    settings = Settings.from_environment({name: COMPLETE[name] for name in required})
    assert (settings.table, settings.bucket, settings.active_region_parameter) == (None, None, None)
    assert settings.unaware_region_parameter is None


def test_everything_wrong_with_the_environment_is_one_message() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"ENTRY": "nlb", "TABLE_NAME": "", "AWS_REGION": "eu-west-1"})
    assert str(caught.value) == (
        "environment of the orders function: DEPLOYMENT is missing; ENVIRONMENT_SUFFIX is missing; "
        "TABLE_NAME is empty; ENTRY is 'nlb', allowed: alb, rest-api"
    )


def test_settings_are_not_changed_after_they_are_read() -> None:
    settings = Settings.from_environment(COMPLETE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.region = "eu-west-1"  # type: ignore[misc] # the very thing that must fail


def test_the_version_names_the_sources() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", code_version())
    assert code_version() == code_version.__wrapped__()
