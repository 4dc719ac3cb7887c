"""Secrets: in every region under the region's own key, and nowhere but in Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.integration.outputs import FLAT, NESTED
from tests.integration.sealed import Sealed, open_credentials
from tests.integration.system import Region, System, region_of

SECRETS = ("database_master_secret_arn", "database_credentials_secret_arn")
UNREADABLE = {"AccessDenied", "NoSuchBucket", "PermanentRedirect"}


@pytest.fixture(params=SECRETS)
def secret_arn(system: System, request: pytest.FixtureRequest) -> str:
    """Give each secret of the outputs in turn."""
    name = str(request.param)
    return (system.primary.outputs if name in system.primary.outputs else system.shared).text(name)


@pytest.fixture
def sealed(system: System, secret_arn: str) -> Sealed:
    """Give each password in turn, in a form that cannot be printed."""
    return open_credentials(system.clients(region_of(secret_arn)), secret_arn).password


def states(system: System) -> Iterator[tuple[str, str]]:
    """Find every version of the system's Terraform states, whatever bucket they are in.

    A state's key starts with the system's name, and that is known from the outputs.
    """
    s3 = system.primary.aws.s3
    for bucket in (found["Name"] for found in s3.list_buckets()["Buckets"]):
        try:
            yield from _states_in(system, bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in UNREADABLE:  # somebody else's bucket in a shared account
                raise


def _states_in(system: System, bucket: str) -> Iterator[tuple[str, str]]:
    s3 = system.primary.aws.s3
    prefix = system.primary.text("parameter_prefix").strip("/")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
        for version in page.get("Versions", []):
            if version["Key"].endswith(".tfstate"):
                answer = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
                with answer["Body"] as body:
                    yield f"{bucket}/{version['Key']}@{version['VersionId']}", body.read().decode()


def test_a_secret_is_encrypted_with_its_regions_own_key(system: System, secret_arn: str) -> None:
    home = system.region(region_of(secret_arn))
    assert home.aws.secrets.describe_secret(SecretId=secret_arn)["KmsKeyId"] == home.text("key_arn")


def test_the_applications_credentials_are_replicated_under_each_regions_own_key(system: System) -> None:
    arn = system.shared.text("database_credentials_secret_arn")
    home = system.region(region_of(arn))
    replicas = home.aws.secrets.describe_secret(SecretId=arn)["ReplicationStatus"]
    assert {replica["Region"]: (replica["Status"], replica["KmsKeyId"]) for replica in replicas} == {
        other.name: ("InSync", other.text("key_arn")) for other in system.others(home)
    }


def test_every_region_reads_the_same_credentials_from_itself(system: System, region: Region) -> None:
    arn = system.shared.text("database_credentials_secret_arn")
    original = open_credentials(system.clients(region_of(arn)), arn)
    own = open_credentials(region.aws, arn.replace(f":{region_of(arn)}:", f":{region.name}:"))
    assert region_of(own.arn) == region.name
    assert (own.username, own.password) == (original.username, original.password)


def test_the_credentials_hold_a_user_and_a_password_and_nothing_else(system: System, secret_arn: str) -> None:
    found = open_credentials(system.clients(region_of(secret_arn)), secret_arn)
    assert found.fields == {"username", "password"}


def test_the_username_is_the_one_that_the_database_was_made_with(system: System, secret_arn: str) -> None:
    if "rotation_function_name" in system.primary.outputs and secret_arn.split(":secret:")[1].count("/credentials"):
        pytest.skip("output rotation_function_name is there: the application has users of its own, see test_rotation")
    found = open_credentials(system.clients(region_of(secret_arn)), secret_arn)
    identifier = system.primary.text("database_cluster_identifier")
    (cluster,) = system.primary.aws.rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    assert found.username == cluster["MasterUsername"]


def test_the_password_was_generated_long(sealed: Sealed) -> None:
    assert sealed.length >= 32


def test_no_password_is_in_an_output(system: System, sealed: Sealed) -> None:
    texts = {name: (system.folder / name).read_text(encoding="utf-8") for name in (NESTED, FLAT)}
    assert [name for name, text in texts.items() if sealed.is_in(text)] == []


def test_no_password_is_in_any_version_of_any_state(system: System, sealed: Sealed) -> None:
    leaks, seen = [], set()
    for place, text in states(system):
        seen |= {region.name for region in system.regions if region.text("vpc_id") in text}
        if sealed.is_in(text):
            leaks.append(place)
    assert leaks == []
    assert seen == {region.name for region in system.regions}, "the state of a region was not found"


def test_no_password_is_in_a_parameter(region: Region, sealed: Sealed) -> None:
    pages = region.aws.ssm.get_paginator("get_parameters_by_path").paginate(
        Path=region.text("parameter_prefix"), Recursive=True
    )
    found = [parameter for page in pages for parameter in page["Parameters"]]
    assert found, f"{region} has no parameter: nothing was looked at"
    assert [parameter["Name"] for parameter in found if sealed.is_in(parameter["Value"])] == []


def test_no_password_is_in_the_functions_settings_or_description(region: Region, sealed: Sealed) -> None:
    function = region.aws.functions.get_function_configuration(FunctionName=region.text("function_name"))
    shown = {name: str(value) for name, value in function.items()}
    assert [name for name, text in shown.items() if sealed.is_in(text)] == []


def test_the_search_finds_a_password_in_every_form_in_which_it_travels() -> None:
    sealed = Sealed("a<b>&c+d=e")
    assert all(
        sealed.is_in(text)
        for text in (
            "password: a<b>&c+d=e.",
            '{"password": "a\\u003cb\\u003e\\u0026c+d=e"}',
            '"{\\"password\\": \\"a\\\\u003cb\\\\u003e\\\\u0026c+d=e\\"}"',
            "<p>a&lt;b&gt;&amp;c+d=e</p>",
            "?password=a%3Cb%3E%26c%2Bd%3De",
            "YTxiPiZjK2Q9ZQ==",
        )
    )
    assert not sealed.is_in("a<b>&c+d=f")
    assert f"{sealed!r} {sealed}" == "<sealed> <sealed>"
