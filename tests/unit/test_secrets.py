"""Secrets are never a value: born ephemeral, written and read back write-only."""

from __future__ import annotations

import re

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Json, Synthesized

SECRET_ARGUMENTS = re.compile(r"(^|_)(password|secret_string|auth_token|secret_binary|private_key)$")
EPHEMERAL = re.compile(r"\$\{.*\bephemeral\..*\}")


def arguments(value: Json, key: str = "") -> list[tuple[str, Json]]:
    """List every argument at any depth."""
    match value:
        case dict():
            return [found for name, inner in value.items() for found in [(name, inner), *arguments(inner, name)]]
        case list():
            return [found for inner in value for found in arguments(inner, key)]
    return []


def test_no_argument_that_terraform_stores_holds_a_secret(synthesized: Synthesize) -> None:
    for name in ("dev", "prod", "provisioned", "three-regions", "healthcare-dev", "cache-cluster"):
        for stack in synthesized(name).stacks.values():
            given = [key for key, _value in arguments(stack.json["resource"]) if SECRET_ARGUMENTS.search(key)]
            assert given == [], stack.place


def test_write_only_arguments_hold_ephemeral_references_and_nothing_else(either: Synthesized) -> None:
    found = 0
    for stack in either.stacks.values():
        for key, value in arguments(stack.json["resource"]):
            if key.endswith("_wo"):
                found += 1
                assert EPHEMERAL.fullmatch(value), (stack.place, key)
    assert found == 3  # the writer's password, the master secret, the copy that applications read


def test_every_write_only_argument_has_a_version_to_raise(either: Synthesized) -> None:
    for resource in either.everywhere:
        for key in [key for key in resource if key.endswith("_wo")]:
            assert resource[f"{key}_version"] == 1, resource


def test_the_password_is_born_in_an_ephemeral_block_of_the_primary_region(either: Synthesized) -> None:
    born = either.primary.json["ephemeral"]["aws_secretsmanager_random_password"]["database"]
    assert born["password_length"] == 40
    assert set("/@\"' ") <= set(born["exclude_characters"])
    assert "ephemeral" not in either.standby.json
    assert set(either.world.json["ephemeral"]) == {"aws_secretsmanager_secret_version"}


def test_a_later_apply_reads_the_stored_password_back(either: Synthesized) -> None:
    stored = either.primary.json["ephemeral"]["aws_secretsmanager_secret_version"]["database"]
    assert either.primary.resolve(stored["secret_id"]) == "database-credentials/version.secret_id"
    read_back = either.primary.the("aws_rds_cluster")["master_password_wo"]
    assert read_back == 'jsondecode(ephemeral.aws_secretsmanager_secret_version.database.secret_string)["password"]'


def test_no_output_is_read_from_an_ephemeral_value_or_a_secret_string(either: Synthesized) -> None:
    for stack in either.stacks.values():
        text = str(stack.json["output"])
        assert "ephemeral." not in text
        assert "secret_string" not in text


def test_the_credentials_that_applications_read_are_in_every_region(synthesized: Synthesize) -> None:
    secret = synthesized("three-regions").world.the("aws_secretsmanager_secret")
    assert secret["name"] == "/ecommerce-dev/database/credentials"
    assert [secret.region, *(replica["region"] for replica in secret["replica"])] == [
        "eu-west-1",
        "eu-central-1",
        "eu-north-1",
    ]


def test_parameters_are_plain_and_say_so(either: Synthesized) -> None:
    for parameter in either.all("aws_ssm_parameter"):
        assert parameter["type"] == "String"
        assert "value" not in parameter


def test_the_application_reads_its_own_regions_copy_of_the_credentials(either: Synthesized) -> None:
    for stack in either.regional:
        statement = stack.by_path("service/role/read-credentials").statements()["Read"]
        assert statement["Action"] == "secretsmanager:GetSecretValue"
        name = f"/{either.system.names.prefix}/database/credentials-??????"
        assert statement["Resource"].endswith(f":secretsmanager:{stack.place}:${{account.account_id}}:secret:{name}")


def test_no_credential_of_any_kind_lies_in_a_synthesized_file(either: Synthesized) -> None:
    shapes = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN|(?i:aws_secret_access_key|x-amz-security-token)")
    for file in sorted(either.folder.rglob("*.json")):
        assert shapes.findall(file.read_text(encoding="utf-8")) == [], file.name
