"""The recovery is real: the standby's database is rebuilt from a copy while the primary answers nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.integration.patients import admit, authorities, read
from tests.integration.system import Region, System
from tests.integration.test_dark_region import dark

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.writes


def back_up(system: System, standby: Region) -> None:
    """Do what the plan does every hour: back the instance up, and copy that to the standby."""
    home, name = system.primary, system.primary.text("instance_identifier")
    vault, role = home.text("backup_vault_name"), home.text("backup_role_arn")
    (instance,) = home.aws.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    point = home.aws.backup.start_backup_job(
        BackupVaultName=vault, ResourceArn=instance["DBInstanceArn"], IamRoleArn=role
    )["RecoveryPointArn"]
    there = standby.aws.backup.describe_backup_vault(BackupVaultName=standby.text("backup_vault_name"))
    home.aws.backup.start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName=vault,
        DestinationBackupVaultArn=there["BackupVaultArn"],
        IamRoleArn=role,
    )


def forget(region: Region) -> None:
    """Delete the recovery points that a test made, so that the vault can be destroyed."""
    vault = region.text("backup_vault_name")
    for point in region.aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"]:
        region.aws.backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point["RecoveryPointArn"])


@pytest.fixture
def standby(system: System) -> Iterator[Region]:
    """The standby of a system that recovers by restoring; nothing of the test stays in it."""
    if system.target.endpoint is None:
        pytest.skip("--target aws: no region of AWS is darkened for a test")
    system.primary.text("instance_endpoint")
    region = system.standbys[0]
    name = region.text("instance_identifier")
    yield region
    with suppress(ClientError):  # it was not restored
        region.aws.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    for each in (system.primary, region):
        forget(each)


def restore(system: System, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, on the AWS that the tests use."""
    deployment, suffix = system.primary.text("parameter_prefix").strip("/").rsplit("-", 1)
    command = [sys.executable, "-m", "lifeboat", "restore", deployment, "--suffix", suffix, "--target", "aws"]
    return subprocess.run(  # noqa: S603 our own command
        [*command, "--outputs", str(system.folder), *options],
        cwd=PROJECT,
        env={**os.environ, "AWS_ENDPOINT_URL": str(system.target.endpoint)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_standby_gets_the_database_back_while_the_primary_is_dark(system: System, standby: Region) -> None:
    authorities(system)
    kept, lost = str(uuid4()), str(uuid4())
    assert admit(system.primary, kept).status == 201
    back_up(system, standby)
    assert admit(system.primary, lost).status == 201
    with dark(system, system.primary.name):
        done = restore(system, "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        (found,) = standby.aws.rds.describe_db_instances(DBInstanceIdentifier=standby.text("instance_identifier"))[
            "DBInstances"
        ]
        rows = read(system, standby, found["Endpoint"]["Address"], "select id::text from patients")
    ids = {row[0] for row in rows}
    assert kept in ids
    assert lost not in ids  # written after the newest copy: that is what an RPO means
    assert f"{found['Endpoint']['Address']}:5432" in done.stdout


def test_what_is_restored_is_closed_encrypted_and_over_two_zones(system: System, standby: Region) -> None:
    back_up(system, standby)
    with dark(system, system.primary.name):
        done = restore(system, "--yes")
        again = restore(system, "--yes")
    assert (done.returncode, again.returncode) == (0, 0), done.stdout + done.stderr + again.stderr
    assert "an earlier run restored it" in again.stdout
    (found,) = standby.aws.rds.describe_db_instances(DBInstanceIdentifier=standby.text("instance_identifier"))[
        "DBInstances"
    ]
    assert (found["KmsKeyId"], found["MultiAZ"]) == (standby.text("key_arn"), True)
    assert found["PubliclyAccessible"] is False
    assert [one["DBParameterGroupName"] for one in found["DBParameterGroups"]] == [
        standby.text("instance_parameter_group_name")
    ]


def test_without_a_copy_nothing_is_restored_and_the_message_says_so(system: System, standby: Region) -> None:
    done = restore(system, "--yes")
    assert done.returncode == 1
    assert f"the vault has no recovery point of {standby.text('instance_identifier')}" in done.stderr
